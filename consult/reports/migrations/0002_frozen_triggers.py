"""The database itself refuses to change or delete a result."""

from django.db import migrations

from civic.core.statements import EachDatabase

SQLITE = [
    """CREATE TRIGGER consult_reports_report_no_update BEFORE UPDATE ON consult_reports_report
       BEGIN SELECT RAISE(ABORT, 'results are frozen'); END""",
    """CREATE TRIGGER consult_reports_report_no_delete BEFORE DELETE ON consult_reports_report
       BEGIN SELECT RAISE(ABORT, 'results are frozen'); END""",
]
POSTGRESQL = [
    """CREATE FUNCTION consult_reports_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'results are frozen'; END $$""",
    """CREATE TRIGGER consult_reports_report_no_change BEFORE UPDATE OR DELETE ON consult_reports_report
       FOR EACH ROW EXECUTE FUNCTION consult_reports_refuse()""",
]
UNDO = {
    "sqlite": ["DROP TRIGGER consult_reports_report_no_update", "DROP TRIGGER consult_reports_report_no_delete"],
    "postgresql": [
        "DROP TRIGGER consult_reports_report_no_change ON consult_reports_report",
        "DROP FUNCTION consult_reports_refuse()",
    ],
}


class Migration(migrations.Migration):
    dependencies = [("consult_reports", "0001_initial")]
    operations = [EachDatabase({"postgresql": POSTGRESQL, "sqlite": SQLITE}, undo=UNDO)]
