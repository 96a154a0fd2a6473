"""A pack as the printer gets it: the part to hand in and the part to keep stand on one sheet."""

import re
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders

from civic.people.models import Person
from consult.voting.domain import ChoicePlan
from tests.consult.voting import slips
from tests.consult.voting.conftest import Drafter

pytestmark = [pytest.mark.needs("browser"), pytest.mark.django_db, pytest.mark.usefixtures("running")]

PROJECTS = tuple(
    ChoicePlan(f"p{n}", f"第{n}处候车亭装遮雨棚", f"A shelter at stop {n}", cost=90_000 + n) for n in range(5)
)


def sheets(browser: Any, page: str) -> int:
    """Print a page in Chromium; return on how many sheets."""

    def serve(route: Any) -> None:
        path = urlsplit(route.request.url).path
        if path == "/pack/":
            route.fulfill(body=page, content_type="text/html; charset=utf-8")
        elif found := finders.find(path.removeprefix("/static/")):
            route.fulfill(path=found)
        else:
            route.abort()

    context = browser.new_context(java_script_enabled=False)
    try:
        paper = context.new_page()
        paper.route("**/*", serve)
        paper.goto("http://printer.test/pack/")
        printed = paper.pdf(prefer_css_page_size=True)
    finally:
        context.close()
    return len(re.findall(rb"/Type\s*/Page\b", printed))


@pytest.mark.parametrize(("per_sheet", "expected"), [("1", 4), ("2", 2)])
def test_no_slip_runs_over_its_sheet(
    per_sheet: str, expected: int, browser: Any, on_paper: Drafter, clerk: Person
) -> None:
    poll = on_paper(
        method="equal-shares", counting={"budget": 600_000, "points": 7}, choices=PROJECTS,
        question="候车条件有 60 万元可用，您想先改哪几处？",
        question_en="600,000 yuan for bus stops: what should be improved first?",
    )  # fmt: skip
    sent = {"slips": "4", "per_sheet": per_sheet, "submission": str(uuid.uuid4())}
    page = slips.browser(clerk).post(f"/desk/polls/{poll.slug}/paper/pack/", sent).content.decode()
    assert sheets(browser, page) == expected
