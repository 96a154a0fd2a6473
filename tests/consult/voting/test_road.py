"""The whole road: drafted, announced, opened, cast, closed, counted, proved."""

import pytest

from civic.core import clock
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import casting, closing
from consult.voting.casting import Standing, cast, look_up, replace
from consult.voting.domain import add_to_roll, withdraw
from consult.voting.keys import WrongBallotKey
from consult.voting.models import BoxBallot, BulletinEntry, Poll, PollKey, RollMark
from consult.voting.states import State
from consult.voting.tasks import by_the_clock
from tests.consult.conftest import AT, County
from tests.consult.voting.conftest import CLOSES, faults, finish

pytestmark = pytest.mark.django_db


def test_a_poll_is_cast_closed_and_counted(open_poll, voters, county: County) -> None:
    people = voters(45)
    poll = open_poll()
    receipts = [
        cast(poll=poll, person=each, content={"choices": ["park" if n % 3 else "road"]}, at=AT)
        for n, each in enumerate(people)
    ]
    assert closing.publish_batches(at=AT) == 1
    finish(poll)
    assert poll.state == State.COUNTED
    assert poll.result["outcome"]["totals"] == {"park": 30, "road": 15, "bus": 0}
    assert poll.result["outcome"]["winners"] == ["park"]
    assert poll.ballot_count == 45
    kinds = list(BulletinEntry.objects.filter(poll=poll).order_by("number").values_list("kind", flat=True))
    assert kinds == ["opened", "batch", "batch", "roll-count", "closed", "bundle", "result"]
    found = look_up(poll=poll, receipt=receipts[0].shown.lower())
    assert found.standing == Standing.COUNTED
    assert found.batch in {1, 2}
    assert faults() == []


def test_nobody_fills_a_batch_by_replacing_their_own_ballot(open_poll, voters) -> None:
    """Else they knew whose the one other ballot in it is, for of all the others they hold the receipt."""
    people = voters(22)
    poll = open_poll()
    first = cast(poll=poll, person=people[0], content={"choices": ["park"]}, at=AT)
    for each in people[1:]:
        cast(poll=poll, person=each, content={"choices": ["road"]}, at=AT)
    for turn in range(30):
        content = {"choices": ["bus" if turn % 2 else "park"]}
        replace(poll=poll, person=people[0], receipt=first.shown, content=content, at=AT)
    assert closing.publish_batches(at=AT) == 0
    finish(poll)
    assert poll.result["outcome"]["totals"] == {"park": 0, "road": 21, "bus": 1}
    batches = BulletinEntry.objects.filter(poll=poll, kind="batch").values_list("content__count", flat=True)
    assert list(batches) == [52]
    assert faults() == []


def test_everybody_votes_and_so_does_somebody_added_later(open_poll, county: County, clerk: Person) -> None:
    poll = open_poll()
    add_to_roll(poll=poll, person=county.stranger, actor=clerk, note="漏登", at=AT)
    for entry in poll.roll.select_related("person"):
        cast(poll=poll, person=entry.person, content={"choices": ["park"]}, at=AT)
    finish(poll)
    assert (poll.state, poll.ballot_count, poll.roll_added) == ("counted", poll.roll_size + 1, 1)
    assert faults() == []


def test_withdrawing_a_poll_leaves_no_order_in_which_people_voted(open_poll, voters, clerk: Person) -> None:
    people = voters(5)
    poll = open_poll()
    for each in people:
        cast(poll=poll, person=each, content={"choices": ["park"]}, at=AT)
    known = {*BoxBallot.objects.values_list("pk", flat=True), *RollMark.objects.values_list("pk", flat=True)}
    withdraw(poll=poll, actor=clerk, note="地块另有安排", at=AT)
    rows = [*BoxBallot.objects.values_list("pk", flat=True), *RollMark.objects.values_list("pk", flat=True)]
    assert (len(rows), known.intersection(rows)) == (10, set())
    assert faults() == []


def test_a_poll_whose_key_is_lost_keeps_no_other_from_being_closed_and_counted(
    open_poll, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, other = open_poll(slug="lost"), open_poll(slug="other")
    PollKey.objects.filter(poll=lost).update(sealed=other.key.sealed)
    cast(poll=other, person=county.resident, content={"choices": ["park"]}, at=AT)
    monkeypatch.setattr(clock, "now", lambda: CLOSES)
    with pytest.raises(WrongBallotKey):
        by_the_clock()
    states = dict(Poll.objects.values_list("slug", "state"))
    assert states == {"lost": State.OPEN, "other": State.COUNTED}


def test_a_voter_votes_once(open_poll, county: County) -> None:
    poll = open_poll()
    cast(poll=poll, person=county.resident, content={"choices": ["park"]}, at=AT)
    with pytest.raises(Refused) as refusal:
        cast(poll=poll, person=county.resident, content={"choices": ["road"]}, at=AT)
    assert refusal.value.reason.code == "already-voted"
    assert (BoxBallot.objects.count(), RollMark.objects.count()) == (1, 1)


def test_the_last_ballot_of_a_receipt_counts(open_poll, county: County) -> None:
    poll = open_poll()
    first = cast(poll=poll, person=county.resident, content={"choices": ["park"]}, at=AT)
    second = replace(poll=poll, person=county.resident, receipt=first.shown, content={"choices": ["bus"]}, at=AT)
    assert second.code == first.code
    assert second.commitment != first.commitment
    finish(poll)
    assert poll.result["outcome"]["totals"] == {"park": 0, "road": 0, "bus": 1}
    assert faults() == []


def test_a_ballot_is_not_changed_without_end(open_poll, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that changes its ballot all day would fill the bundle, and the number of a turn."""
    monkeypatch.setattr(casting, "MOST_CHANGES", 2)
    poll = open_poll()
    code = cast(poll=poll, person=county.resident, content={"choices": ["park"]}, at=AT).code
    change = {"poll": poll, "person": county.resident, "receipt": code, "at": AT}
    for choice in ("road", "bus"):
        replace(**change, content={"choices": [choice]})
    with pytest.raises(Refused) as refusal:
        replace(**change, content={"choices": ["park"]})
    assert refusal.value.reason.code == "replaced-often"
    finish(poll)
    assert poll.result["outcome"]["winners"] == ["bus"]


def test_nobody_off_the_roll_votes(open_poll, county: County) -> None:
    poll = open_poll()
    with pytest.raises(Refused) as refusal:
        cast(poll=poll, person=county.stranger, content={"choices": ["park"]}, at=AT)
    assert refusal.value.reason.code == "not-on-roll"


def test_a_ballot_against_the_rules_leaves_no_mark(open_poll, county: County) -> None:
    poll = open_poll()
    with pytest.raises(Unfit):
        cast(poll=poll, person=county.resident, content={"choices": ["park", "road"]}, at=AT)
    assert not RollMark.objects.exists()


def test_at_the_closing_instant_the_domain_says_no(open_poll, county: County) -> None:
    poll = open_poll()
    with pytest.raises(Refused) as refusal:
        cast(poll=poll, person=county.resident, content={"choices": ["park"]}, at=CLOSES)
    assert refusal.value.reason.code == "poll-is-over"
