"""What other parts show on a consultation's page: notices at its head, panels below what people say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from consult.consultations.models import Consultation


@dataclass(frozen=True)
class Panel:
    """A template and what it needs; it starts no query."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


Make = Callable[[Consultation, Any, datetime], Panel | None]
_makers: list[Make] = []
_notices: list[Make] = []


def add_panel(make: Make) -> None:
    """Offer a panel: ``make(consultation, person, at)`` returns it, or None when there is nothing to show."""
    _makers.append(make)


def add_notice(make: Make) -> None:
    """Offer a notice for the head of a consultation's page; made like a panel."""
    _notices.append(make)


def notices_of(consultation: Consultation, person: Any, *, at: datetime) -> list[Panel]:
    """Return the notices at the head of a consultation's page."""
    made = [make(consultation, person, at) for make in _notices]
    return [notice for notice in made if notice is not None]


def panels_of(consultation: Consultation, person: Any, *, at: datetime) -> list[Panel]:
    """Return the panels of a consultation's page."""
    made = [make(consultation, person, at) for make in _makers]
    return [panel for panel in made if panel is not None]
