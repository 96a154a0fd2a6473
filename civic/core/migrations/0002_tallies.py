# safe beside the previous release: it only changes how a table made one step earlier is kept
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_no_journal(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Counts of minutes and hours need not survive a crash, and no request should wait for the disk to have them.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE "civic_core_tally" SET UNLOGGED')


class Migration(migrations.Migration):
    dependencies = [("civic_core", "0001_changes")]
    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("window", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(keep_no_journal, migrations.RunPython.noop),
    ]
