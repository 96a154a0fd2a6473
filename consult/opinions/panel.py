"""The statements on a consultation's page."""

from datetime import datetime
from typing import Any

from consult.consultations.models import Consultation
from consult.discussion.panels import Panel
from consult.opinions.queries import Sort, card, shown, sorted_by

FEW = 3


def statements_panel(consultation: Consultation, person: Any, at: datetime) -> Panel | None:
    """Return the statements most people gave an opinion on; one query, None when there are none."""
    few = [card(tally) for tally in sorted_by(shown(consultation), Sort.VOTED)[:FEW]]
    if not few:
        return None
    return Panel("consult/opinions/_panel.html", {"cards": few})
