"""Every component in every state, in a real browser."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

Look = Callable[..., Any]
AXE = Path(__file__).parents[2] / "vendor" / "axe-4.14.1.min.js"
pytestmark = [pytest.mark.needs("browser"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def look(browser: Any, live_server: Any, settings: Any) -> Iterator[Look]:
    """Return a function that opens an address as a reader with these choices."""
    settings.DEMO = True
    contexts = []

    def look(
        address: str,
        *,
        width: int = 1280,
        language: str = "zh-hans",
        elder: str = "0",
        theme: str = "light",
        scripts: bool = True,
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            bypass_csp=False,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(180_000)
        contexts.append(context)
        choices = {"gongyi_language": language, "gongyi_elder": elder, "gongyi_theme": theme}
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in choices.items()])
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(live_server.url + address)
        return page

    yield look
    for context in contexts:
        context.close()


def faults_found(page: Any) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


@pytest.mark.parametrize(
    ("width", "language", "elder", "theme"), product([360, 1280], ["zh-hans", "en"], "01", ["light", "dark"])
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    look: Look, width: int, language: str, elder: str, theme: str
) -> None:
    page = look("/gallery/", width=width, language=language, elder=elder, theme=theme)
    assert faults_found(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


@pytest.mark.parametrize(("width", "theme"), product([360, 1280], ["light", "dark"]))
def test_axe_finds_nothing_on_a_desk(look: Look, width: int, theme: str) -> None:
    page = look("/gallery/desk/", width=width, theme=theme)
    assert faults_found(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("address", ["/help/", "/about/real-site/", "/about/privacy/", "/about/accessibility/", "/no/"])
def test_axe_finds_nothing_on_the_pages_about_the_site(look: Look, address: str) -> None:
    assert faults_found(look(address, width=360)) == []


def test_the_summary_of_faults_takes_the_focus(look: Look) -> None:
    page = look("/gallery/")
    assert page.evaluate("document.activeElement.hasAttribute('data-errors')")


def test_characters_are_counted_while_typing_and_never_cut_off(look: Look) -> None:
    page = look("/gallery/")
    page.fill("#id_blank-words", "长" * 503)
    assert page.inner_text("[data-count=id_blank-words]") == "多了 3 字"
    assert len(page.input_value("#id_blank-words")) == 503


def test_without_scripts_nothing_is_offered_that_needs_them(look: Look) -> None:
    page = look("/gallery/", scripts=False)
    assert not page.is_visible("[data-read]")
    assert not page.is_visible("[data-print]")
    assert page.is_visible("text=最多 500 字")


def test_the_focus_is_seen(look: Look) -> None:
    page = look("/help/")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_the_gallery_is_for_the_demo_only(client: Client, settings: Any) -> None:
    settings.DEMO = False
    assert client.get("/gallery/").status_code == 404
