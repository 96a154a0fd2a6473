# safe beside the previous release: the triggers let through one change more than before, and no write of the previous release less
# ruff: noqa: S608 - the statements are put together from names written here
"""The database lets an entry be forgotten, and nothing else; seals it guards like entries.

A salt may be taken away and never put back.  Once it is gone, and only then,
what it hid may go too: the actor becomes NULL, a person as subject becomes
empty, a personal fact disappears.  New entries are put in line for sealing.
"""

from django.db import migrations

from civic.core.statements import EachDatabase

ENTRY_KEPT = ("id", "type", "subject_type", "at", "recorded_at", "channel")
SEALED_KEPT = ("entry_id", "seal_id", "position", "digest", "office", "place")


def _same_sqlite(columns):
    return " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in columns)


def _gone_sqlite(part):
    """The part was committed to and its salt is gone."""
    sealed = "civic_audit_sealedentry s"
    return f"""EXISTS (SELECT 1 FROM {sealed} WHERE s.entry_id = OLD.id
        AND EXISTS (SELECT 1 FROM json_each(s.commitments) WHERE key = {part})
        AND NOT EXISTS (SELECT 1 FROM json_each(s.salts) WHERE key = {part}))"""


def _subset_sqlite(column):
    """What is left is as it was."""
    return f"""NOT EXISTS (SELECT 1 FROM json_each(NEW.{column}) n WHERE NOT EXISTS (
        SELECT 1 FROM json_each(OLD.{column}) o WHERE o.key = n.key AND o.type = n.type AND o.value IS n.value))"""


def _refuse_sqlite(name, table, event, unless=None):
    when = f"WHEN NOT ({unless})" if unless else ""
    return f"""CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {when}
        BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"""


FORGETS_SQLITE = f"""{_same_sqlite(ENTRY_KEPT)}
    AND (NEW.actor_id IS OLD.actor_id OR (NEW.actor_id IS NULL AND {_gone_sqlite("'actor'")}))
    AND (NEW.subject_id IS OLD.subject_id OR (NEW.subject_id = '' AND {_gone_sqlite("'subject'")}))
    AND {_subset_sqlite("facts")}
    AND NOT EXISTS (SELECT 1 FROM json_each(OLD.facts) o
        WHERE NOT EXISTS (SELECT 1 FROM json_each(NEW.facts) n WHERE n.key = o.key)
        AND NOT {_gone_sqlite("'fact:' || o.key")})"""

SQLITE = [
    _refuse_sqlite("only_forget", "civic_audit_entry", "UPDATE", FORGETS_SQLITE),
    _refuse_sqlite(
        "only_forget", "civic_audit_sealedentry", "UPDATE",
        f"{_same_sqlite((*SEALED_KEPT, 'commitments'))} AND {_subset_sqlite('salts')}",
    ),
    _refuse_sqlite("no_delete", "civic_audit_sealedentry", "DELETE"),
    _refuse_sqlite("no_update", "civic_audit_seal", "UPDATE"),
    _refuse_sqlite("no_delete", "civic_audit_seal", "DELETE"),
    """CREATE TRIGGER civic_audit_entry_waits AFTER INSERT ON civic_audit_entry
        BEGIN INSERT INTO civic_audit_unsealed (entry_id) VALUES (NEW.id); END""",
]  # fmt: skip
SQLITE_UNDO = [
    "DROP TRIGGER civic_audit_entry_only_forget",
    "DROP TRIGGER civic_audit_sealedentry_only_forget",
    "DROP TRIGGER civic_audit_sealedentry_no_delete",
    "DROP TRIGGER civic_audit_seal_no_update",
    "DROP TRIGGER civic_audit_seal_no_delete",
    "DROP TRIGGER civic_audit_entry_waits",
]
SQLITE_BEFORE = """CREATE TRIGGER civic_audit_entry_no_update BEFORE UPDATE ON civic_audit_entry
    BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"""


def _same_postgresql(columns):
    old, new = (", ".join(f'{row}."{name}"' for name in columns) for row in ("OLD", "NEW"))
    return f"ROW({new}) IS NOT DISTINCT FROM ROW({old})"


def _subset_postgresql(column):
    return f"""NOT EXISTS (SELECT 1 FROM jsonb_each(NEW.{column}) n
        WHERE OLD.{column} -> n.key IS DISTINCT FROM n.value)"""


POSTGRESQL = [
    f"""CREATE FUNCTION civic_audit_only_forget() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE gone text[];
        BEGIN
            SELECT COALESCE(array_agg(part), '{{}}') INTO gone
                FROM civic_audit_sealedentry s, jsonb_object_keys(s.commitments) part
                WHERE s.entry_id = OLD.id AND s.salts -> part IS NULL;
            IF {_same_postgresql(ENTRY_KEPT)}
                AND (NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id
                    OR (NEW.actor_id IS NULL AND 'actor' = ANY (gone)))
                AND (NEW.subject_id = OLD.subject_id OR (NEW.subject_id = '' AND 'subject' = ANY (gone)))
                AND {_subset_postgresql("facts")}
                AND NOT EXISTS (SELECT 1 FROM jsonb_object_keys(OLD.facts) k
                    WHERE NEW.facts -> k IS NULL AND NOT ('fact:' || k) = ANY (gone))
            THEN RETURN NEW; END IF;
            RAISE EXCEPTION 'audit entries are append-only';
        END $$""",
    f"""CREATE FUNCTION civic_audit_only_lose_salts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {_same_postgresql((*SEALED_KEPT, "commitments"))} AND {_subset_postgresql("salts")}
            THEN RETURN NEW; END IF;
            RAISE EXCEPTION 'audit entries are append-only';
        END $$""",
    """CREATE FUNCTION civic_audit_wait() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO civic_audit_unsealed (entry_id) VALUES (NEW.id); RETURN NULL; END $$""",
    """CREATE TRIGGER civic_audit_entry_only_forget BEFORE UPDATE ON civic_audit_entry
        FOR EACH ROW EXECUTE FUNCTION civic_audit_only_forget()""",
    """CREATE TRIGGER civic_audit_entry_no_delete BEFORE DELETE ON civic_audit_entry
        FOR EACH ROW EXECUTE FUNCTION civic_audit_refuse()""",
    """CREATE TRIGGER civic_audit_entry_waits AFTER INSERT ON civic_audit_entry
        FOR EACH ROW EXECUTE FUNCTION civic_audit_wait()""",
    """CREATE TRIGGER civic_audit_sealedentry_only_forget BEFORE UPDATE ON civic_audit_sealedentry
        FOR EACH ROW EXECUTE FUNCTION civic_audit_only_lose_salts()""",
    """CREATE TRIGGER civic_audit_sealedentry_no_delete BEFORE DELETE ON civic_audit_sealedentry
        FOR EACH ROW EXECUTE FUNCTION civic_audit_refuse()""",
    """CREATE TRIGGER civic_audit_seal_no_change BEFORE UPDATE OR DELETE ON civic_audit_seal
        FOR EACH ROW EXECUTE FUNCTION civic_audit_refuse()""",
]
POSTGRESQL_UNDO = [
    "DROP TRIGGER civic_audit_seal_no_change ON civic_audit_seal",
    "DROP TRIGGER civic_audit_sealedentry_no_delete ON civic_audit_sealedentry",
    "DROP TRIGGER civic_audit_sealedentry_only_forget ON civic_audit_sealedentry",
    "DROP TRIGGER civic_audit_entry_waits ON civic_audit_entry",
    "DROP TRIGGER civic_audit_entry_no_delete ON civic_audit_entry",
    "DROP TRIGGER civic_audit_entry_only_forget ON civic_audit_entry",
    "DROP FUNCTION civic_audit_wait()",
    "DROP FUNCTION civic_audit_only_lose_salts()",
    "DROP FUNCTION civic_audit_only_forget()",
]
POSTGRESQL_BEFORE = """CREATE TRIGGER civic_audit_entry_no_change BEFORE UPDATE OR DELETE ON civic_audit_entry
    FOR EACH ROW EXECUTE FUNCTION civic_audit_refuse()"""

# What was recorded before there were seals is sealed first.
CATCH_UP = "INSERT INTO civic_audit_unsealed (entry_id) SELECT id FROM civic_audit_entry"

FORWARD = {
    "sqlite": ["DROP TRIGGER civic_audit_entry_no_update", *SQLITE, CATCH_UP],
    "postgresql": ["DROP TRIGGER civic_audit_entry_no_change ON civic_audit_entry", *POSTGRESQL, CATCH_UP],
}
BACKWARD = {
    "sqlite": [*SQLITE_UNDO, SQLITE_BEFORE],
    "postgresql": [*POSTGRESQL_UNDO, POSTGRESQL_BEFORE],
}


class Migration(migrations.Migration):
    dependencies = [("civic_audit", "0004_seals")]
    operations = [EachDatabase(FORWARD, undo=BACKWARD)]
