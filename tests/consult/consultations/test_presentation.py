"""How a consultation says where it stands."""

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from consult.consultations import domain
from consult.consultations.models import Consultation
from consult.consultations.presentation import status_word, steps
from tests.consult.conftest import AT, DAY, SECOND, County

OPENS = AT - 2 * DAY


@pytest.mark.parametrize(
    ("at", "word"),
    [
        (OPENS + 10 * DAY - SECOND, "Open for opinions"),
        (OPENS + 10 * DAY, "Being discussed"),
        (OPENS + 15 * DAY - SECOND, "Being discussed"),
        (OPENS + 15 * DAY, "Being answered"),
        (OPENS + 25 * DAY, "Answer overdue"),
    ],
)
def test_the_word_says_what_goes_on(consultation: Consultation, at: datetime, word: str) -> None:
    with translation.override("en"):
        assert status_word(consultation, at=at) == word


@pytest.mark.parametrize("later", [DAY, 20 * DAY])
def test_a_withdrawn_consultation_promises_no_answers(
    county: County, consultation: Consultation, later: timedelta
) -> None:
    domain.withdraw(consultation=consultation, actor=county.official, note="另行研究", at=AT)
    withdrawn = Consultation.objects.for_pages().get(pk=consultation.pk)
    with translation.override("en"):
        made = steps(withdrawn, at=AT + later)
    assert [step.title for step in made][:2] == ["Announced", "Collecting opinions"]
    assert "Replying item by item" not in {step.title for step in made}
    assert [step.state for step in made if step.state != "done"] == ["now"]
    assert (made[-1].title, made[-1].text) == ("Withdrawn", "另行研究")
