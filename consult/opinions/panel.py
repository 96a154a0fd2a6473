"""The statements on a consultation's page."""

from datetime import datetime
from typing import Any

from civic.core.asking import Question
from consult.consultations.models import Consultation
from consult.consultations.queries import scope_of
from consult.discussion.panels import Panel
from consult.opinions.models import StatementTally
from consult.opinions.queries import Sort, card, shown, sorted_by

FEW = 3
_FEW: Question[StatementTally] = Question(
    lambda consultation: sorted_by(shown(Consultation(pk=consultation)), Sort.VOTED)[:FEW], consultation=int
)


def statements_panel(consultation: Consultation, person: Any, at: datetime) -> Panel | None:
    """Return the statements most people gave an opinion on; one query, None when there are none."""
    few = [card(tally) for tally in _FEW.unchanged(scope_of(consultation.pk), consultation=consultation.pk)]
    if not few:
        return None
    return Panel("consult/opinions/_panel.html", {"cards": few})
