"""Two rooms: who may vote and who did, and the ballots.  No time, no sequence, and no way from one to the other."""

from django.db import migrations

from civic.core.statements import EachDatabase

# safe beside the previous release: it knows neither of these rooms

POSTGRESQL = [
    "CREATE SCHEMA ballot_roll",
    """CREATE TABLE ballot_roll.entry (
         id uuid PRIMARY KEY, poll_id bigint NOT NULL, person_id bigint NOT NULL, place_id bigint,
         rules_hash varchar(64) NOT NULL, added_later boolean NOT NULL,
         CONSTRAINT one_roll_entry_per_person UNIQUE (poll_id, person_id))""",
    "CREATE INDEX roll_entry_by_person ON ballot_roll.entry (person_id)",
    """CREATE TABLE ballot_roll.mark (
         id uuid PRIMARY KEY, poll_id bigint NOT NULL, person_id bigint NOT NULL, voted_on date NOT NULL,
         channel varchar(8) NOT NULL, assisted boolean NOT NULL,
         CONSTRAINT one_mark_per_person UNIQUE (poll_id, person_id))""",
    "CREATE INDEX roll_mark_by_person ON ballot_roll.mark (person_id)",
    "CREATE SCHEMA ballot_box",
    """CREATE TABLE ballot_box.hours (
         poll bigint PRIMARY KEY, opens_at timestamptz NOT NULL, closes_at timestamptz NOT NULL,
         seals_at timestamptz NOT NULL)""",
    "CREATE TABLE ballot_box.seal (poll bigint PRIMARY KEY)",
    """CREATE TABLE ballot_box.ballot (
         id uuid PRIMARY KEY, poll bigint NOT NULL, content text NOT NULL, token_hash varchar(64) NOT NULL,
         turn smallint NOT NULL CHECK (turn > 0), commitment varchar(64) NOT NULL, "group" varchar(8) NOT NULL,
         CONSTRAINT one_ballot_per_token_and_turn UNIQUE (poll, token_hash, turn),
         CONSTRAINT one_ballot_per_commitment UNIQUE (commitment))""",
    """CREATE TABLE ballot_box.placing (
         commitment varchar(64) PRIMARY KEY, poll bigint NOT NULL, batch integer NOT NULL)""",
    "CREATE INDEX placing_by_batch ON ballot_box.placing (poll, batch)",
]
# Without a row number a table lies in the order of its random key, never in that of the inserts.
SQLITE = [
    """CREATE TABLE ballot_roll.entry (
         id char(32) PRIMARY KEY, poll_id bigint NOT NULL, person_id bigint NOT NULL, place_id bigint,
         rules_hash varchar(64) NOT NULL, added_later bool NOT NULL,
         CONSTRAINT one_roll_entry_per_person UNIQUE (poll_id, person_id)) WITHOUT ROWID""",
    "CREATE INDEX ballot_roll.roll_entry_by_person ON entry (person_id)",
    """CREATE TABLE ballot_roll.mark (
         id char(32) PRIMARY KEY, poll_id bigint NOT NULL, person_id bigint NOT NULL, voted_on date NOT NULL,
         channel varchar(8) NOT NULL, assisted bool NOT NULL,
         CONSTRAINT one_mark_per_person UNIQUE (poll_id, person_id)) WITHOUT ROWID""",
    "CREATE INDEX ballot_roll.roll_mark_by_person ON mark (person_id)",
    """CREATE TABLE ballot_box.hours (
         poll bigint PRIMARY KEY, opens_at datetime NOT NULL, closes_at datetime NOT NULL,
         seals_at datetime NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE ballot_box.seal (poll bigint PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE ballot_box.ballot (
         id char(32) PRIMARY KEY, poll bigint NOT NULL, content text NOT NULL, token_hash varchar(64) NOT NULL,
         turn smallint NOT NULL CHECK (turn > 0), commitment varchar(64) NOT NULL, "group" varchar(8) NOT NULL,
         CONSTRAINT one_ballot_per_token_and_turn UNIQUE (poll, token_hash, turn),
         CONSTRAINT one_ballot_per_commitment UNIQUE (commitment)) WITHOUT ROWID""",
    """CREATE TABLE ballot_box.placing (
         commitment varchar(64) PRIMARY KEY, poll bigint NOT NULL, batch integer NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX ballot_box.placing_by_batch ON placing (poll, batch)",
]
UNDO = {
    "postgresql": ["DROP SCHEMA ballot_box CASCADE", "DROP SCHEMA ballot_roll CASCADE"],
    "sqlite": [
        "DROP TABLE ballot_box.placing", "DROP TABLE ballot_box.ballot", "DROP TABLE ballot_box.seal",
        "DROP TABLE ballot_box.hours", "DROP TABLE ballot_roll.mark", "DROP TABLE ballot_roll.entry",
    ],
}  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("consult_voting", "0001_polls")]
    operations = [EachDatabase({"postgresql": POSTGRESQL, "sqlite": SQLITE}, undo=UNDO)]
