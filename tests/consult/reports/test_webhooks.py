"""Other systems hear what everybody may read, and nothing of anybody's."""

import json
from collections.abc import Callable

import pytest

from civic.notify import webhooks
from civic.notify.models import WebhookDelivery, WebhookEndpoint
from consult.consultations.models import Consultation
from consult.reports.models import Report
from tests.consult.conftest import AT, DAY, County, person, say
from tests.consult.reports.conftest import ANSWERED_AT, answer

pytestmark = pytest.mark.django_db


def test_an_answered_consultation_is_told_with_dates_and_numbers_and_no_persons_words(
    county: County, consultation: Consultation, conclude: Callable[..., Report], deliver_all: Callable[..., int]
) -> None:
    author = person("罕见的名字", county.here)
    WebhookEndpoint.objects.create(
        owner=consultation.sponsor, url="https://h.test.example/", kinds=[event.name for event in webhooks.events()],
        secret=webhooks.new_secret(), created_by=author, created_at=AT,
    )  # fmt: skip
    answer(county, say(consultation, author, "末班车能不能晚一点？"))
    conclude(consultation)
    deliver_all(ANSWERED_AT + 3650 * DAY)
    told = {row.kind: row.payload for row in WebhookDelivery.objects.all()}
    assert {"reply.published", "consultation.answered"} <= set(told)
    assert told["reply.published"]["data"]["reply"] == {"outcome": "adopted", "contributions": 1}
    facts = told["consultation.answered"]["data"]
    assert (facts["slug"], facts["contributions"], facts["answered"]) == (consultation.slug, 1, 1)
    assert facts["url"].startswith("http")
    everything = json.dumps(told, ensure_ascii=False)
    assert "罕见的名字" not in everything
    assert "末班车" not in everything


def test_a_draft_is_not_told(consultation: Consultation) -> None:
    from civic.audit.models import Entry
    from consult.reports.webhooks import about_consultation

    Consultation.objects.filter(pk=consultation.pk).update(state="draft")
    entry = Entry(type="consult:consultation:opened", subject_type="", subject_id=str(consultation.pk), at=AT)
    assert about_consultation(entry) is None
