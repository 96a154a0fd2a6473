# safe beside the previous release: it refuses only what would be written in the name of a deleted account
# ruff: noqa: S608 - the statements are put together from names written here
"""Nothing is written any more in the name of somebody who was erased, nor an address kept for them.

A page sent in another window at that moment was asked by an account that still
was.  Whoever writes holds the person's row until the end, so that either the
words are there when the account is erased, and go, or they are refused.
"""

from django.db import migrations

from civic.core.statements import EachDatabase

TABLES = {"civic_audit_entry": "actor_id", "account_emailaddress": "user_id"}

SQLITE = [
    f"""CREATE TRIGGER {table}_of_nobody_gone BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM civic_people_person p WHERE p.id = NEW.{column} AND p.erased_at IS NOT NULL)
        BEGIN SELECT RAISE(ABORT, 'nobody_gone_writes'); END"""
    for table, column in TABLES.items()
]
# The column's name is the trigger's argument: tables of upper parts use the same function.
FUNCTION = """CREATE FUNCTION civic_people_nobody_gone() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE gone timestamptz;
    BEGIN
        SELECT erased_at INTO gone FROM civic_people_person
            WHERE id = (to_jsonb(NEW) ->> TG_ARGV[0])::bigint FOR KEY SHARE;
        IF gone IS NOT NULL THEN
            RAISE EXCEPTION 'nobody_gone_writes'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nobody_gone_writes';
        END IF;
        RETURN NEW;
    END $$"""
POSTGRESQL = [
    FUNCTION,
    *(
        f"""CREATE TRIGGER {table}_of_nobody_gone BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION civic_people_nobody_gone('{column}')"""
        for table, column in TABLES.items()
    ),
]
UNDO_SQLITE = [f"DROP TRIGGER {table}_of_nobody_gone" for table in TABLES]
UNDO_POSTGRESQL = [
    *(f"DROP TRIGGER {table}_of_nobody_gone ON {table}" for table in TABLES),
    "DROP FUNCTION civic_people_nobody_gone()",
]


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("civic_audit", "0005_forgetting_triggers"),
        ("civic_people", "0003_forgetting_a_person"),
    ]
    operations = [
        EachDatabase(
            {"sqlite": SQLITE, "postgresql": POSTGRESQL}, undo={"sqlite": UNDO_SQLITE, "postgresql": UNDO_POSTGRESQL}
        )
    ]
