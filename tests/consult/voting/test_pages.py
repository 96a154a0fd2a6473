"""Polls as residents meet them: choose, read back, cast, receipt."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import INFO
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.test import Client

from civic.core import clock
from civic.people.models import Person
from civic.ui import fragments
from civic.ui.middleware import ELDER_COOKIE
from consult.voting import domain
from consult.voting.domain import ChoicePlan
from consult.voting.models import BoxBallot, Poll, RollMark
from tests.consult import conftest as town
from tests.consult.conftest import AT, DAY, County
from tests.consult.voting.conftest import CLOSES, QUESTION, Drafter, finish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]

CHOICES = (
    ChoicePlan("park", "修公园", "A park", cost=60),
    ChoicePlan("road", "修道路", "A road", cost=50),
    ChoicePlan("bus", "加公交", "A bus", cost=30),
)
RANKS = {"at-park": "2", "at-road": "1"}
METHODS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "choose": ({}, {"choice": "park"}, '{"choices":["park"]}'),
    "approval": ({}, {"choice": ["park", "bus"]}, '{"choices":["bus","park"]}'),
    "score": ({}, {"at-park": "5", "at-bus": "0"}, '{"scores":{"bus":0,"park":5}}'),
    "irv": ({}, RANKS, '{"ranking":[["road"],["park"]]}'),
    "stv": ({"seats": 2}, RANKS, '{"ranking":[["road"],["park"]]}'),
    "schulze": ({}, RANKS | {"at-bus": "2"}, '{"ranking":[["road"],["bus","park"]]}'),
    "greedy-skip": ({"budget": 100}, {"choice": ["park", "bus"]}, '{"choices":["bus","park"]}'),
    "equal-shares": ({"budget": 100}, {"choice": ["park", "bus"]}, '{"choices":["bus","park"]}'),
}


@pytest.fixture
def voter(client: Client, county: County) -> Client:
    client.force_login(county.resident)
    return client


def check(client: Client, poll: Poll, data: dict[str, Any], **more: str) -> Any:
    return client.post(f"/polls/{poll.slug}/check/", data | more)


def hidden(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        found.setdefault(name, []).append(value)
    return {name: values for name, values in found.items() if name != "csrfmiddlewaretoken"}


@pytest.mark.parametrize("method", METHODS)
def test_a_ballot_of_every_method_is_read_back_cast_and_shown_in_the_result(
    method: str, voter: Client, open_poll: Drafter
) -> None:
    counting, data, content = METHODS[method]
    poll = open_poll(method=method, counting=counting, choices=CHOICES)
    assert voter.get(poll.get_absolute_url()).status_code == 200
    back = check(voter, poll, data)
    assert back.status_code == 200
    assert "no-store" in back["Cache-Control"]
    assert not BoxBallot.objects.exists()
    cast = check(voter, poll, hidden(back.content.decode()), cast="1")
    assert cast.status_code == 200
    assert "no-store" in cast["Cache-Control"]
    assert BoxBallot.objects.get().content == content
    assert RollMark.objects.count() == 1
    slip = re.search(r'class="slip".*?</section>', cast.content.decode(), re.DOTALL)
    assert slip
    assert "修" not in slip[0].split("</p>", 2)[2]
    finish(poll)
    assert voter.get(f"{poll.get_absolute_url()}result/").status_code == 200


def test_a_ballot_replayed_is_told_in_a_sentence_and_changes_nothing(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll()
    check(voter, poll, {"choice": "park"}, cast="1")
    again = check(voter, poll, {"choice": "road"}, cast="1")
    assert again.status_code == 409
    assert "receipt" in again.content.decode()
    assert BoxBallot.objects.count() == 1


def test_a_receipt_replaces_the_ballot_and_looks_it_up(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll()
    page = check(voter, poll, {"choice": "park"}, cast="1").content.decode()
    code = re.search(r'class="code">([^<]+)<', page)
    assert code
    changed = check(voter, poll, {"choice": "road", "receipt": code[1]}, cast="1")
    assert changed.status_code == 200
    assert BoxBallot.objects.count() == 2
    finish(poll)
    found = voter.post(f"{poll.get_absolute_url()}receipt/", {"receipt": code[1].lower()})
    assert found.status_code == 200
    assert "no-store" in found["Cache-Control"]
    assert " 1" in found.content.decode()
    assert "road" not in found.content.decode()


def own_words(page: str) -> list[str]:
    """Return what a receipt's page shows of one voter: the code, what it is made of, and what the file of it says."""
    names = ("receipt", "nonce", "commitment", "ballot")
    return [*re.findall(r'class="code">([^<]+)<', page), *(hidden(page)[name][-1] for name in names)]


def test_each_voter_reads_their_own_receipt_and_nothing_of_it_is_kept_drawn(
    open_poll: Drafter, voters: Callable[[int], list[Person]]
) -> None:
    people = voters(2)
    poll = open_poll()
    pages = []
    for person, choice in zip(people, ("park", "road"), strict=True):
        client = Client()
        client.force_login(person)
        pages.append(check(client, poll, {"choice": choice}, cast="1").content.decode())
    mine, other = map(own_words, pages)
    assert not set(mine) & set(other)
    assert "{&quot;choices&quot;: [&quot;park&quot;]}" in mine
    assert not [words for words in mine if words in pages[1]]
    kept = "".join("".join(part.pieces) for part in fragments.kept.things())
    assert poll.title in kept  # the page itself is kept
    assert not [words for words in [*mine, *other] if words in kept]


@pytest.mark.parametrize(("language", "elder"), [("zh-hans", "0"), ("zh-hans", "1"), ("en", "0"), ("en", "1")])
def test_a_receipts_page_that_was_kept_reads_as_one_drawn_anew(
    language: str, elder: str, open_poll: Drafter, voters: Callable[[int], list[Person]]
) -> None:
    people = voters(3)
    poll = open_poll(title_en="What to build first")
    pages = []
    for number, person in enumerate(people):
        client = Client()
        client.force_login(person)
        client.cookies[settings.LANGUAGE_COOKIE_NAME], client.cookies[ELDER_COOKIE] = language, elder
        if number == 2:
            fragments.kept.clear()
        page = check(client, poll, {"choice": "park"}, cast="1").content.decode()
        spoken = re.sub(r"<span>.</span>", "", page)
        pages.append(re.sub(r'class="code">[^<]+<|<input type="hidden"[^>]+>', "", spoken))
    assert pages[0] == pages[1] == pages[2]
    assert ("elder" in pages[0].split(">", 2)[1]) is (elder == "1")


def test_what_a_voter_is_told_once_stands_on_their_receipts_page_alone(
    open_poll: Drafter, voters: Callable[[int], list[Person]]
) -> None:
    people = voters(2)
    poll = open_poll()
    for person, told in zip(people, (True, False), strict=True):
        client = Client()
        client.force_login(person)
        if told:
            storage, answer = CookieStorage(HttpRequest()), HttpResponse()
            storage.add(INFO, "只此一次")
            storage.update(answer)
            client.cookies["messages"] = answer.cookies["messages"].value
        assert ("只此一次" in check(client, poll, {"choice": "park"}, cast="1").content.decode()) is told


@pytest.mark.parametrize(
    ("method", "counting", "data"),
    [
        ("irv", {}, {"at-park": "1", "at-road": "1"}),
        ("greedy-skip", {"budget": 100, "ballot_within_budget": True}, {"choice": ["park", "road"]}),
        ("choose", {}, {"choice": "moon"}),
        ("choose", {"max_choices": 2}, {"choice": ["park", "road", "bus"]}),
        ("choose", {}, {}),
    ],
)
def test_an_unfit_ballot_is_explained_and_what_was_chosen_is_kept(
    method: str, counting: dict[str, Any], data: dict[str, Any], voter: Client, open_poll: Drafter
) -> None:
    poll = open_poll(method=method, counting=counting, choices=CHOICES)
    answer = check(voter, poll, data)
    assert answer.status_code == 422
    assert "data-errors" in answer.content.decode()
    if data.get("choice") != "moon":
        assert answer.content.decode().count(" checked") >= len(data)
    assert not BoxBallot.objects.exists()


def test_a_poll_that_closed_while_somebody_chose_says_so(
    voter: Client, open_poll: Drafter, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = open_poll()
    monkeypatch.setattr(clock, "now", lambda: CLOSES)
    answer = check(voter, poll, {"choice": "park"}, cast="1")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "您的票没有投进去" in page
    assert "没有记您已投票" in page
    assert "修公园" in page.split('id="h-unsent"')[1].split("</section>")[0]  # what they had chosen
    assert 'name="cast"' not in page
    assert not BoxBallot.objects.exists()
    assert not RollMark.objects.exists()


def test_a_visitor_reads_the_paper_and_is_asked_to_sign_in(client: Client, open_poll: Drafter) -> None:
    poll = open_poll()
    assert client.get(poll.get_absolute_url()).status_code == 200
    assert check(client, poll, {"choice": "park"}).status_code == 302


def test_a_draft_is_nobody_elses_to_read(client: Client, draft: Drafter) -> None:
    assert client.get(draft().get_absolute_url()).status_code == 404


def test_before_the_roll_is_drawn_nobody_is_told_they_are_not_on_it(
    voter: Client, draft: Drafter, clerk: Person
) -> None:
    poll = draft(opens_at=AT + 3 * DAY, closes_at=AT + 9 * DAY)
    domain.announce(poll=poll, actor=clerk, at=AT)

    page = voter.get(poll.get_absolute_url()).content.decode()

    assert "名册在投票开始前一天内生成，生成后这里会告诉您是否在册。" in page
    assert "您不在这次投票的名册上" not in page


def test_once_the_roll_is_drawn_who_is_not_on_it_is_told_before_voting_opens(
    client: Client, draft: Drafter, clerk: Person, county: County
) -> None:
    poll = draft(opens_at=AT + DAY, closes_at=AT + 9 * DAY)
    domain.announce(poll=poll, actor=clerk, at=AT)
    domain.draw_roll(poll=poll, actor=clerk, at=AT)
    client.force_login(town.person("newcomer", county.here))

    page = client.get(poll.get_absolute_url()).content.decode()

    assert "您不在这次投票的名册上" in page


@pytest.mark.parametrize(("method", "told"), [("choose", True), ("yes-no", False)])
def test_the_rules_say_random_order_only_where_the_order_is_random(
    client: Client, open_poll: Drafter, method: str, told: bool
) -> None:
    poll = open_poll(method=method, random_order=True, choices=CHOICES if method == "choose" else QUESTION)
    page = client.get(poll.get_absolute_url()).content.decode()
    assert ("随机排列" in page) is told


def test_lists_and_the_bulletin_are_there(client: Client, open_poll: Drafter) -> None:
    poll = open_poll(opens_at=AT - DAY)
    assert poll.slug in client.get("/polls/").content.decode()
    assert client.get(f"{poll.get_absolute_url()}bulletin/").status_code == 200
    assert client.get(f"{poll.get_absolute_url()}result/").status_code == 404
