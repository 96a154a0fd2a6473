"""Forgetting a person in the record: the links and the words go, the hashes stay and the chain holds."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.audit import sealing, types
from civic.audit.content import ACTOR, FACT, SUBJECT, person_type
from civic.audit.models import Entry, SealedEntry
from civic.audit.record import record

FORGOTTEN = types.declare(
    "civic:audit:forgotten", _("Somebody was forgotten: %(parts)s facts of %(entries)s entries."), "parts", "entries"
)

CHUNK = 500
Concern = Callable[[int], "Iterable[models.QuerySet[Any]]"]

_concerns: list[Concern] = []


def concern(find: Concern) -> None:
    """Say which objects tell of a person: personal facts of their entries are forgotten with the person.

    ``find(person_id)`` returns querysets: the powers somebody held, for example.
    """
    _concerns.append(find)


def forget(*, person_id: int, at: datetime) -> int:
    """Forget a person in every entry and return how many entries were touched.

    Whatever names the person as the one who acted or was acted upon is cut,
    and personal facts are removed, where the person said them for themselves
    or where the entry tells of the person.  Offices, dates and figures stay, and
    every seal still holds.  An entry says how much went, not what.  Calling it
    again finds nothing.  Part of the caller's transaction, if there is one.
    """
    with transaction.atomic():
        # Only what is sealed can be forgotten without becoming deniable.
        sealing.seal_waiting(at=at, wait=True)
        entries = parts = 0
        for entry, concerns in _entries_of(person_id):
            gone = _parts_of(entry, person_id, concerns=concerns)
            if gone:
                _cut(entry, gone)
                entries, parts = entries + 1, parts + len(gone)
        if entries:
            person = get_user_model()(pk=person_id)
            record(FORGOTTEN, subject=person, actor=None, at=at, facts={"parts": parts, "entries": entries})
    return entries


def _entries_of(person_id: int) -> Iterator[tuple[Entry, bool]]:
    """Yield the entries that name a person or tell of what is theirs (True)."""
    mine = Q(actor_id=person_id) | Q(subject_type=person_type(), subject_id=str(person_id))
    for entry in _with_seals(Entry.objects.filter(mine).exclude(type=FORGOTTEN)):
        yield entry, False
    for find in _concerns:
        for rows in find(person_id):
            label = rows.model._meta.label_lower
            keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
            for start in range(0, len(keys), CHUNK):
                about = Entry.objects.filter(subject_type=label, subject_id__in=keys[start : start + CHUNK])
                for entry in _with_seals(about):
                    yield entry, True


def _with_seals(entries: "models.QuerySet[Entry]") -> list[Entry]:
    return list(entries.select_related("sealing").order_by("pk"))


def _parts_of(entry: Entry, person_id: int, *, concerns: bool) -> set[str]:
    """Return what of the entry goes with this person."""
    parts = set()
    is_actor = entry.actor_id == person_id
    is_subject = entry.subject_type == person_type() and entry.subject_id == str(person_id)
    if is_actor:
        parts.add(ACTOR)
    if is_subject:
        parts.add(SUBJECT)
    if is_subject or concerns or (is_actor and _is_own(entry.type)):
        parts |= {part for part in entry.sealing.commitments if part.startswith(FACT)}
    return parts & set(entry.sealing.salts)


def _is_own(type_name: str) -> bool:
    try:
        return types.get(type_name).own
    except LookupError:
        return True  # a type of an older release: rather too much than too little


def _cut(entry: Entry, parts: set[str]) -> None:
    """Remove the salts, then what they hid: the triggers let only this order through."""
    salts = {part: salt for part, salt in entry.sealing.salts.items() if part not in parts}
    changes: dict[str, Any] = {}
    if ACTOR in parts:
        changes["actor"] = None
    if SUBJECT in parts:
        changes["subject_id"] = ""
    lost = {part.removeprefix(FACT) for part in parts if part.startswith(FACT)}
    if lost:
        changes["facts"] = {name: value for name, value in entry.facts.items() if name not in lost}
    models.QuerySet(SealedEntry).filter(pk=entry.pk).update(salts=salts)
    models.QuerySet(Entry).filter(pk=entry.pk).update(**changes)
