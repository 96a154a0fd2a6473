"""The one door through which entries are written."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from civic.audit import types
from civic.audit.models import Entry


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
    must stand or fall with the change it tells of.
    """
    declared = types.get(type_name)
    unknown = set(facts or {}) - declared.facts
    if unknown:
        raise ValueError(f"{type_name} does not declare the facts {', '.join(sorted(unknown))}.")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit entry is written in the transaction of the change it records.")
    return Entry.objects.create(
        type=type_name,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        actor_id=actor.pk if actor is not None else None,
        at=at,
        channel=channel,
        facts=facts or {},
    )
