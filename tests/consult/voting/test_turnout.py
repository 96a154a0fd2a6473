"""How many have voted: whoever was handed a paper ballot has voted once it lies in the box."""

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from civic.core import clock
from civic.people.models import Person
from consult.voting import paper, queries
from consult.voting.casting import cast
from consult.voting.models import Poll, RollMark
from tests.consult.conftest import AT, DAY
from tests.consult.voting.conftest import CLOSES, OPENS, Drafter, finish

pytestmark = pytest.mark.django_db

PARK = {"choices": ["park"]}
LATER = CLOSES + DAY


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(clock, "now", lambda: AT)


def at_the_urn(poll: Poll, people: list[Person], clerk: Person, keyers: list[Person]) -> None:
    """Eight people: two vote on the site, six take paper; of the slips three come back and one of them is invalid."""
    slips = paper.make_pack(poll=poll, actor=clerk, slips=10, submission=uuid.uuid4(), at=OPENS).slips
    for each in people[:2]:
        cast(poll=poll, person=each, content=PARK, at=OPENS)
    for each in people[2:8]:
        paper.hand_out(poll=poll, person=each, actor=keyers[0], at=OPENS)
    for slip, said in zip(slips[:3], (PARK, PARK, None), strict=True):
        for keyer in keyers[:2]:
            paper.key(poll=poll, actor=keyer, code=slip.code, content=said, at=AT)


def test_the_result_counts_who_voted_and_tells_what_was_handed_out_in_vain(
    client: Client, open_poll: Drafter, clerk: Person, keyers: list[Person], voters: Any
) -> None:
    people = voters(10)
    poll = open_poll(paper_until=LATER)
    at_the_urn(poll, people, clerk, keyers)
    finish(poll, at=LATER)
    assert RollMark.objects.filter(poll=poll).count() == 8
    assert poll.ballot_count == 4
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(f"{poll.get_absolute_url()}result/").content.decode()
    assert f"4 of {poll.roll_size} on the roll voted." in page
    assert "4 more took paper ballots that did not come back or could not be read." in page
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert "另有 4 人领了纸质选票" in client.get(f"{poll.get_absolute_url()}result/").content.decode()


def test_without_paper_nothing_is_said_of_it(client: Client, open_poll: Drafter, voters: Any) -> None:
    people = voters(1)
    poll = open_poll()
    cast(poll=poll, person=people[0], content=PARK, at=AT)
    finish(poll)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(f"{poll.get_absolute_url()}result/").content.decode()
    assert f"1 of {poll.roll_size} on the roll voted." in page
    assert "paper ballot" not in page


def test_while_voting_goes_on_whole_days_are_told_and_slips_in_peoples_hands_are_not(
    client: Client, open_poll: Drafter, clerk: Person, keyers: list[Person], voters: Any
) -> None:
    people = voters(10)
    poll = open_poll(paper_until=LATER, results_hidden=False)
    at_the_urn(poll, people, clerk, keyers)
    cast(poll=poll, person=people[8], content=PARK, at=AT)
    assert queries.voted_by_last_night(poll, at=AT) == (4, poll.roll_size)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(poll.get_absolute_url()).content.decode()
    assert "Voted by last night" in page
    assert f"4 of {poll.roll_size}" in page
    assert queries.voted_by_last_night(poll, at=AT + DAY)[0] == 5


def test_hidden_numbers_stay_hidden(client: Client, open_poll: Drafter) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "Voted by last night" not in client.get(open_poll().get_absolute_url()).content.decode()
