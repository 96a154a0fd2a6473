"""The resident's part of the story without a mouse: every step by Tab, Enter and typing, the focus always in view."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import NewPage
from tests.journeys.steps import to_next_page

pytestmark = [pytest.mark.needs("browser"), pytest.mark.parametrize("site", ["sqlite"], indirect=True)]
FOCUS = """() => {
    const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
    const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
    return {seen: box.width > 0 && box.height > 0, ringed, name: at.outerHTML.slice(0, 120)};
}"""


def tab_to(page: Any, selector: str, limit: int = 120) -> None:
    """Press Tab until the focus is on ``selector``; whatever has it on the way shows it."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        focus = page.evaluate(FOCUS)
        assert focus["seen"], f"the focus is on something nobody sees: {focus['name']}"
        assert focus["ringed"] or "radio" in focus["name"], f"no ring around {focus['name']}"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the keyboard")


def enter(page: Any) -> None:
    """Press Enter where the focus is, and return when the page it leads to is there whole."""
    with to_next_page(page):
        page.keyboard.press("Enter")


def test_a_resident_speaks_and_supports_with_the_keyboard_alone(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/accounts/login/")
    tab_to(page, "input[name=login]")
    page.keyboard.type("resident@demo.example")
    tab_to(page, "input[name=password]")
    page.keyboard.type("gongyi-demo")
    enter(page)
    assert "/accounts/login/" not in page.url

    page.goto("/")
    tab_to(page, "a[href='/consultations/bus-routes/']")
    enter(page)
    assert page.url.endswith("/consultations/bus-routes/")
    tab_to(page, ".acts-main a.btn.main")
    enter(page)
    assert "/say/" in page.url
    tab_to(page, "textarea[name=text]")
    page.keyboard.type("只用键盘写的一句话。")
    tab_to(page, "form[data-draft] button.main")
    enter(page)
    assert re.search(r"/contributions/\d+/", page.url)
    assert "只用键盘写的一句话。" in page.content()

    page.goto("/consultations/bus-routes/?sort=supported")
    pressed = page.locator("button.sup[aria-pressed=true]").count()
    tab_to(page, "button.sup[aria-pressed=false]")
    page.keyboard.press("Space")
    page.locator("button.sup[aria-pressed=true]").nth(pressed).wait_for()
    assert page.evaluate("document.activeElement.matches('button.sup[aria-pressed=true]')"), "the focus was lost"


def test_a_resident_votes_with_the_keyboard_alone(new_page: NewPage, sign_in: Callable[[Any, str], None]) -> None:
    page = new_page()
    sign_in(page, "resident")
    page.goto("/polls/canteen-place/")
    tab_to(page, ".ballot input[type=radio]")
    papers = page.locator(".ballot fieldset.opt").count()
    for place in range(1, papers + 1):
        for _ in range(place):
            page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.value") == str(place)
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.ballot button.main')"), "the button follows the last choice"
    enter(page)
    assert page.locator(".readback li").count() == papers
    tab_to(page, "button[name=cast]")
    enter(page)
    page.locator(".slip .code").wait_for()


def test_the_first_tab_leads_past_the_header(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/consultations/bus-routes/")
    tab_to(page, "a.skip", limit=1)
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
