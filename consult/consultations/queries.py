"""Reading consultations."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from civic.access.questions import visible
from consult.consultations.actions import VIEW
from consult.consultations.models import Consultation


def readable(person: Any, *, at: datetime) -> "QuerySet[Consultation]":
    """Return the consultations a person may read, with what pages show."""
    return visible(person, VIEW, Consultation.objects.for_pages(), at=at)
