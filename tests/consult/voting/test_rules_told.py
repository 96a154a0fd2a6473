"""The rules in words: what voters read before they choose, and what the result says they came to."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from civic.people.models import Person
from consult.voting import domain
from consult.voting.casting import cast
from consult.voting.domain import ChoicePlan
from consult.voting.methods.pairwise import MOST_RANKS
from consult.voting.models import Grade
from consult.voting.states import State
from tests.consult.conftest import AT, DAY
from tests.consult.voting.conftest import HOUR, PROJECTS, QUESTION, Drafter, finish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]

HALF_OF_ALL = {"majority": [1, 2], "majority_is": "more-than", "majority_of": "cast"}


@pytest.fixture
def reader(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def said(reader: Client, address: str) -> str:
    return reader.get(address).content.decode()


def test_whoever_may_choose_reads_every_rule_first(reader: Client, open_poll: Drafter) -> None:
    poll = open_poll(counting={"quorum": [1, 2], "majority": [2, 3], "majority_is": "at-least"})
    page = said(reader, poll.get_absolute_url())
    for words in (
        "At least 50% of the roll must take part", "At least 2/3 of the votes that decide must stand behind the winner",
        "At most 1 choice on a ballot.", "otherwise a lot from the fingerprint of the closed box", "Verified as:",
        "Numbers are hidden until the end.", "may be replaced with its receipt",
    ):  # fmt: skip
        assert words in page


def test_a_question_has_no_lot_and_says_what_carries_it(reader: Client, open_poll: Drafter) -> None:
    page = said(reader, open_poll(method="yes-no", choices=QUESTION, counting=HALF_OF_ALL).get_absolute_url())
    assert "It is not carried when as many say no as yes." in page
    assert "as many say yes as this poll asks for" in page
    assert "a lot from" not in page
    assert "carried when more say yes than no" not in page


def test_where_the_middle_score_decides_nobody_is_told_the_average_does(reader: Client, open_poll: Drafter) -> None:
    page = said(reader, open_poll(method="score", counting={"score_by": "median"}).get_absolute_url())
    assert "The best middle score wins" in page
    assert "The best average wins" not in page


@pytest.mark.parametrize(
    ("ballots", "says"),
    [
        (["yes", "yes", "no", "abstain", "abstain"], "More people said yes than no, but fewer than the rules ask for."),
        (["yes", "no"], "No more people said yes than no."),
    ],
)
def test_a_question_that_failed_is_not_called_chosen(
    ballots: list[str], says: str, reader: Client, open_poll: Drafter, voters: Any
) -> None:
    people = voters(len(ballots))
    poll = open_poll(method="yes-no", choices=QUESTION, counting=HALF_OF_ALL)
    for person, choice in zip(people, ballots, strict=True):
        cast(poll=poll, person=person, content={"choices": [choice]}, at=AT)
    finish(poll)
    page = said(reader, f"{poll.get_absolute_url()}result/")
    assert says in page
    assert "Chosen:" not in page
    assert ">Won<" not in page


def test_who_leads_without_the_majority_is_not_called_chosen(reader: Client, open_poll: Drafter, voters: Any) -> None:
    people = voters(3)
    poll = open_poll(method="choose", counting={"majority": [2, 3], "majority_is": "more-than"})
    for person, choice in zip(people, ("park", "park", "road"), strict=True):
        cast(poll=poll, person=person, content={"choices": [choice]}, at=AT)
    finish(poll)
    page = said(reader, f"{poll.get_absolute_url()}result/")
    assert "A park came first, without the majority the rules ask for." in page
    assert "no other rule can be counted from them" in page
    assert "Chosen:" not in page
    assert ">Won<" not in page


def test_what_another_rule_would_have_given_is_told_where_ballots_are_not_published(
    reader: Client, open_poll: Drafter, voters: Any
) -> None:
    people = voters(5)
    poll = open_poll(method="greedy-skip", choices=PROJECTS, counting={"budget": 100_000}, grade=Grade.AUDITOR)
    for person, choices in zip(people, (["park"], ["park"], ["park"], ["road"], ["bus"]), strict=True):
        cast(poll=poll, person=person, content={"choices": choices}, at=AT)
    finish(poll)
    cache.clear()
    page = said(reader, f"{poll.get_absolute_url()}result/")
    for words in ("What another rule would have given", "Equal shares", ">Won<"):
        assert words in page


def test_what_no_other_rule_can_count_has_its_result_all_the_same(
    reader: Client, open_poll: Drafter, voters: Any
) -> None:
    [person] = voters(1)
    many = tuple(ChoicePlan(f"c{n}", f"第{n}项") for n in range(MOST_RANKS + 1))  # too many to compare in pairs
    poll = open_poll(method="irv", choices=many)
    cast(poll=poll, person=person, content={"ranking": [["c7"]]}, at=AT)
    assert finish(poll).state == State.COUNTED
    assert "Chosen: 第7项" in said(reader, f"{poll.get_absolute_url()}result/")


def test_the_office_is_told_no_moment_that_is_past(client: Client, draft: Drafter, clerk: Person) -> None:
    client.force_login(clerk)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    soon = draft(slug="soon", opens_at=AT + HOUR)
    later = draft(slug="later", opens_at=AT + 3 * DAY)
    for poll in (soon, later):
        domain.announce(poll=poll, actor=clerk, at=AT)
    assert "The clock is about to draw the roll" in said(client, f"/desk/polls/{soon.slug}/")
    assert "sets up the ballot box at " in said(client, f"/desk/polls/{later.slug}/")


def test_a_ranking_that_asks_for_a_majority_is_counted_and_read(
    reader: Client, open_poll: Drafter, voters: Any
) -> None:
    people = voters(3)
    poll = open_poll(method="irv", counting={"majority": [1, 2], "majority_of": "roll"})
    for person in people:
        cast(poll=poll, person=person, content={"ranking": [["park"], ["road"]]}, at=AT)
    finish(poll)
    page = said(reader, f"{poll.get_absolute_url()}result/")
    assert "A park came first, without the majority the rules ask for." in page
    assert "Each against each" in page
