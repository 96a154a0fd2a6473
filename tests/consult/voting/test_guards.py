"""What the database itself refuses, whoever asks."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from civic.core import proofs
from civic.core.refusals import Refused
from consult.voting import casting, stores
from consult.voting.casting import Receipt, cast
from consult.voting.models import BoxBallot, BulletinEntry, Choice, Poll, RollMark
from tests.consult.conftest import AT, SECOND, County
from tests.consult.voting.conftest import CLOSES, OPENS, finish

pytestmark = pytest.mark.django_db
PARK = {"choices": ["park"]}
BALLOT = b'{"choices":["park"]}'

FORBIDDEN = [
    'UPDATE "ballot_box"."ballot" SET content = \'{"choices":["road"]}\'',
    'DELETE FROM "ballot_box"."ballot"',
    'UPDATE "ballot_box"."placing" SET batch = 9',
    'DELETE FROM "ballot_box"."placing"',
    'UPDATE "ballot_box"."hours" SET closes_at = seals_at',
    'DELETE FROM "ballot_box"."seal"',
    'UPDATE "ballot_roll"."mark" SET channel = \'paper\'',
    'DELETE FROM "ballot_roll"."mark"',
    'DELETE FROM "ballot_roll"."entry"',
    'UPDATE "ballot_roll"."entry" SET added_later = added_later',
    "UPDATE consult_voting_bulletinentry SET hash = previous",
    "DELETE FROM consult_voting_bulletinentry",
    "UPDATE consult_voting_poll SET closes_at = opens_at",
    "UPDATE consult_voting_poll SET rules_hash = 'x'",
    "UPDATE consult_voting_poll SET may_replace = (may_replace = false)",
    "UPDATE consult_voting_poll SET state = 'draft'",
    "UPDATE consult_voting_poll SET result_hash = 'x'",
    "UPDATE consult_voting_choice SET title = 'x'",
    "DELETE FROM consult_voting_choice",
    "DELETE FROM consult_voting_poll",
]


def drop(**ballot: object) -> Receipt:
    with transaction.atomic():
        return casting.drop(**ballot)


def refuses(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "append-only" in str(error) or "never changed" in str(error)
    return False


def test_nothing_of_a_counted_poll_can_be_changed(open_poll, county: County) -> None:
    poll = open_poll()
    cast(poll=poll, person=county.resident, content=PARK, at=AT)
    finish(poll)
    assert [statement for statement in FORBIDDEN if not refuses(statement)] == []


def test_no_choice_is_added_to_an_open_poll(open_poll) -> None:
    poll = open_poll()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Choice.objects.create(poll=poll, key="late", title="x", position=9)


@pytest.mark.parametrize(
    ("at", "taken"), [(OPENS - SECOND, False), (OPENS, True), (CLOSES - SECOND, True), (CLOSES, False)]
)
def test_the_box_takes_ballots_in_its_hours_only(open_poll, at, taken) -> None:
    """Asked past every rule of ours: the database says no."""
    poll = open_poll()
    try:
        drop(poll=poll, ballot=BALLOT, at=at, group="web")
    except Refused:
        assert not taken
    assert BoxBallot.objects.exists() is taken


def test_the_box_goes_by_the_databases_own_clock(open_poll, settings) -> None:
    settings.BALLOT_TIME_IS_GIVEN = False
    poll = open_poll(closes_at=AT)
    with pytest.raises(Refused):
        drop(poll=poll, ballot=BALLOT, at=OPENS, group="web")


def test_a_sealed_box_takes_nothing(open_poll, county: County) -> None:
    poll = finish(open_poll())
    with pytest.raises(Refused):
        drop(poll=poll, ballot=BALLOT, at=AT, group="web")


def test_paper_is_keyed_after_closing_for_as_long_as_the_rules_say(open_poll) -> None:
    poll = open_poll(paper_until=CLOSES + 60 * SECOND)
    drop(poll=poll, ballot=BALLOT, at=CLOSES + SECOND, group="paper")
    with pytest.raises(Refused):
        drop(poll=poll, ballot=BALLOT, at=CLOSES + SECOND, group="web")
    with pytest.raises(Refused):
        drop(poll=poll, ballot=BALLOT, at=CLOSES + 60 * SECOND, group="paper")


def test_the_database_marks_nobody_who_is_not_on_the_roll(open_poll, county: County) -> None:
    poll = open_poll()
    with pytest.raises(IntegrityError, match="only_those_on_the_roll"), transaction.atomic():
        RollMark.objects.create(poll=poll, person=county.stranger, voted_on=AT.date(), channel="web")


def test_a_token_has_one_ballot_per_turn(open_poll) -> None:
    poll = open_poll()
    row = {"poll": poll.pk, "content": "{}", "token_hash": "t", "turn": 1, "group": "web"}
    with stores.casting_at(AT):
        BoxBallot.objects.create(**row, commitment=uuid.uuid4().hex)
        with pytest.raises(IntegrityError), transaction.atomic():
            BoxBallot.objects.create(**row, commitment=uuid.uuid4().hex)


def test_a_chain_does_not_fork(open_poll) -> None:
    poll = open_poll()
    first = BulletinEntry.objects.get(poll=poll)
    with pytest.raises(IntegrityError), transaction.atomic():
        BulletinEntry.objects.create(
            poll=poll, number=2, kind="closed", content={}, previous=first.previous, hash="0" * 64, signature=""
        )


def test_a_draft_may_be_thrown_away(draft) -> None:
    draft().delete()
    assert not Poll.objects.exists()


@pytest.mark.needs("postgresql")
def test_the_web_role_may_put_in_and_look_up_and_no_more(open_poll, county: County) -> None:
    from consult.voting import roles

    poll = open_poll()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE a_web_role NOLOGIN")
        for statement in roles.grants_to("a_web_role"):
            cursor.execute(statement)
        cursor.execute("SET LOCAL ROLE a_web_role")
        cursor.execute("SELECT set_config('gongyi.at', %s, true)", [AT.isoformat()])
        cursor.execute(
            "INSERT INTO ballot_box.ballot VALUES (gen_random_uuid(), %s, '{}', 't', 1, 'c', 'web')", [poll.pk]
        )
        cursor.execute("SELECT count(*) FROM ballot_box.ballot")
        assert cursor.fetchone() == (1,)
    for statement in (
        "UPDATE ballot_box.ballot SET content = ''",
        "DELETE FROM ballot_box.ballot",
        "TRUNCATE ballot_box.ballot",
        "ALTER TABLE ballot_box.ballot DISABLE TRIGGER ALL",
        "DELETE FROM ballot_roll.mark",
        "DROP TABLE ballot_roll.mark",
    ):
        with (
            pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.needs("postgresql")
def test_prove_names_rooms_that_the_site_still_owns(settings: Any) -> None:
    settings.BALLOTS_NEED_OWNERS = True
    assert list(proofs.faults("ballot-owners")) == []
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE "ballot_box"."ballot" OWNER TO CURRENT_USER')
    (fault,) = proofs.faults("ballot-owners")
    assert fault.startswith("ballot_box are not owned")
    assert "ballot_owners --site-role" in fault
    settings.BALLOTS_NEED_OWNERS = False
    assert list(proofs.faults("ballot-owners")) == []
