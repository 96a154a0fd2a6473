"""Answers to what people said, and a consultation ready to be concluded."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.replies import domain as replies
from consult.replies.models import Reply
from consult.reports import domain
from consult.reports.models import Report
from tests.consult.conftest import AT, DAY, County

ANSWERED_AT = AT + 14 * DAY


def answer(county: County, *said: Contribution, at: datetime = ANSWERED_AT, **fields: Any) -> Reply:
    """Publish an answer to some contributions."""
    change = {name: fields.pop(name) for name in ("clause_number", "new_text") if name in fields}
    values = {"outcome": "adopted", "text": "改，三月起。", "text_en": "Yes, from March.", "reason": "测算过。"}
    reply = replies.save_draft(
        actor=county.official,
        consultation=said[0].consultation,
        contributions=said,
        at=at,
        version=0,
        **(values | fields),
    )
    replies.submit(reply=reply, actor=county.official, at=at)
    if change:  # most tests' consultations have no text to choose a clause from
        Reply.objects.filter(pk=reply.pk).update(**change)
        reply.refresh_from_db()
    replies.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=at)
    return Reply.objects.select_related("consultation", "body").get(pk=reply.pk)


@pytest.fixture
def conclude(county: County) -> Callable[..., Report]:
    """Return a function that concludes a consultation in the reply phase."""

    def run(consultation: Consultation, at: datetime = ANSWERED_AT + DAY) -> Report:
        consultation = Consultation.objects.for_pages().get(pk=consultation.pk)
        return domain.conclude(consultation=consultation, actor=county.official, at=at)

    return run
