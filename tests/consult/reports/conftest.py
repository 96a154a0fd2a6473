"""Answers to what people said, and a consultation ready to be concluded."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db.models import F

from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.replies.models import Reply, ReplyItem
from consult.reports import domain
from consult.reports.models import Report
from tests.consult.conftest import AT, DAY, County, person

ANSWERED_AT = AT + 14 * DAY
DUE = AT + 20 * DAY


def answer(county: County, *said: Contribution, at: datetime = ANSWERED_AT, **fields: Any) -> Reply:
    """Store a published answer to some contributions, with the counters and outcomes it brings."""
    consultation = said[0].consultation
    values = {"outcome": "adopted", "text": "改，三月起。", "text_en": "Yes, from March."}
    reply = Reply.objects.create(
        consultation=consultation, body=county.bureau, author=county.official, approver=person(f"approver{said[0].pk}", None),
        state="published", published_at=at, **(values | fields),
    )  # fmt: skip
    ReplyItem.objects.bulk_create(ReplyItem(reply=reply, contribution=each) for each in said)
    Contribution.objects.filter(pk__in=[each.pk for each in said]).update(outcome=reply.outcome)
    Consultation.objects.filter(pk=consultation.pk).update(answered_count=F("answered_count") + len(said))
    return reply


@pytest.fixture
def conclude(county: County) -> Callable[..., Report]:
    """Return a function that concludes a consultation in the reply phase."""

    def run(consultation: Consultation, at: datetime = ANSWERED_AT + DAY) -> Report:
        consultation = Consultation.objects.for_pages().get(pk=consultation.pk)
        return domain.conclude(consultation=consultation, actor=county.official, at=at)

    return run
