"""What a ballot adds up to while it is filled in: the sentences, the page they stand on, and the program that keeps them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.translation import override

from consult.voting import totals
from consult.voting.domain import ChoicePlan
from consult.voting.methods.rules import Option, Rules
from consult.voting.models import BoxBallot
from tests.consult.voting.conftest import PROJECTS, Drafter
from tests.consult.voting.test_pages import check, hidden

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]

WITHIN = {"budget": 100_000, "max_choices": 2, "ballot_within_budget": True}
OPTIONS = tuple(Option(plan.key, plan.cost) for plan in PROJECTS)


def said(given: dict[str, int], **rules: Any) -> list[str]:
    with override("en"):
        return [part.said for part in totals.of(Rules("greedy-skip", OPTIONS, **rules), given)]


def test_money_and_ticks_are_told_with_what_is_left() -> None:
    assert said({"road": 1}, budget=100_000, max_choices=2) == [
        "50,000 of 100,000 yuan used, 50,000 left.",
        "1 of at most 2 ticked, 1 left.",
    ]


def test_too_much_says_by_how_much_and_more_than_there_is_may_be_allowed() -> None:
    both = {"road": 1, "park": 1}
    assert said(both, budget=100_000, ballot_within_budget=True) == [
        "110,000 yuan of 100,000: 10,000 too much, take something away."
    ]
    assert said(both, budget=100_000)[0].startswith("110,000 yuan: more than the 100,000 there are.")


def test_how_many_projects_are_funded_is_told_where_ticks_have_no_limit() -> None:
    assert said({"road": 1}, budget=100_000, max_projects=1)[1] == "1 ticked; at most 1 are funded."
    assert said({"road": 1, "bus": 1}, budget=100_000, max_projects=1)[1].startswith("2 ticked: more than the 1")


def test_points_are_told_in_place_of_money() -> None:
    assert said({"road": 4}, budget=100_000, points=10) == ["4 of 10 points given, 6 left."]
    assert said({"road": 9, "bus": 3}, budget=100_000, points=10) == ["12 points given of 10: take 2 away."]


def test_what_has_no_limit_adds_up_to_nothing() -> None:
    assert totals.of(Rules("approval", OPTIONS), {"road": 1}) == []
    assert totals.of(Rules("irv", OPTIONS, max_choices=None), {}) == []


def test_what_stands_elsewhere_is_told_apart_from_the_choice_that_is_shown() -> None:
    [money] = totals.of(Rules("greedy-skip", OPTIONS, budget=100_000), {"road": 1, "bus": 1}, "bus")
    assert (money.used, money.other) == (80_000, 50_000)


def test_the_paper_carries_what_its_program_needs_and_shows_nothing_without_it(
    voter: Client, open_poll: Drafter
) -> None:
    poll = open_poll(method="greedy-skip", counting=WITHIN, choices=PROJECTS)
    page = voter.get(poll.get_absolute_url()).content.decode()
    total = re.search(r"<output[^>]*>.*?</output>", page, re.DOTALL)
    assert total
    assert 'aria-live="polite" data-total hidden' in total[0]
    assert 'data-limit="100000"' in total[0]
    assert 'data-cost="60000"' in page
    assert "voting/total" in page
    assert page.index("<output") < page.index('<form id="ballot"')


def test_a_poll_without_limits_has_no_total(voter: Client, open_poll: Drafter) -> None:
    page = voter.get(open_poll(method="approval").get_absolute_url()).content.decode()
    assert "<output" not in page
    assert "voting/total" not in page


def test_without_scripts_all_that_is_over_is_said_and_every_tick_kept(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(method="greedy-skip", counting=WITHIN, choices=PROJECTS)
    answer = check(voter, poll, {"choice": ["park", "road", "bus"]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "costs 40,000 yuan more than there is" in page
    assert "At most 2 may be chosen" in page
    assert "140,000 yuan of 100,000: 40,000 too much" in page
    assert "data-total hidden" not in page
    assert len(re.findall(r'name="choice"[^>]* checked', page)) == 3
    assert not BoxBallot.objects.exists()


def test_the_read_back_says_what_is_used_and_left_in_both_languages(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(method="greedy-skip", counting=WITHIN, choices=PROJECTS)
    sent = {"choice": ["park", "bus"]}
    assert "90,000 of 100,000 yuan used, 10,000 left." in check(voter, poll, sent).content.decode()
    voter.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert "已用 90,000 元，共 100,000 元，还剩 10,000 元。" in check(voter, poll, sent).content.decode()


def test_one_by_one_says_what_the_choices_before_have_used(voter: Client, open_poll: Drafter) -> None:
    many = tuple(ChoicePlan(f"c{n}", f"第{n}处", f"Place {n}", cost=1_000 * n) for n in range(1, 8))
    poll = open_poll(method="greedy-skip", counting={"budget": 9_000}, choices=many)
    voter.cookies["gongyi_elder"] = "1"
    first = check(voter, poll, {"holder": "x", "go": "next"}).content.decode()
    assert "0 of 9,000 yuan used" in first
    mine = re.search(r'type="checkbox" name="choice" value="c(\d)"', first)
    assert mine
    second = check(voter, poll, {**hidden(first), "go": "next", "choice": f"c{mine[1]}"}).content.decode()
    spent = 1_000 * int(mine[1])
    assert f"{spent:,} of 9,000 yuan used" in second
    assert f'data-other="{spent}"' in second


def opened(browser: Any, html: str) -> Any:
    """Return a page of the browser that shows ``html`` with the site's own files and nothing else of the site."""

    def serve(route: Any) -> None:
        path = route.request.url.split("://test.example", 1)[-1]
        if not path.startswith("/static/"):
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
            return
        name = re.sub(r"\.[0-9a-f]{12}(?=\.)", "", path.removeprefix("/static/").split("?")[0])
        found = finders.find(name)
        kind = "text/javascript" if name.endswith(".js") else "text/css"
        route.fulfill(body=Path(str(found)).read_bytes() if found else b"", content_type=kind)

    page = browser.new_page()
    page.set_default_timeout(180_000)
    page.route("**/*", serve)
    page.goto("http://test.example/")
    return page


@pytest.mark.needs("browser")
def test_the_program_keeps_money_and_ticks_up_to_date(browser: Any, voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(method="greedy-skip", counting=WITHIN, choices=PROJECTS)
    page = opened(browser, voter.get(poll.get_absolute_url()).content.decode())
    total = page.locator("output")
    assert total.inner_text().startswith("0 of 100,000 yuan used, 100,000 left. 0 of at most 2 ticked")
    page.check('[value="park"]')
    assert "60,000 of 100,000 yuan used, 40,000 left." in total.inner_text()
    page.check('[value="road"]')
    page.check('[value="bus"]')
    assert "140,000 yuan of 100,000: 40,000 too much" in total.inner_text()
    assert "3 ticked, at most 2 allowed: take 1 away." in total.inner_text()
    page.uncheck('[value="road"]')
    assert page.locator("output .over").count() == 0
    page.close()


@pytest.mark.needs("browser")
def test_the_program_adds_points_up_as_they_are_typed(browser: Any, voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(method="greedy-skip", counting={"budget": 100_000, "points": 10}, choices=PROJECTS)
    page = opened(browser, voter.get(poll.get_absolute_url()).content.decode())
    page.fill('[name="at-park"]', "７")
    page.fill('[name="at-bus"]', "2")
    assert page.locator("output").inner_text() == "9 of 10 points given, 1 left."
    page.fill('[name="at-road"]', "4")
    assert page.locator("output .over").inner_text() == "13 points given of 10: take 3 away."
    page.close()
