# safe beside the previous release: it refuses only a draft of a deleted account
# ruff: noqa: S608 - the statements are put together from names written here
"""No draft is kept for somebody who was erased: what is typed in another window at that moment is lost."""

from django.db import migrations

from civic.core.statements import EachDatabase

TABLE = "consult_discussion_draft"
SQLITE = f"""CREATE TRIGGER {TABLE}_of_nobody_gone BEFORE INSERT ON {TABLE}
    WHEN EXISTS (SELECT 1 FROM civic_people_person p WHERE p.id = NEW.person_id AND p.erased_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'nobody_gone_writes'); END"""
POSTGRESQL = f"""CREATE TRIGGER {TABLE}_of_nobody_gone BEFORE INSERT ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION civic_people_nobody_gone('person_id')"""


class Migration(migrations.Migration):
    dependencies = [
        ("civic_people", "0004_gone_people_write_nothing"),
        ("consult_discussion", "0003_reading_order"),
    ]
    operations = [
        EachDatabase(
            {"sqlite": [SQLITE], "postgresql": [POSTGRESQL]},
            undo={
                "sqlite": [f"DROP TRIGGER {TABLE}_of_nobody_gone"],
                "postgresql": [f"DROP TRIGGER {TABLE}_of_nobody_gone ON {TABLE}"],
            },
        )
    ]
