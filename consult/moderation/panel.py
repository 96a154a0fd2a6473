"""Slow mode, said at the top of a consultation."""

from datetime import datetime
from typing import Any

from consult.consultations.models import Consultation
from consult.discussion.panels import Panel
from consult.moderation.queries import slow_mode_told


def slow_panel(consultation: Consultation, _person: Any, at: datetime) -> Panel | None:
    """Return the line that says that slow mode is on, until when and why."""
    slow = slow_mode_told(consultation, at=at)
    return Panel("consult/moderation/_slow.html", {"slow": slow}) if slow is not None else None
