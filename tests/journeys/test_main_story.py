"""The whole road: a policy, a consultation on it, words, supports, answers, a result, and everybody told.

Walked on the running site with real web and worker processes.  The editor's
steps need scripts (Wagtail's editor does); everything else is walked with
scripts, and without.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from dev.demo import DEFAULT_PASSWORD
from dev.site import Site
from tests.journeys.conftest import Face, NewPage
from tests.journeys.steps import enter, follow

SignIn = Callable[[Any, str], None]
#: Each database, and each value of a face, once: none of them minds which of the others it meets.
STORIES = [
    pytest.param("sqlite", Face(), id="sqlite-scripts-desktop-zh"),
    pytest.param(
        "postgresql", Face(scripts=False, phone=True, language="en"), id="postgresql-no-scripts-phone-en",
        marks=pytest.mark.needs("postgresql"),
    ),
]  # fmt: skip
#: What an editor may do beside saving lies behind this.
OTHER_ACTIONS = "footer [data-w-dropdown-target=toggle]"
# Days pass: what the consultation and its words are dated by lies that much further back.
PASS = """
from datetime import timedelta
from django.db.models import F
from consult.consultations.models import Consultation, Phase
from consult.discussion.models import Contribution
back = timedelta(days={days})
asked = Consultation.objects.filter(slug="{slug}")
dates = ("opens_at", "closes_at", "answer_due_at", "announced_at")
asked.update(**{{name: F(name) - back for name in dates}})
Phase.objects.filter(consultation__in=asked).update(opens_at=F("opens_at") - back, closes_at=F("closes_at") - back)
Contribution.objects.filter(consultation__in=asked).update(created_at=F("created_at") - back)
"""


@pytest.mark.needs("browser")
@pytest.mark.parametrize(("site", "face"), STORIES, indirect=["site"])
def test_a_policy_travels_from_draft_to_everybody_knowing(
    site: Site, new_page: NewPage, sign_in: SignIn, axe: Callable[[Any], list[str]], face: Face
) -> None:
    walk_the_road(site, new_page, sign_in, axe, face)


def walk_the_road(site: Site, new_page: NewPage, sign_in: SignIn, axe: Callable[[Any], list[str]], face: Face) -> None:
    """Walk it on any seeded site; ``prove`` is silent at the end."""
    slug = f"market-{face.language}"
    title = f"赶集日道路安排 {face.language}"
    staff = Face(scripts=face.scripts, language=face.language)

    # The editor drafts, a second person approves.
    editor = new_page(Face())
    sign_in(editor, "editor")
    _draft_policy(editor, title, slug)
    approver = new_page(Face())
    sign_in(approver, "approver")
    _approve_policy(approver, title)
    reader = new_page(face)
    reader.goto(f"/policies/{slug}/")
    assert title in reader.content()

    # An official opens a consultation on that revision and announces it.
    official = new_page(staff)
    sign_in(official, "official")
    _open_consultation(official, title, slug)

    # Residents speak; the clock closes it; what comes too late is refused and kept.
    _comment_before_signing_in(reader, slug, axe)
    other = new_page(face)
    sign_in(other, "coordinator")
    _propose_and_support(other, slug)
    _begin_to_write(other, slug)
    _days_pass(site, slug, 11)
    _come_too_late(other)

    # The official answers both together; a second person publishes; the official closes.
    _answer(official, slug)
    second = new_page(staff)
    sign_in(second, "approver")
    _publish_answer(second, slug)
    official.goto(f"/desk/consultations/{slug}/conclude/")
    follow(official.locator("form[action$='/conclude/'] button"))
    assert "/result/" in official.url

    # The result says what came in and what changes; everybody finds their own words in a notice.
    reader.goto(f"/consultations/{slug}/result/")
    assert "四米消防通道" in reader.content()
    assert "n = 2" in reader.content()
    assert axe(reader) == []
    _wait_for(lambda: _told(reader, "消防车"))
    _wait_for(lambda: _told(other, "南街"))
    _wait_for(lambda: len(_mails(site, "resident@demo.example", title)) == 2)  # answered, then concluded
    proved = site.manage("prove")
    assert (proved.returncode, proved.stderr) == (0, "")


def _comment_before_signing_in(page: Any, slug: str, axe: Callable[[Any], list[str]]) -> None:
    words = "赶集日北街太挤，消防车进不来。"
    page.goto(f"/consultations/{slug}/text/")
    assert axe(page) == []
    follow(page.locator(".clause a.cbtn").first)
    page.locator("textarea[name=text]").fill(words)
    follow(page.locator("form[data-draft] button.main"))
    page.locator("input[name=login]").fill("resident@demo.example")
    page.locator("input[name=password]").fill(DEFAULT_PASSWORD)
    enter(page.locator("input[name=password]"))
    assert f"/consultations/{slug}/say/" in page.url
    assert page.locator("textarea[name=text]").input_value() == words
    follow(page.locator("form[data-draft] button.main"))
    assert re.search(r"/contributions/\d+/", page.url)


def _propose_and_support(page: Any, slug: str) -> None:
    page.goto(f"/consultations/{slug}/say/?kind=proposal")
    page.locator("input[name=title]").fill("南街单行")
    page.locator("textarea[name=text]").fill("南街赶集日改单行，车从河边走。")
    follow(page.locator("form[data-draft] button.main"))
    assert re.search(r"/contributions/\d+/", page.url)
    page.goto(f"/consultations/{slug}/?sort=newest")
    hers = page.locator("article.say", has_text="消防车")
    hers.locator("button.sup").click()
    hers.locator("button.sup[aria-pressed=true]").wait_for()


def _begin_to_write(page: Any, slug: str) -> None:
    page.goto(f"/consultations/{slug}/say/")
    page.locator("textarea[name=text]").fill("来晚了的话")


def _come_too_late(page: Any) -> None:
    follow(page.locator("form[data-draft] button.main"))
    page.locator(".errs").wait_for()
    assert page.locator("textarea[name=text]").input_value() == "来晚了的话"
    assert page.locator("form[data-draft] button.main[aria-disabled=true]").count() == 1


def _answer(page: Any, slug: str) -> None:
    page.goto(f"/desk/consultations/{slug}/")
    page.locator("input[name=all]").check()
    page.locator("input[name=outcome][value=adopted]").check(force=True)
    page.locator("textarea[name=text]").fill("采纳。北街留四米消防通道，南街赶集日单行。")
    page.locator("select[name=clause]").last.select_option(index=1)
    page.locator("textarea[name=new_text]").fill("赶集日北街留出四米消防通道。")
    follow(page.locator("button[name=then][value=send]"))


def _publish_answer(page: Any, slug: str) -> None:
    page.goto(f"/desk/consultations/{slug}/?show=submitted")
    follow(page.locator("a[href*='/desk/answers/']").first)
    follow(page.locator("form[action$='/approve/'] button"))


def _draft_policy(page: Any, title: str, slug: str) -> None:
    page.goto("/cms/pages/")
    library = re.search(r"/cms/pages/(\d+)/", page.url)
    assert library is not None
    _save_nothing_meanwhile(page)
    page.goto(f"/cms/pages/add/civic_policies/policypage/{library.group(1)}/")
    page.locator("[name=title]").fill(title)
    page.locator("[name=summary]").fill("赶集那天哪条街怎么走。")
    for number, words in enumerate(("赶集日北街不停车。", "赶集日南街照旧通行。")):
        page.locator("button.c-sf-add-button").last.click()
        page.locator("[role=option]").first.click()
        page.locator(f"[name=clauses-{number}-value-number]").fill(f"第{'一二'[number]}条")
        page.locator(f"[name=clauses-{number}-value-text]").fill(words)
    page.get_by_role("tab").nth(1).click()
    page.locator("[name=issuing_body]").select_option(label="云澜县交通运输局")
    page.locator("[name=place]").select_option(index=1)
    page.get_by_role("tab").last.click()
    page.locator("[name=slug]").fill(slug)
    page.locator(OTHER_ACTIONS).click()
    follow(page.locator("button[name=action-submit]"))


def _save_nothing_meanwhile(page: Any) -> None:
    """Let the editor save nothing by itself.

    It does so a moment after the last change, and what it is about to make then stands, on a slow machine, in the way
    of the same page being sent by hand.
    """
    page.route("**/cms/pages/**", lambda route: route.abort() if _saves_by_itself(route.request) else route.fallback())


def _saves_by_itself(request: Any) -> bool:
    return request.method == "POST" and request.headers.get("accept") == "application/json"


def _approve_policy(page: Any, title: str) -> None:
    page.goto("/cms/")
    follow(page.get_by_role("link", name=title).first)
    page.locator(OTHER_ACTIONS).click()
    page.locator("[data-workflow-action-name=approve]").first.click()
    page.locator(".messages .success").wait_for()


def _open_consultation(page: Any, title: str, slug: str) -> None:
    page.goto("/desk/open/?template=general")
    page.locator("[name=title]").fill(title)
    page.locator("[name=summary]").fill("赶集日的路怎么安排，请您先说。")
    page.locator("[name=question]").fill("您觉得这样行不行？")
    page.locator("[name=policy]").select_option(label=title)
    page.locator("[name=open_to]").select_option("990126")
    now = time.time()
    page.locator("[name=collect_from]").fill(_local(now - 60))
    page.locator("[name=collect_until]").fill(_local(now + 10 * 86400))
    page.locator("[name=reply_until]").fill(_local(now + 30 * 86400))
    page.locator("[name=slug]").fill(slug)
    follow(page.locator("main form button.main").last)
    assert "/announce/" in page.url
    follow(page.locator("form[action$='/announce/'] button.main, main form button.main").last)


def _local(moment: float) -> str:
    """Return an instant as the form wants it, in the county's time."""
    return time.strftime("%Y-%m-%dT%H:%M", time.gmtime(moment + 8 * 3600))


def _days_pass(site: Site, slug: str, days: int) -> None:
    moved = site.manage("shell", "-c", PASS.format(slug=slug, days=days))
    assert moved.returncode == 0, moved.stderr


def _told(page: Any, words: str) -> bool:
    page.goto("/me/notices/")
    return words in page.content()


def _mails(site: Site, address: str, title: str) -> list[str]:
    mails = [json.loads(path.read_text()) for path in (site.home / "outbox").glob("*.json")]
    return [mail["subject"] for mail in mails if address in mail["to"] and title in mail["subject"]]


def _wait_for(condition: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not come true in time."
        time.sleep(0.2)
