"""Reading consultations."""

from datetime import datetime
from typing import Any

from django.db.models import Min, Q, QuerySet

from civic.access.questions import visible
from civic.core.asking import Question, attach
from civic.core.rows import maker
from civic.core.shelves import Shelf
from consult.consultations.actions import VIEW
from consult.consultations.models import Consultation, Phase


def scope_of(consultation_id: int) -> str:
    """Return the name under which changes inside one consultation are noted (``civic.core.changes``)."""
    return f"consultation:{consultation_id}"


_COLUMNS = [field.attname for field in Phase._meta.concrete_fields]
_PHASES: Question[tuple[Any, ...]] = Question(
    lambda consultation: Phase.objects.filter(consultation_id=consultation).values_list(*_COLUMNS), consultation=int
)
_phase = maker(Phase, _COLUMNS)
_frozen: Shelf[list[tuple[Any, ...]]] = Shelf(10_000, weigh=len)


def with_phases(consultation: Consultation) -> Consultation:
    """Load a consultation's phases, as ``for_pages`` does, and return it.

    What was announced is frozen under a hash: its phases are asked for once per process, and anew when it is extended.
    """
    frozen = (consultation.pk, consultation.rules_hash, consultation.opens_at, consultation.closes_at)
    rows = _frozen.get(frozen) if consultation.rules_hash else None
    if rows is None:
        rows = _PHASES.all(consultation=consultation.pk)
        if consultation.rules_hash:
            _frozen.put(frozen, rows)
    attach(consultation, "phases", list(map(_phase, rows)))
    return consultation


def next_edge(at: datetime) -> datetime | None:
    """Return the next instant at which a consultation or one of its phases opens, closes or becomes overdue."""
    moments = ("opens_at", "closes_at", "answer_due_at")
    known = Consultation.objects.public().aggregate(
        **{f"next_{m}": Min(m, filter=Q(**{f"{m}__gt": at})) for m in moments}
    )
    known |= Phase.objects.aggregate(**{f"phase_{m}": Min(m, filter=Q(**{f"{m}__gt": at})) for m in moments[:2]})
    return min((moment for moment in known.values() if moment is not None), default=None)


def readable(person: Any, *, at: datetime) -> "QuerySet[Consultation]":
    """Return the consultations a person may read, with what pages show."""
    return visible(person, VIEW, Consultation.objects.for_pages(), at=at)
