"""Writing a sealed box anew forgets by which way a ballot came: the roll says who took one that few took."""

from django.db import migrations

from civic.core.statements import EachDatabase

# safe beside the previous release: it calls the same function, and reads the groups of a box before it is sealed only

SHUFFLE = """CREATE OR REPLACE FUNCTION ballot_box.shuffle(which bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM ballot_box.seal WHERE poll = which) THEN
      RAISE EXCEPTION 'only a sealed box is rewritten'; END IF;
    PERFORM set_config('gongyi.rewriting', which::text, true);
    WITH gone AS (DELETE FROM ballot_box.ballot WHERE poll = which RETURNING *)
      INSERT INTO ballot_box.ballot (id, poll, content, token_hash, turn, commitment, "group")
      SELECT gen_random_uuid(), poll, content, token_hash, turn, commitment, {group} FROM gone ORDER BY random();
    PERFORM set_config('gongyi.rewriting', '', true); END $$"""
FORGETTING, KEEPING = """CASE "group" WHEN 'paper' THEN 'paper' ELSE 'web' END""", '"group"'


class Migration(migrations.Migration):
    dependencies = [("consult_voting", "0007_observing")]
    # The embedded database has no functions: closing.py does it there.
    operations = [
        EachDatabase(
            {"postgresql": [SHUFFLE.format(group=FORGETTING)]}, undo={"postgresql": [SHUFFLE.format(group=KEEPING)]}
        )
    ]
