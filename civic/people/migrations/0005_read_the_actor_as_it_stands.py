# safe beside the previous release: the same function refuses the same rows, and only reads one column another way
"""An entry is written with every act: who acts is read from its column, not from the whole row turned into JSON."""

from django.db import migrations

from civic.core.statements import EachDatabase

FUNCTION = """CREATE OR REPLACE FUNCTION civic_people_nobody_gone() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE who bigint; gone timestamptz;
    BEGIN
        IF TG_ARGV[0] = 'actor_id' THEN who := NEW.actor_id;
        ELSE who := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
        END IF;
        SELECT erased_at INTO gone FROM civic_people_person WHERE id = who FOR KEY SHARE;
        IF gone IS NOT NULL THEN
            RAISE EXCEPTION 'nobody_gone_writes'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nobody_gone_writes';
        END IF;
        RETURN NEW;
    END $$"""
BEFORE = """CREATE OR REPLACE FUNCTION civic_people_nobody_gone() RETURNS trigger LANGUAGE plpgsql AS $$
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


class Migration(migrations.Migration):
    dependencies = [("civic_people", "0004_gone_people_write_nothing")]
    operations = [EachDatabase({"postgresql": [FUNCTION]}, undo={"postgresql": [BEFORE]})]
