"""The site answers from its real processes, in every face, and nothing keeps people out."""

from collections.abc import Callable
from typing import Any

import pytest

from dev.site import Site
from tests.journeys.conftest import Face
from tests.journeys.steps import follow

pytestmark = pytest.mark.needs("browser")


def test_a_visitor_reads_what_is_under_way(page: Any, face: Face, axe: Callable[[Any], list[str]]) -> None:
    answer = page.goto("/consultations/")

    assert answer.status == 200
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-Hans", "en": "en"}[face.language]
    assert page.locator("h1").count() == 1
    assert axe(page) == []


def test_elder_mode_is_one_press_and_stays(new_page: Callable[..., Any]) -> None:
    page = new_page(scripts=False, phone=True)
    page.goto("/consultations/")

    follow(page.get_by_role("link", name="长辈模式"))
    page.goto("/help/")

    assert page.locator("html").get_attribute("data-mode") == "elder"


def test_the_worker_and_the_web_server_are_both_there(site: Site) -> None:
    assert [child.name for child in site.children if child.is_alive()] == ["web", "worker"]
