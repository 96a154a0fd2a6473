"""From a template to an announced consultation, more time, withdrawing, closing: through HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from civic.audit.models import Entry
from civic.core import clock
from civic.policies import domain as policies
from civic.policies.models import PolicyPage
from consult.consultations import actions, domain
from consult.consultations.models import Consultation
from consult.consultations.states import State
from consult.replies import domain as replies
from tests.consult.conftest import DAY, County, Opener
from tests.consult.desk.conftest import CLAUSES, Sent, said_in

NEW = "/desk/open/"


def moment(days: float) -> str:
    """Return an instant some days from now as a browser's date field sends it."""
    return f"{localtime(clock.now() + days * DAY):%Y-%m-%dT%H:%M}"


def typed(county: County, **values: object) -> dict[str, Any]:
    """Return a consultation as a browser sends it."""
    return {
        "template": "general", "title": "夜间停车怎么收费", "title_en": "Parking at night",
        "summary": "夜里怎么收费，您来说。", "question": "夜里该不该收费？", "sponsor": county.bureau.pk, "policy": "",
        "open_to": county.place.code, "level": 1, "collect_from": moment(1), "collect_until": moment(11),
        "discuss_until": moment(15), "reply_until": moment(30), "shorter_because": "", "slug": "",
    } | values  # fmt: skip


def review_of(consultation: Consultation) -> str:
    return reverse("desk-consultation-announce", args=[consultation.slug])


def drop_of(consultation: Consultation) -> str:
    return reverse("desk-consultation-drop", args=[consultation.slug])


def test_the_templates_say_their_minimum_and_basis(official: Client) -> None:
    page = official.get(NEW)
    assert [preset.minimum_days for preset in page.context["presets"]] == [30, 15, 7]


@pytest.mark.parametrize("template", ["major_decision", "normative", "general"])
def test_a_templates_own_periods_are_filled_in_and_fit(county: County, official: Client, template: str) -> None:
    form = official.get(f"{NEW}?template={template}").context["form"]
    values = {name: form[name].value() for name in ("collect_from", "collect_until", "reply_until")}
    shown = {name: f"{value:%Y-%m-%dT%H:%M}" for name, value in values.items()}
    official.post(NEW, typed(county, template=template, discuss_until="", **shown))
    made = Consultation.objects.get()
    assert domain.why_not_ready(made, at=clock.now()) is None


def test_a_draft_pins_the_policys_published_text_of_this_moment(
    county: County, official: Client, policy: PolicyPage
) -> None:
    response = official.post(NEW, typed(county, policy=policy.pk))
    made = Consultation.objects.get()
    assert response["Location"] == review_of(made)
    assert (made.slug, made.revision_id, made.state) == ("parking-at-night", policy.live_revision_id, State.DRAFT)
    policies.revise_policy(
        page=policy, author=county.official, approver=county.approver, at=datetime(2026, 3, 1, tzinfo=UTC),
        clauses=CLAUSES[:1],
    )  # fmt: skip
    assert official.get(review_of(made)).context["newer_text"] is True


def test_addresses_are_chosen_and_never_doubled(county: County, official: Client) -> None:
    for _again in range(3):
        official.post(NEW, typed(county, title_en="Parking: at *night*!"))
    official.post(NEW, typed(county, title_en=""))
    slugs = list(Consultation.objects.order_by("pk").values_list("slug", flat=True))
    assert slugs[:3] == ["parking-at-night", "parking-at-night-2", "parking-at-night-3"]
    assert slugs[3].startswith("bureau-")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 20_000}, "title"),
        ({"summary": "长" * 81}, "summary"),
        ({"question": "看\u202e这里"}, "question"),
        ({"background": "a\x1bb"}, "background"),
        ({"sponsor": "999999"}, "sponsor"),
        ({"policy": "999999"}, "policy"),
        ({"open_to": "000"}, "open_to"),
        ({"level": "0"}, "level"),
        ({"collect_from": "morgen"}, "collect_from"),
        ({"collect_until": ""}, "collect_until"),
        ({"collect_until": "2020-01-01T00:00"}, "collect_until"),
        ({"discuss_until": "2020-01-01T00:00"}, "discuss_until"),
        ({"reply_until": "2020-01-01T00:00"}, "reply_until"),
        ({"slug": "停车"}, "slug"),
    ],
)
def test_bad_input_comes_back_with_a_sentence_and_as_typed(
    county: County, official: Client, sent: dict[str, Any], field: str
) -> None:
    values = typed(county, **sent)
    response = official.post(NEW, values)
    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (422, [field])
    assert form[field].value() == values[field]
    assert not Consultation.objects.exists()


def test_a_taken_address_is_said_at_its_field(county: County, official: Client, running: Consultation) -> None:
    response = official.post(NEW, typed(county, slug=running.slug))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["slug"])


def test_a_body_one_does_not_act_for_cannot_be_chosen(county: County, official: Client) -> None:
    from orgs.bodies.models import Organisation

    other = Organisation.objects.create(slug="other", kind="department", name="水利局", place=county.place)
    assert list(official.post(NEW, typed(county, sponsor=other.pk)).context["form"].errors) == ["sponsor"]


def test_announcing_freezes_what_was_read(county: County, official: Client) -> None:
    official.post(NEW, typed(county))
    made = Consultation.objects.get()
    seen = official.get(review_of(made)).context["seen"]
    response = official.post(review_of(made), {"seen": seen})
    made.refresh_from_db()
    assert (response["Location"], made.state, bool(made.rules_hash)) == (
        made.get_absolute_url(), State.ANNOUNCED, True,
    )  # fmt: skip


def test_a_draft_changed_since_it_was_read_is_not_announced(county: County, official: Client) -> None:
    official.post(NEW, typed(county))
    made = Consultation.objects.get()
    seen = official.get(review_of(made)).context["seen"]
    edit = reverse("desk-consultation-edit", args=[made.slug])
    assert official.post(edit, typed(county, title="改过的题目", seen=seen)).status_code == 302
    assert official.post(review_of(made), {"seen": seen}).status_code == 409
    assert official.post(edit, typed(county, title="旧窗口", seen=seen)).status_code == 409
    made.refresh_from_db()
    assert (made.state, made.title) == (State.DRAFT, "改过的题目")


def test_a_shorter_period_needs_a_published_reason(county: County, official: Client) -> None:
    short = typed(county, template="major_decision")
    official.post(NEW, short)
    made = Consultation.objects.get()
    page = official.get(review_of(made))
    assert page.context["why_not"].code == "too-short"
    assert official.post(review_of(made), {"seen": page.context["seen"]}).status_code == 403
    edit = reverse("desk-consultation-edit", args=[made.slug])
    official.post(edit, short | {"shorter_because": "汛期前必须定", "seen": page.context["seen"]})
    seen = official.get(review_of(made)).context["seen"]
    assert official.post(review_of(made), {"seen": seen}).status_code == 302


def test_a_draft_can_be_thrown_away_and_leaves_its_entry(county: County, official: Client) -> None:
    official.post(NEW, typed(county))
    made = Consultation.objects.get()
    seen = official.get(review_of(made)).context["seen"]

    assert official.post(drop_of(made), {"seen": seen}).status_code == 302

    assert not Consultation.objects.exists()
    assert Entry.objects.get(type=actions.DROPPED).subject_id == str(made.pk)
    assert official.get("/desk/consultations/").status_code == 200


def test_a_draft_changed_since_it_was_read_is_not_thrown_away(county: County, official: Client) -> None:
    official.post(NEW, typed(county))
    made = Consultation.objects.get()
    assert official.post(drop_of(made), {"seen": "somebody else's"}).status_code == 409
    assert Consultation.objects.exists()


def test_what_was_announced_is_never_thrown_away(county: County, official: Client) -> None:
    official.post(NEW, typed(county))
    made = Consultation.objects.get()
    seen = official.get(review_of(made)).context["seen"]
    official.post(review_of(made), {"seen": seen})
    assert official.post(drop_of(made), {"seen": seen}).status_code == 409
    assert Consultation.objects.exists()


def test_a_draft_is_found_by_its_office_alone(county: County, official: Client) -> None:
    official.post(NEW, typed(county))
    made = Consultation.objects.get()
    assert Client().get(made.get_absolute_url()).status_code == 404
    assert official.get(reverse("desk-consultation", args=[made.slug]))["Location"] == review_of(made)
    form = official.get(reverse("desk-consultation-edit", args=[made.slug])).context["form"]
    assert form["title"].value() == made.title


def test_people_get_more_time_with_a_reason_and_never_less(
    county: County, official: Client, running: Consultation
) -> None:
    path = reverse("desk-consultation-extend", args=[running.slug])
    assert official.get(path).status_code == 200
    assert list(official.post(path, {"until": moment(40), "note": ""}).context["form"].errors) == ["note"]
    assert list(official.post(path, {"until": moment(2), "note": "汛期"}).context["form"].errors) == ["until"]
    before = running.closes_at
    assert official.post(path, {"until": moment(40), "note": "汛期"}).status_code == 302
    running.refresh_from_db()
    assert running.closes_at > before


def test_withdrawing_needs_a_reason(county: County, official: Client, running: Consultation) -> None:
    path = reverse("desk-consultation-withdraw", args=[running.slug])
    assert official.get(path).status_code == 200
    assert official.post(path, {"note": ""}).status_code == 422
    assert official.post(path, {"note": "政策改了"}).status_code == 302
    assert official.post(path, {"note": "再来一次"}).status_code == 409
    assert official.get(reverse("desk-consultation", args=[running.slug])).status_code == 200


def test_closing_waits_for_every_answer(county: County, official: Client, over: Consultation, send: Sent) -> None:
    reply = send(over, said_in(over, county))
    path = reverse("desk-conclude", args=[over.slug])
    assert official.get(path).context["why_not"].code == "unanswered"
    assert official.post(path).status_code == 403
    replies.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=clock.now())
    assert official.get(path).context["why_not"] is None
    assert official.post(path).status_code == 302
    over.refresh_from_db()
    assert over.state == State.ANSWERED
    assert official.get(path).status_code == 200
    assert official.post(path).status_code in {403, 409}


def test_what_is_answered_can_be_archived_once_and_stays_readable(
    county: County, official: Client, over: Consultation
) -> None:
    path = reverse("desk-consultation-archive", args=[over.slug])
    assert official.post(path).status_code == 409
    assert official.post(reverse("desk-conclude", args=[over.slug])).status_code == 302
    assert path in official.get(reverse("desk-conclude", args=[over.slug])).text
    assert official.get(path).status_code == 405
    assert official.post(path).status_code == 302
    over.refresh_from_db()
    assert over.state == State.ARCHIVED
    assert official.post(path).status_code == 409
    for name in ("consultation", "consultation-result", "desk-consultation", "desk-conclude"):
        assert official.get(reverse(name, args=[over.slug])).status_code == 200, name


@pytest.mark.parametrize(("shift", "code"), [(timedelta(minutes=1), "not-over"), (-timedelta(minutes=1), None)])
def test_closing_waits_for_peoples_time(
    official: Client, open_consultation: Opener, shift: timedelta, code: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)
    asked = open_consultation(opens_at=at - 15 * DAY + shift)
    why_not = official.get(reverse("desk-conclude", args=[asked.slug])).context["why_not"]
    assert getattr(why_not, "code", None) == code


def test_only_places_the_office_works_for_can_be_asked(county: County, official: Client) -> None:
    county.bureau.place = county.here
    county.bureau.save()
    page = official.post(NEW, typed(county, open_to=county.elsewhere.code))
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["open_to"])
    assert [str(place) for place in page.context["form"].fields["open_to"].queryset] == [str(county.here)]
