"""Writing a sealed box anew forgets by which way a ballot came: the roll says who took one that few took."""

from django.db import migrations

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


def _replace(schema_editor, group):
    if schema_editor.connection.vendor == "postgresql":  # the embedded database has no functions: closing.py
        schema_editor.execute(SHUFFLE.format(group=group), params=None)


def forget(apps, schema_editor):
    _replace(schema_editor, FORGETTING)


def keep(apps, schema_editor):
    _replace(schema_editor, KEEPING)


class Migration(migrations.Migration):
    dependencies = [("consult_voting", "0007_observing")]
    operations = [migrations.RunPython(forget, keep)]
