"""The database itself refuses to change or delete an audit entry."""

from django.db import migrations

from civic.core.statements import EachDatabase

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


class Migration(migrations.Migration):
    dependencies = [("civic_audit", "0002_initial")]
    operations = [EachDatabase({"postgresql": POSTGRESQL, "sqlite": SQLITE}, undo=UNDO)]
