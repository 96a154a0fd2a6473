"""A village decides on the lamps of its square by raising hands: once with too few in the hall, then with enough.

Walked on the running site with real web and worker processes: the clerk calls and writes down, two witnesses confirm,
the minutes go onto the notice board.
"""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from dev.site import Site
from tests.journeys.conftest import Face, NewPage
from tests.journeys.steps import follow

SignIn = Callable[[Any, str], None]
Axe = Callable[[Any], list[str]]
pytestmark = [pytest.mark.needs("browser"), pytest.mark.parametrize("site", ["sqlite"], indirect=True)]
STORIES = [Face(scripts=False, phone=True)]

#: The village's clerk gets an account one can sign in with, as the other accounts of the demo have.
CLERK = """
from allauth.account.models import EmailAddress
from civic.people.factors import give_totp
from civic.people.models import Person
known = Person.objects.get(email="clerk@demo.example").password
clerk = Person.objects.get(display_name="阿珍")
if not clerk.email:
    clerk.email, clerk.password = "village@demo.example", known
    clerk.save()
    EmailAddress.objects.create(user=clerk, email=clerk.email, verified=True, primary=True)
    give_totp(clerk)
"""
#: Eleven days go by: what was called then is held now.  Those who could not come said what they think on line.
DAYS_PASS = """
from datetime import timedelta
from django.db import transaction
from civic.core import clock
from civic.people.models import Person
from civic.places.models import Place
from consult.voting import casting, closing, counting, domain, meetings, stores
from consult.voting.domain import YES_NO, ChoicePlan
from consult.voting.meetings import Called
from consult.voting.models import Poll
from orgs.bodies.models import Organisation
now, day = clock.now(), timedelta(days=1)
clerk = Person.objects.get(email="village@demo.example")
village = Organisation.objects.get(slug="zhuyuan-village")
titles = (("赞成", "In favour"), ("反对", "Against"), ("弃权", "Abstain"))
question = [ChoicePlan(key, *words) for key, words in zip(YES_NO, titles)]
own = dict(sponsor=village, place=village.place, method="yes-no", question="广场装不装路灯？", question_en="Lamps on the square?")
with stores.time_is_given(), transaction.atomic():
    away = domain.draft_poll(
        actor=clerk, at=now - 12 * day, choices=question, slug="away-{tag}", preset="advisory", title="不能到会的怎么看",
        title_en="Those who cannot come", opens_at=now - 9 * day, closes_at=now - day,
        roll_rule=dict(kind="residents", place=village.place.code, level=1), **own)
    for step in (domain.announce, domain.draw_roll, domain.open_poll):
        step(poll=away, actor=clerk, at=now - 12 * day)
    for entry in away.roll.exclude(person=clerk)[:2]:
        casting.cast(poll=away, person=entry.person, content=dict(choices=["no"]), at=now - 5 * day)
    closing.close(poll_id=away.pk, at=now - day)
    counting.count_poll(poll_id=away.pk, at=now - day)
with transaction.atomic():
    for slug in ("few-{tag}", "enough-{tag}"):
        held = meetings.draft(
            actor=clerk, at=now - 12 * day, choices=question, slug=slug, preset="villagers-meeting", title="广场装灯 " + slug,
            opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=2),
            called=Called("老祠堂", 150, "Clan hall", advisory=Poll.objects.get(pk=away.pk)), **own)
        meetings.call(poll=held, actor=clerk, at=now - 11 * day)
"""


@pytest.mark.parametrize("face", STORIES, ids=str)
def test_a_village_meeting_decides_by_a_show_of_hands(
    site: Site, new_page: NewPage, sign_in: SignIn, axe: Axe, face: Face
) -> None:
    tag = face.language
    _manage(site, CLERK)
    clerk, reader = new_page(face), new_page(face)
    sign_in(clerk, "village")

    # The clerk calls a meeting on one page; ten days' notice is asked for, then the notice is public.
    _call(clerk, tag, axe)
    reader.goto(f"/polls/lamps-{tag}/")
    assert reader.locator("form.ballot").count() == 0
    assert "150" in reader.content()
    assert axe(reader) == []

    # Sixty of a hundred and fifty came: too few for a decision, and the minutes say so.
    _manage(site, DAYS_PASS.format(tag=tag))
    witnesses = [new_page(face), new_page(face)]
    for page, who in zip(witnesses, ("resident", "neighbour"), strict=True):
        sign_in(page, who)
    _write_down(clerk, f"few-{tag}", present=60, hands=(55, 3, 2))
    _publish(clerk, witnesses, f"few-{tag}", axe)
    reader.goto(f"/polls/few-{tag}/result/")
    advisory = {"zh": "不构成有效决定，仅供参考", "en": "Not valid as a decision, advisory only"}[face.language]
    assert advisory in reader.locator(".head").inner_text()

    # Ninety come to the next one, and it decides; what those away said stands beside it and is in no sum.
    _write_down(clerk, f"enough-{tag}", present=90, hands=(70, 15, 5), photo=True)
    _publish(clerk, witnesses, f"enough-{tag}", axe)
    reader.goto(f"/polls/enough-{tag}/result/")
    assert advisory not in reader.content()
    assert [cell.strip() for cell in reader.locator("section:not(.beside) .chart td.num").all_inner_texts()][::2] == [
        "70", "15", "5",
    ]  # fmt: skip
    assert "2" in reader.locator("section.beside .chart").inner_text()
    for words in ("村委会", "四盏", "阿珍", "五楼的林老师"):
        assert words in reader.content()
    assert reader.locator("img.tally-photo").evaluate("image => image.naturalWidth") > 0
    assert axe(reader) == []
    reader.emulate_media(media="print")
    assert reader.locator("h1").is_visible()
    assert not reader.locator("header.top").is_visible()
    proved = site.manage("prove")
    assert (proved.returncode, proved.stderr) == (0, "")


def _call(page: Any, tag: str, axe: Axe) -> None:
    page.goto("/desk/meetings/new/")
    assert axe(page) == []
    page.locator("[name=preset]").select_option("villagers-meeting")
    page.locator("[name=title]").fill("广场装灯")
    page.locator("[name=question]").fill("广场装不装路灯？")
    page.locator("[name=venue]").fill("老祠堂")
    page.locator("[name=entitled]").fill("150")
    page.locator("[name=slug]").fill(f"lamps-{tag}")
    page.locator("[name=begins_at]").fill(_local(days=3))
    follow(page.locator("main form button.main"))
    assert page.url.endswith(f"/desk/meetings/lamps-{tag}/")
    _step(page, "call")
    assert "10" in page.locator(".errs").inner_text()
    page.goto(f"/desk/meetings/lamps-{tag}/edit/")
    page.locator("[name=begins_at]").fill(_local(days=11))
    follow(page.locator("main form button.main"))
    assert page.url.endswith(f"/desk/meetings/lamps-{tag}/")
    _step(page, "call")
    assert page.locator(".errs").count() == 0
    assert axe(page) == []


def _write_down(page: Any, slug: str, *, present: int, hands: tuple[int, int, int], photo: bool = False) -> None:
    page.goto(f"/desk/meetings/{slug}/")
    page.locator("[name=present]").fill(str(present))
    for key, number in zip(("yes", "no", "abstain"), hands, strict=True):
        page.locator(f"[name=hands-{key}]").fill(str(number))
    page.locator("[name=points]").fill("灯关在九点半\n坏了谁修要说好")
    page.locator("[name=follow_up]").fill("装四盏")
    page.locator("[name=executor]").fill("村委会")
    page.locator("[name=first_witness]").fill("resident@demo.example")
    page.locator("[name=second_witness]").fill("nobody@demo.example")
    if not photo:
        # One wrong address, and nothing else has to be typed again.
        _keep(page)
        assert page.locator(".errs").is_visible()
        assert page.locator("[name=points]").input_value().startswith("灯关在九点半")
    page.locator("[name=second_witness]").fill("neighbour@demo.example")
    if photo:
        picture = io.BytesIO()
        Image.new("RGB", (300, 400), "white").save(picture, "JPEG")
        sheet = {"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
        page.locator("[name=photo]").set_input_files(sheet)
    _keep(page)
    assert page.locator(".errs").count() == 0


def _publish(clerk: Any, witnesses: list[Any], slug: str, axe: Axe) -> None:
    clerk.goto(f"/desk/meetings/{slug}/")
    assert clerk.locator("form button[disabled], form [aria-disabled=true]").count() > 0
    assert axe(clerk) == []
    for page in witnesses:
        page.goto(f"/polls/{slug}/witness/")
        assert axe(page) == []
        follow(page.locator("form[action$='/witness/'] button.main"))
        page.locator(".note.good").first.wait_for()
    clerk.goto(f"/desk/meetings/{slug}/")
    _step(clerk, "publish")
    clerk.locator(f"a[href='/polls/{slug}/minutes/']").wait_for()


def _step(page: Any, step: str) -> None:
    follow(page.locator(f"form:has(input[name=step][value={step}]) button.main"))


def _keep(page: Any) -> None:
    follow(page.locator("form[enctype='multipart/form-data'] button.main"))


def _local(*, days: int) -> str:
    """Return a moment so many days from now as the form wants it, in the county's time."""
    return f"{datetime.now(UTC) + timedelta(days=days, hours=9):%Y-%m-%dT%H:%M}"


def _manage(site: Site, code: str) -> None:
    done = site.manage("shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
