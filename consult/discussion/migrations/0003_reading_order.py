from django.db import migrations, models
from django.db.models.functions import Coalesce, NullIf


class Migration(migrations.Migration):
    dependencies = [
        ("consult_discussion", "0002_erased_words"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                models.F("root"),
                Coalesce(NullIf("parent_id", "root_id"), "id"),
                models.F("depth"),
                models.F("created_at"),
                models.F("id"),
                name="contribution_reading_order",
            ),
        ),
        migrations.RemoveIndex(
            model_name="contribution",
            name="contribution_thread",
        ),
    ]
