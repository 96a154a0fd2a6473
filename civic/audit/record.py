"""The one door through which entries are written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from civic.audit import types
from civic.audit.models import Entry
from civic.core.refusals import SIGN_IN, Refused
from civic.core.writing import insert

REFUSED_BY_TRIGGER = "23000"  # what PostgreSQL calls a trigger's no; a constraint's has a number of its own


@dataclass(frozen=True)
class Happening:
    """One of many things of a kind that happened at once: to what, and its facts."""

    subject: models.Model
    facts: dict[str, Any] = field(default_factory=dict)


def record(
    type_name: str,
    *,
    subject: models.Model,
    actor: models.Model | None,
    at: datetime,
    channel: str = "",
    facts: dict[str, Any] | None = None,
) -> Entry:
    """Write an entry inside the caller's transaction and return it.

    Raises ``LookupError`` for an undeclared type, ``ValueError`` for a fact the
    type does not declare, and ``RuntimeError`` outside a transaction: an entry
    must stand or fall with the change it tells of.  Raises ``Refused`` when the
    one who acts was erased meanwhile: whatever they sent falls with it.
    """
    entry = _entry(type_name, Happening(subject, facts or {}), actor=actor, at=at, channel=channel)
    with _by_somebody_there():
        insert(entry)
    return entry


def record_each(
    type_name: str, happenings: Sequence[Happening], *, actor: models.Model | None, at: datetime, channel: str = ""
) -> list[Entry]:
    """Write one entry for each of many things of one kind, in one statement; everything else as ``record`` has it."""
    entries = [_entry(type_name, each, actor=actor, at=at, channel=channel) for each in happenings]
    with _by_somebody_there():
        return Entry.objects.bulk_create(entries)


@contextmanager
def _by_somebody_there() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if _is_of_the_gone(error):
            raise Refused(SIGN_IN) from error
        raise


def _is_of_the_gone(error: IntegrityError) -> bool:
    """Tell the no to a deleted account from every other: by what the database calls it, not by its words."""
    cause = error.__cause__
    return (
        getattr(cause, "sqlstate", "") == REFUSED_BY_TRIGGER
        or getattr(cause, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_TRIGGER"
    )


def _entry(type_name: str, told: Happening, *, actor: models.Model | None, at: datetime, channel: str) -> Entry:
    unknown = set(told.facts) - types.get(type_name).facts
    if unknown:
        raise ValueError(f"{type_name} does not declare the facts {', '.join(sorted(unknown))}.")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit entry is written in the transaction of the change it records.")
    return Entry(
        type=type_name,
        subject_type=told.subject._meta.label_lower,
        subject_id=str(told.subject.pk),
        actor_id=actor.pk if actor is not None else None,
        at=at,
        channel=channel,
        facts=told.facts,
    )
