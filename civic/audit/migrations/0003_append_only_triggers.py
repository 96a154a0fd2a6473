"""The database itself refuses to change or delete an audit entry."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER civic_audit_entry_no_update BEFORE UPDATE ON civic_audit_entry
       BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END""",
    """CREATE TRIGGER civic_audit_entry_no_delete BEFORE DELETE ON civic_audit_entry
       BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END""",
]
POSTGRESQL = [
    """CREATE FUNCTION civic_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$""",
    """CREATE TRIGGER civic_audit_entry_no_change BEFORE UPDATE OR DELETE ON civic_audit_entry
       FOR EACH ROW EXECUTE FUNCTION civic_audit_refuse()""",
]
UNDO = {
    "sqlite": ["DROP TRIGGER civic_audit_entry_no_update", "DROP TRIGGER civic_audit_entry_no_delete"],
    "postgresql": [
        "DROP TRIGGER civic_audit_entry_no_change ON civic_audit_entry",
        "DROP FUNCTION civic_audit_refuse()",
    ],
}


def create(apps, schema_editor):
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("civic_audit", "0002_initial")]
    operations = [migrations.RunPython(create, drop)]
