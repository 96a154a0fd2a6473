"""advance(): the only writer of a state field."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from civic.access.questions import require
from civic.audit.models import Entry
from civic.core.refusals import NOTE_NEEDED, WRONG_STATE, Refused
from civic.core.states import Machine
from civic.events.bus import publish

M = TypeVar("M", bound=models.Model)


def advance(
    obj: M,
    machine: Machine,
    name: str,
    *,
    actor: Any,
    at: datetime,
    note: str = "",
    changes: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> Entry:
    """Move ``obj`` through the transition ``name`` and return the entry it leaves.

    Locks the row, reads it again, checks the table, asks ``require`` for the
    transition's action, writes the state and ``changes`` (named fields), and
    publishes the entry with the old and the new state.  ``obj`` is refreshed.
    Raises ``Refused``; with ``conflict`` when somebody else moved it first.
    """
    transition = machine.transition(name)
    with transaction.atomic():
        current = type(obj)._default_manager.select_for_update(no_key=True).get(pk=obj.pk)
        before = getattr(current, machine.field)
        if before not in transition.sources:
            raise Refused(WRONG_STATE, conflict=True)
        require(actor, transition.action, current, at=at)
        if transition.needs_note and not note.strip():
            raise Refused(NOTE_NEEDED)
        written = {machine.field: transition.target, **(changes or {})}
        for field, value in written.items():
            setattr(current, field, value)
            setattr(obj, field, value)
        current.save(update_fields=list(written))
        return publish(
            transition.entry,
            subject=current,
            actor=actor,
            at=at,
            facts={"from": before, "to": transition.target, **({"note": note} if note else {}), **(facts or {})},
        )
