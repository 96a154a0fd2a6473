"""What other parts show on a consultation's page, below what people say."""

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


def add_panel(make: Make) -> None:
    """Offer a panel: ``make(consultation, person, at)`` returns it, or None when there is nothing to show."""
    _makers.append(make)


def panels_of(consultation: Consultation, person: Any, *, at: datetime) -> list[Panel]:
    """Return the panels of a consultation's page."""
    made = [make(consultation, person, at) for make in _makers]
    return [panel for panel in made if panel is not None]
