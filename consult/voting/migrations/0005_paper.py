"""Paper ballots: packs in the main database; slips and what was keyed from them in the ballot box, by its rules."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from civic.core.statements import EachDatabase

# safe beside the previous release: it knows none of these tables, and its shuffling leaves them alone

OWNERS = """current_setting('gongyi.rewriting', true) <> ''
            AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)"""
POSTGRESQL = [
    """CREATE TABLE ballot_box.slip (
         id uuid PRIMARY KEY, poll bigint NOT NULL, pack bigint NOT NULL, number integer NOT NULL CHECK (number > 0),
         code_hash varchar(64) NOT NULL CONSTRAINT one_slip_per_code UNIQUE,
         token_hash varchar(64) NOT NULL CONSTRAINT one_slip_per_receipt UNIQUE,
         CONSTRAINT one_slip_per_number UNIQUE (poll, number))""",
    """CREATE TABLE ballot_box.keying (
         id uuid PRIMARY KEY, poll bigint NOT NULL, slip uuid NOT NULL, turn smallint NOT NULL CHECK (turn BETWEEN 1 AND 3),
         content text NOT NULL, keyed_by_id bigint NOT NULL,
         CONSTRAINT one_keying_per_turn UNIQUE (slip, turn),
         CONSTRAINT one_keying_per_person UNIQUE (slip, keyed_by_id))""",
    "CREATE INDEX keying_by_poll ON ballot_box.keying (poll, turn)",
    "CREATE INDEX keying_by_person ON ballot_box.keying (keyed_by_id)",
    *(
        f"""CREATE TRIGGER ballot_box_{table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ballot_box.{table}
            FOR EACH STATEMENT EXECUTE FUNCTION ballot_box.refuse()"""
        for table in ("slip", "keying")
    ),
    f"""CREATE FUNCTION ballot_box.keyed_in_time() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF {OWNERS} THEN RETURN NEW; END IF;
          IF EXISTS (SELECT FROM ballot_box.seal WHERE poll = NEW.poll) THEN
            RAISE EXCEPTION 'keyed_in_time' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW; END $$""",
    """CREATE TRIGGER ballot_box_keying_only_in_time BEFORE INSERT ON ballot_box.keying
       FOR EACH ROW EXECUTE FUNCTION ballot_box.keyed_in_time()""",
    """CREATE FUNCTION ballot_box.shuffle_keyings(which bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
       SET search_path = pg_catalog, pg_temp AS $$ BEGIN
         IF NOT EXISTS (SELECT FROM ballot_box.seal WHERE poll = which) THEN
           RAISE EXCEPTION 'only a sealed box is rewritten'; END IF;
         PERFORM set_config('gongyi.rewriting', which::text, true);
         WITH gone AS (DELETE FROM ballot_box.keying WHERE poll = which RETURNING *)
           INSERT INTO ballot_box.keying (id, poll, slip, turn, content, keyed_by_id)
           SELECT gen_random_uuid(), poll, slip, turn, content, keyed_by_id FROM gone ORDER BY random();
         PERFORM set_config('gongyi.rewriting', '', true); END $$""",
]
SQLITE = [
    """CREATE TABLE ballot_box.slip (
         id char(32) PRIMARY KEY, poll bigint NOT NULL, pack bigint NOT NULL, number integer NOT NULL CHECK (number > 0),
         code_hash varchar(64) NOT NULL CONSTRAINT one_slip_per_code UNIQUE,
         token_hash varchar(64) NOT NULL CONSTRAINT one_slip_per_receipt UNIQUE,
         CONSTRAINT one_slip_per_number UNIQUE (poll, number)) WITHOUT ROWID""",
    """CREATE TABLE ballot_box.keying (
         id char(32) PRIMARY KEY, poll bigint NOT NULL, slip char(32) NOT NULL,
         turn smallint NOT NULL CHECK (turn BETWEEN 1 AND 3), content text NOT NULL, keyed_by_id bigint NOT NULL,
         CONSTRAINT one_keying_per_turn UNIQUE (slip, turn),
         CONSTRAINT one_keying_per_person UNIQUE (slip, keyed_by_id)) WITHOUT ROWID""",
    "CREATE INDEX ballot_box.keying_by_poll ON keying (poll, turn)",
    "CREATE INDEX ballot_box.keying_by_person ON keying (keyed_by_id)",
    *(
        f"""CREATE TRIGGER ballot_box.ballot_box_{table}_no_{deed} BEFORE {deed.upper()} ON {table}
            {"WHEN gongyi_rewriting() = 0" if (table, deed) == ("keying", "delete") else ""}
            BEGIN SELECT RAISE(ABORT, 'ballot_box is append-only'); END"""
        for table in ("slip", "keying")
        for deed in ("update", "delete")
    ),
    """CREATE TRIGGER ballot_box.ballot_box_keying_only_in_time BEFORE INSERT ON keying
       WHEN gongyi_rewriting() = 0 AND EXISTS (SELECT 1 FROM seal WHERE poll = NEW.poll)
       BEGIN SELECT RAISE(ABORT, 'keyed_in_time'); END""",
]
UNDO = {
    "postgresql": [
        "DROP TABLE ballot_box.keying",
        "DROP TABLE ballot_box.slip",
        "DROP FUNCTION ballot_box.keyed_in_time()",
        "DROP FUNCTION ballot_box.shuffle_keyings(bigint)",
    ],
    "sqlite": ["DROP TABLE ballot_box.keying", "DROP TABLE ballot_box.slip"],
}


class Migration(migrations.Migration):
    dependencies = [
        ("consult_voting", "0004_lists_and_beginnings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperPack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("slips", models.PositiveSmallIntegerField(verbose_name="slips")),
                ("submission", models.UUIDField(unique=True)),
                ("made_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="packs", to="consult_voting.poll"
                    ),
                ),
            ],
            options={
                "verbose_name": "pack of paper ballots",
                "verbose_name_plural": "packs of paper ballots",
                "ordering": ["poll", "number"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("poll", "number"), name="one_pack_per_number"),
                    models.CheckConstraint(condition=Q(("slips__gt", 0)), name="pack_has_slips"),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("cancelled_at", None), ("cancelled_by", None)),
                            Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cancelled_pack_says_who_and_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperSlip",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("poll", models.BigIntegerField()),
                ("pack", models.BigIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("code_hash", models.CharField(max_length=64)),
                ("token_hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "paper ballot",
                "verbose_name_plural": "paper ballots",
                "db_table": 'ballot_box"."slip',
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PaperKeying",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("poll", models.BigIntegerField()),
                ("slip", models.UUIDField()),
                ("turn", models.PositiveSmallIntegerField()),
                ("content", models.TextField()),
            ],
            options={
                "verbose_name": "keying of a paper ballot",
                "verbose_name_plural": "keyings of paper ballots",
                "db_table": 'ballot_box"."keying',
                "managed": False,
                "default_permissions": (),
            },
        ),
        EachDatabase({"postgresql": POSTGRESQL, "sqlite": SQLITE}, undo=UNDO),
    ]
