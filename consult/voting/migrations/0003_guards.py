"""The database itself keeps the box: append-only, open in its hours only, frozen rules, a chain nobody rewrites."""

# ruff: noqa: S608
from django.db import migrations

from civic.core.statements import EachDatabase

# safe beside the previous release: it writes none of these tables

FROZEN = (
    "slug", "preset", "title", "title_en", "question", "question_en", "place_id", "sponsor_id", "consultation_id",
    "opens_at", "closes_at", "paper_until", "method", "counting", "roll_rule", "secrecy", "grade", "results_hidden",
    "may_replace", "random_order", "rules", "rules_hash", "roll_size", "roll_by_place",
)  # fmt: skip
PREPARED = "('draft', 'announced')"

# Only the owner's own function, called for one poll, may take rows out and put them back.
OWNERS = """current_setting('gongyi.rewriting', true) <> ''
            AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)"""


def _refusing(room):
    return [
        f"""CREATE FUNCTION {room}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF TG_OP = 'DELETE' AND {OWNERS} THEN RETURN NULL; END IF;
              RAISE EXCEPTION '{room} is append-only'; END $$"""
    ]


def _append_only(room, table):
    return [
        f"""CREATE TRIGGER {room}_{table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {room}.{table}
            FOR EACH STATEMENT EXECUTE FUNCTION {room}.refuse()"""
    ]


POSTGRESQL = [
    *_refusing("ballot_roll"),
    *_append_only("ballot_roll", "entry"),
    *_append_only("ballot_roll", "mark"),
    *_refusing("ballot_box"),
    *_append_only("ballot_box", "hours"),
    *_append_only("ballot_box", "seal"),
    *_append_only("ballot_box", "ballot"),
    *_append_only("ballot_box", "placing"),
    """CREATE FUNCTION ballot_roll.only_those_on_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NOT EXISTS (SELECT FROM ballot_roll.entry WHERE poll_id = NEW.poll_id AND person_id = NEW.person_id) THEN
           RAISE EXCEPTION 'only_those_on_the_roll' USING ERRCODE = 'check_violation';
         END IF;
         RETURN NEW; END $$""",
    """CREATE TRIGGER ballot_roll_mark_only_those_on_it BEFORE INSERT ON ballot_roll.mark
       FOR EACH ROW EXECUTE FUNCTION ballot_roll.only_those_on_it()""",
    f"""CREATE FUNCTION ballot_box.only_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          moment timestamptz := coalesce(nullif(current_setting('gongyi.at', true), '')::timestamptz, clock_timestamp());
        BEGIN
          IF {OWNERS} THEN RETURN NEW; END IF;
          IF EXISTS (SELECT FROM ballot_box.seal WHERE poll = NEW.poll) OR NOT EXISTS (
               SELECT FROM ballot_box.hours WHERE poll = NEW.poll AND opens_at <= moment
               AND moment < CASE WHEN NEW."group" IN ('paper', 'meeting') THEN seals_at ELSE closes_at END) THEN
            RAISE EXCEPTION 'ballot_in_time' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW; END $$""",
    """CREATE TRIGGER ballot_box_ballot_only_in_time BEFORE INSERT ON ballot_box.ballot
       FOR EACH ROW EXECUTE FUNCTION ballot_box.only_in_time()""",
    """CREATE FUNCTION ballot_box.shuffle(which bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
       SET search_path = pg_catalog, pg_temp AS $$ BEGIN
         IF NOT EXISTS (SELECT FROM ballot_box.seal WHERE poll = which) THEN
           RAISE EXCEPTION 'only a sealed box is rewritten'; END IF;
         PERFORM set_config('gongyi.rewriting', which::text, true);
         WITH gone AS (DELETE FROM ballot_box.ballot WHERE poll = which RETURNING *)
           INSERT INTO ballot_box.ballot (id, poll, content, token_hash, turn, commitment, "group")
           SELECT gen_random_uuid(), poll, content, token_hash, turn, commitment, "group" FROM gone ORDER BY random();
         PERFORM set_config('gongyi.rewriting', '', true); END $$""",
    """CREATE FUNCTION ballot_roll.shuffle(which bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
       SET search_path = pg_catalog, pg_temp AS $$ BEGIN
         PERFORM set_config('gongyi.rewriting', which::text, true);
         WITH gone AS (DELETE FROM ballot_roll.mark WHERE poll_id = which RETURNING *)
           INSERT INTO ballot_roll.mark (id, poll_id, person_id, voted_on, channel, assisted)
           SELECT gen_random_uuid(), poll_id, person_id, voted_on, channel, assisted FROM gone ORDER BY random();
         PERFORM set_config('gongyi.rewriting', '', true); END $$""",
    """CREATE FUNCTION consult_voting_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'what a poll was opened with is never changed'; END $$""",
    "CREATE TRIGGER consult_voting_poll_is_frozen BEFORE UPDATE ON consult_voting_poll FOR EACH ROW WHEN ("
    f" OLD.state NOT IN {PREPARED} AND (NEW.state IN {PREPARED} OR ("
    + ", ".join(f"OLD.{name}" for name in FROZEN)
    + ") IS DISTINCT FROM ("
    + ", ".join(f"NEW.{name}" for name in FROZEN)
    + ") OR (OLD.result_hash <> '' AND (OLD.result_hash, OLD.result) IS DISTINCT FROM (NEW.result_hash, NEW.result))))"
    " EXECUTE FUNCTION consult_voting_refuse()",
    """CREATE TRIGGER consult_voting_poll_no_delete BEFORE DELETE ON consult_voting_poll FOR EACH ROW
       WHEN (OLD.state <> 'draft') EXECUTE FUNCTION consult_voting_refuse()""",
    f"""CREATE FUNCTION consult_voting_keep_choices() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE row record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        BEGIN
          IF EXISTS (SELECT FROM consult_voting_poll WHERE id = row.poll_id AND state NOT IN {PREPARED}) THEN
            RAISE EXCEPTION 'what a poll was opened with is never changed'; END IF;
          RETURN row; END $$""",
    """CREATE TRIGGER consult_voting_choice_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON consult_voting_choice
       FOR EACH ROW EXECUTE FUNCTION consult_voting_keep_choices()""",
    """CREATE TRIGGER consult_voting_bulletinentry_no_change BEFORE UPDATE OR DELETE ON consult_voting_bulletinentry
       FOR EACH ROW EXECUTE FUNCTION consult_voting_refuse()""",
]

# gongyi_rewriting() and gongyi_at() are given to every connection of ours: nobody else's client can write at all.
NOW = "coalesce(gongyi_at(), strftime('%Y-%m-%d %H:%M:%f', 'now') || '999')"


def _guarded(room, table, *, shuffled=False):
    unless = "WHEN gongyi_rewriting() = 0 " if shuffled else ""
    return [
        f"""CREATE TRIGGER {room}.{room}_{table}_no_update BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{room} is append-only'); END""",
        f"""CREATE TRIGGER {room}.{room}_{table}_no_delete BEFORE DELETE ON {table} {unless}
            BEGIN SELECT RAISE(ABORT, '{room} is append-only'); END""",
    ]


SQLITE = [
    *_guarded("ballot_roll", "entry"),
    *_guarded("ballot_roll", "mark", shuffled=True),
    *_guarded("ballot_box", "hours"),
    *_guarded("ballot_box", "seal"),
    *_guarded("ballot_box", "ballot", shuffled=True),
    *_guarded("ballot_box", "placing"),
    """CREATE TRIGGER ballot_roll.ballot_roll_mark_only_those_on_it BEFORE INSERT ON mark
       WHEN NOT EXISTS (SELECT 1 FROM entry WHERE poll_id = NEW.poll_id AND person_id = NEW.person_id)
       BEGIN SELECT RAISE(ABORT, 'only_those_on_the_roll'); END""",
    f"""CREATE TRIGGER ballot_box.ballot_box_ballot_only_in_time BEFORE INSERT ON ballot
        WHEN gongyi_rewriting() = 0 AND (EXISTS (SELECT 1 FROM seal WHERE poll = NEW.poll) OR NOT EXISTS (
          SELECT 1 FROM hours WHERE poll = NEW.poll AND opens_at <= {NOW}
          AND {NOW} < CASE WHEN NEW."group" IN ('paper', 'meeting') THEN seals_at ELSE closes_at END))
        BEGIN SELECT RAISE(ABORT, 'ballot_in_time'); END""",
    f"CREATE TRIGGER consult_voting_poll_is_frozen BEFORE UPDATE ON consult_voting_poll WHEN OLD.state NOT IN {PREPARED}"
    f" AND (NEW.state IN {PREPARED} OR "
    + " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FROZEN)
    + " OR (OLD.result_hash <> '' AND (OLD.result_hash IS NOT NEW.result_hash OR OLD.result IS NOT NEW.result)))"
    " BEGIN SELECT RAISE(ABORT, 'what a poll was opened with is never changed'); END",
    """CREATE TRIGGER consult_voting_poll_no_delete BEFORE DELETE ON consult_voting_poll WHEN OLD.state <> 'draft'
       BEGIN SELECT RAISE(ABORT, 'what a poll was opened with is never changed'); END""",
    *(
        f"""CREATE TRIGGER consult_voting_choice_no_{deed} BEFORE {deed.upper()} ON consult_voting_choice
            WHEN EXISTS (SELECT 1 FROM consult_voting_poll
                         WHERE id = {"OLD" if deed == "delete" else "NEW"}.poll_id AND state NOT IN {PREPARED})
            BEGIN SELECT RAISE(ABORT, 'what a poll was opened with is never changed'); END"""
        for deed in ("insert", "update", "delete")
    ),
    *(
        f"""CREATE TRIGGER consult_voting_bulletinentry_no_{deed} BEFORE {deed.upper()} ON consult_voting_bulletinentry
            BEGIN SELECT RAISE(ABORT, 'the chain is append-only'); END"""
        for deed in ("update", "delete")
    ),
]
UNDO = {
    "postgresql": [
        "DROP TRIGGER consult_voting_bulletinentry_no_change ON consult_voting_bulletinentry",
        "DROP TRIGGER consult_voting_choice_is_frozen ON consult_voting_choice",
        "DROP TRIGGER consult_voting_poll_no_delete ON consult_voting_poll",
        "DROP TRIGGER consult_voting_poll_is_frozen ON consult_voting_poll",
        "DROP FUNCTION consult_voting_keep_choices()",
        "DROP FUNCTION consult_voting_refuse()",
        "DROP FUNCTION ballot_roll.only_those_on_it() CASCADE",
        "DROP FUNCTION ballot_roll.refuse() CASCADE",
        "DROP FUNCTION ballot_roll.shuffle(bigint)",
        "DROP FUNCTION ballot_box.only_in_time() CASCADE",
        "DROP FUNCTION ballot_box.refuse() CASCADE",
        "DROP FUNCTION ballot_box.shuffle(bigint)",
    ],
    "sqlite": [f"DROP TRIGGER {each.split('TRIGGER ')[1].split(' ')[0]}" for each in SQLITE],
}


class Migration(migrations.Migration):
    dependencies = [("consult_voting", "0002_roll_and_box")]
    operations = [EachDatabase({"postgresql": POSTGRESQL, "sqlite": SQLITE}, undo=UNDO)]
