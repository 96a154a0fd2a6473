"""Ballots written for somebody: the port a helper's session casts by, and whether the outcome hung on them."""

from dataclasses import dataclass
from typing import Any

import pytest

from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.people.models import Person
from consult.voting.assisted import write_for
from consult.voting.casting import cast, replace
from consult.voting.models import BoxBallot, BulletinEntry, RollMark
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import AT, DAY, County, person
from tests.consult.voting.conftest import faults, finish

pytestmark = pytest.mark.django_db
PARK, ROAD = {"choices": ["park"]}, {"choices": ["road"]}


@dataclass(frozen=True)
class Beside:
    """Somebody at the table of a station."""

    helper: Person
    voter: Person
    is_present: bool = True
    is_read_back: bool = True


@pytest.fixture
def helper(county: County) -> Person:
    """A social worker who may write for people of the county."""
    made = person("helper", county.here)
    found(
        holder=Holder(person=made), action="consult:poll:write-for", scope=Scope(place=county.place),
        window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
    )  # fmt: skip
    return made


def voted(open_poll: Any, voters: Any, helper: Person, *, alone: int, written: int, content: Any = ROAD) -> Any:
    """Return a counted poll in which ``alone`` chose the park by themselves and ``written`` had ``content`` written."""
    people = voters(alone + written)
    poll = open_poll()
    for each in people[:alone]:
        cast(poll=poll, person=each, content=PARK, at=AT)
    for each in people[alone:]:
        write_for(poll=poll, sitting=Beside(helper, each), content=content, at=AT)
    return finish(poll)


def test_a_ballot_is_written_for_somebody_and_goes_to_a_group_of_its_own(open_poll, helper, county: County) -> None:
    poll = open_poll()
    receipt = write_for(poll=poll, sitting=Beside(helper, county.resident), content=PARK, at=AT)
    assert len(receipt.code) == 16
    assert BoxBallot.objects.get().group == "assisted"
    mark = RollMark.objects.get()
    assert (mark.person_id, mark.channel, mark.assisted) == (county.resident.pk, "station", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_present": False}, "never-in-absence"),
        ({"is_read_back": False}, "read-back-first"),
        ({"voter": "helper"}, "not-for-oneself"),
        ({"helper": "stranger"}, "no-mandate"),
        ({"voter": "stranger"}, "not-on-roll"),
    ],
)
def test_nobody_is_written_for_against_the_rules(
    open_poll, helper, county: County, changes: dict[str, Any], code: str
) -> None:
    poll = open_poll()
    people = {"helper": helper, "stranger": county.stranger}
    values: dict[str, Any] = {"helper": helper, "voter": county.resident} | {
        name: people.get(str(value), value) for name, value in changes.items()
    }
    with pytest.raises(Refused) as refusal:
        write_for(poll=poll, sitting=Beside(**values), content=PARK, at=AT)
    assert refusal.value.reason.code == code
    assert not BoxBallot.objects.exists()


def test_the_result_says_that_assisted_ballots_decided(open_poll, voters, helper) -> None:
    poll = voted(open_poll, voters, helper, alone=21, written=22)
    assert poll.result["outcome"]["winners"] == ["road"]
    assert poll.result["assisted"] == {"ballots": 22, "changes": True}
    groups = [entry.content["group"] for entry in BulletinEntry.objects.filter(poll=poll, kind="batch")]
    assert sorted(groups) == ["assisted", "assisted", "web"]
    assert faults() == []


def test_the_result_says_that_assisted_ballots_did_not_decide(open_poll, voters, helper) -> None:
    poll = voted(open_poll, voters, helper, alone=25, written=10)
    assert poll.result["assisted"] == {"ballots": 10, "changes": False}


@pytest.mark.parametrize(("alone", "written"), [(25, 9), (25, 0), (5, 12)])
def test_too_few_on_either_side_tell_nothing(open_poll, voters, helper, alone: int, written: int) -> None:
    poll = voted(open_poll, voters, helper, alone=alone, written=written)
    assert poll.result["assisted"] == {"ballots": None, "changes": None}


def test_a_sealed_box_does_not_tell_which_ballot_was_written_for_somebody(open_poll, voters, helper) -> None:
    """The roll says who had theirs written: where that was one person, the group of a ballot would be their name."""
    poll = voted(open_poll, voters, helper, alone=30, written=1)
    assert RollMark.objects.filter(poll=poll, assisted=True).count() == 1
    assert set(BoxBallot.objects.values_list("group", flat=True)) == {"web"}


def test_replacing_one_ballot_often_makes_no_batch_of_assisted_ones(open_poll, voters, helper) -> None:
    people = voters(26)
    poll = open_poll()
    for each in people[1:]:
        cast(poll=poll, person=each, content=PARK, at=AT)
    receipt = write_for(poll=poll, sitting=Beside(helper, people[0]), content=ROAD, at=AT)
    for turn in range(12):
        content = ROAD if turn % 2 else PARK
        replace(poll=poll, person=people[0], receipt=receipt.shown, content=content, at=AT)
    finish(poll)
    groups = BulletinEntry.objects.filter(poll=poll, kind="batch").values_list("content__group", flat=True)
    assert set(groups) == {"mixed"}


def test_losing_the_quorum_without_them_is_a_change(open_poll, voters, helper, county: County) -> None:
    people = voters(32)
    poll: Any = open_poll(counting={"quorum_count": 30})
    for each in people[:20]:
        cast(poll=poll, person=each, content=PARK, at=AT)
    for each in people[20:]:
        write_for(poll=poll, sitting=Beside(helper, each), content=PARK, at=AT)
    finish(poll)
    assert poll.result["assisted"] == {"ballots": 12, "changes": True}


def test_the_result_page_says_it(client, open_poll, voters, helper) -> None:
    poll = voted(open_poll, voters, helper, alone=21, written=22)
    page = client.get(f"{poll.get_absolute_url()}result/", headers={"accept-language": "en"}).content.decode()
    assert "Without them the outcome would change." in page
