"""advance(): the only writer of a state field."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from civic.access.questions import NO_MANDATE, may_each
from civic.audit.models import Entry
from civic.audit.record import Happening
from civic.core.refusals import NOTE_NEEDED, WRONG_STATE, Refused
from civic.core.states import Machine
from civic.events.bus import publish, publish_each

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

    Locks the row, reads it again, checks the table, asks for the transition's
    action, writes the state and ``changes`` (named fields), and publishes the
    entry with the old and the new state.  ``obj`` is refreshed.  Raises
    ``Refused``; with ``conflict`` when somebody else moved it first.
    """
    with transaction.atomic():
        current = type(obj)._default_manager.select_for_update(no_key=True).get(pk=obj.pk)
        _check([current], machine, name, actor=actor, at=at, note=note)
        before, written = getattr(current, machine.field), {machine.field: machine.transition(name).target}
        for field, value in (written | (changes or {})).items():
            setattr(current, field, value)
            setattr(obj, field, value)
        current.save(update_fields=[*written, *(changes or {})])
        told = _told(machine, name, before, note) | (facts or {})
        return publish(machine.transition(name).entry, subject=current, actor=actor, at=at, facts=told)


def advance_each(
    objs: Sequence[M],
    machine: Machine,
    name: str,
    *,
    actor: Any,
    at: datetime,
    facts: Sequence[dict[str, Any]],
    note: str = "",
) -> list[Entry]:
    """Move every one of ``objs`` as ``advance`` does, or none; ``facts`` are each one's own.

    They are taken as they are: the caller has locked them and read them, and
    what they lead to, in the same transaction.  The number of statements does
    not grow with them where their rule answers for many (``may_each``).
    """
    target = machine.transition(name).target
    with transaction.atomic():
        _check(objs, machine, name, actor=actor, at=at, note=note)
        happenings = [
            Happening(each, _told(machine, name, getattr(each, machine.field), note) | own)
            for each, own in zip(objs, facts, strict=True)
        ]
        for each in objs:
            setattr(each, machine.field, target)
        rows = type(objs[0])._default_manager.filter(pk__in=[each.pk for each in objs])
        rows.update(**{machine.field: target})
        return publish_each(machine.transition(name).entry, happenings, actor=actor, at=at)


def _check(objs: Sequence[M], machine: Machine, name: str, *, actor: Any, at: datetime, note: str) -> None:
    transition = machine.transition(name)
    if any(getattr(each, machine.field) not in transition.sources for each in objs):
        raise Refused(WRONG_STATE, conflict=True)
    for decision in may_each(actor, transition.action, objs, at=at):
        if not decision:
            raise Refused(decision.reason or NO_MANDATE)
    if transition.needs_note and not note.strip():
        raise Refused(NOTE_NEEDED)


def _told(machine: Machine, name: str, before: str, note: str) -> dict[str, Any]:
    return {"from": before, "to": machine.transition(name).target, **({"note": note} if note else {})}
