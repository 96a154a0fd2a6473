"""Following the chain from its beginning: the first broken link, and what is not sealed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from civic.audit import content, guards
from civic.audit.content import ACTOR, BEGINNING, FACT, SUBJECT, Row
from civic.audit.forgetting import FORGOTTEN
from civic.audit.models import Entry, Seal, SealedEntry
from civic.core import clock

CHUNK = 2000
PATIENCE = timedelta(minutes=5)


class Member(NamedTuple):
    """A sealed entry's own columns."""

    seal: int
    position: int
    digest: str
    office: str
    place: str
    commitments: dict[str, str]
    salts: dict[str, str]


_COLUMNS = [*Member._fields, *(f"entry__{name}" for name in Row._fields)]


def broken_links() -> Iterator[str]:
    """Yield the first seal that does not hold, with what is wrong in it.

    What comes after a broken link is bound to it and proves nothing, so it is
    not looked at.  Reads the record once, a chunk at a time, in one statement:
    sealing and forgetting meanwhile are no faults.
    """
    last = Seal.objects.order_by("-number").values_list("number", flat=True).first()
    if last is None:
        return
    members = _members(last)
    held = next(members, None)
    previous, expected = BEGINNING, 1
    for seal in Seal.objects.filter(number__lte=last).order_by("number").iterator(chunk_size=CHUNK):
        if seal.number != expected:
            yield f"seal {expected} is missing: after seal {expected - 1} comes seal {seal.number}"
            return
        digests: list[str] = []
        fault = ""
        while held is not None and held[0].seal <= seal.number:
            member, row = held
            if member.seal == seal.number:
                fault = fault or wrong_with_entry(member, row, place=len(digests))
                digests.append(member.digest)
            held = next(members, None)
        fault = fault or _wrong_with_seal(seal, previous, digests)
        if fault:
            yield f"seal {seal.number} is broken: {fault}"
            return
        previous, expected = seal.hash, expected + 1


def unsealed() -> Iterator[str]:
    """Yield entries that should have been sealed long ago."""
    there = SealedEntry.objects.filter(entry=OuterRef("pk"))
    late = Entry.objects.filter(~Exists(there), recorded_at__lt=clock.now() - PATIENCE)
    count = late.count()
    if count:
        first = late.order_by("pk").values_list("pk", flat=True).first()
        yield f"sealing has stopped: {count} entries older than five minutes are not sealed, the first is {first}"


def unexplained_gaps() -> Iterator[str]:
    """Yield when more, or less, was forgotten than the record tells of."""
    keys = "jsonb_object_keys" if connection.vendor == "postgresql" else "json_each"
    told = "SELECT COALESCE(SUM(CAST(facts ->> 'parts' AS BIGINT)), 0) FROM civic_audit_entry WHERE type = %s"
    made, kept = (f"(SELECT COUNT(*) FROM {keys}({column}))" for column in ("commitments", "salts"))  # noqa: S608 - names written here
    found = f"SELECT COALESCE(SUM({made} - {kept}), 0) FROM civic_audit_sealedentry"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({told}), ({found})", [FORGOTTEN])
        said, gone = cursor.fetchone()
    if said != gone:
        yield f"{gone} parts of entries are forgotten, but the record tells of {said}"


def missing_guards() -> Iterator[str]:
    """Yield each trigger of the record that is not there."""
    for name in guards.missing():
        yield f"the trigger {name} is missing: the database no longer refuses changes of the record"


def wrong_with_entry(member: Member, row: Row, *, place: int) -> str:
    """Return what does not fit between an entry and what was sealed of it; empty when it holds."""
    if member.position != place:
        return f"{_missing(member.seal, place)} is missing from it"
    who = f"entry {row.id}"
    clear = _clear(row, member.commitments)
    for part, value in clear.items():
        if part not in member.salts:
            return f"{who} carries a {_name(part)} that was not sealed with it, or had been forgotten"
        if content.commitment(member.salts[part], part, value) != member.commitments.get(part):
            return f"{who} has another {_name(part)} than when it was sealed"
    if set(member.salts) - set(clear):
        return f"{who} has lost its {_name(min(set(member.salts) - set(clear)))}"
    digest = content.digest(row, commitments=member.commitments, office=member.office, place=member.place)
    if digest != member.digest:
        return f"{who} is not what was sealed"
    return ""


def _members(last: int) -> Iterator[tuple[Member, Row]]:
    rows = SealedEntry.objects.filter(seal_id__lte=last).order_by("seal_id", "position").values_list(*_COLUMNS)
    width = len(Member._fields)
    for values in rows.iterator(chunk_size=CHUNK):
        yield Member(*values[:width]), Row(*values[width:])


def _wrong_with_seal(seal: Seal, previous: str, digests: list[str]) -> str:
    if len(digests) != seal.count:
        return f"it holds {len(digests)} entries instead of {seal.count}: {_missing(seal.number, len(digests))}"
    if content.sha256("\n".join(digests)) != seal.batch:
        return "its entries are not those, or not in the order, that were sealed"
    if seal.previous != previous:
        return f"it does not follow seal {seal.number - 1}"
    facts = {name: getattr(seal, name) for name in ("number", "previous", "count", "batch", "sealed_at")}
    return "" if content.seal_hash(**facts) == seal.hash else "its own hash is wrong"


def _missing(seal: int, position: int) -> str:
    entry = SealedEntry.objects.filter(seal=seal, position=position).values_list("entry_id", flat=True).first()
    return f"entry {entry}" if entry is not None else f"the entry at position {position}"


def _clear(row: Row, commitments: dict[str, str]) -> dict[str, object]:
    """Return what stands in the entry where something was, or might have been, committed to."""
    parts: dict[str, object] = {}
    if row.actor is not None:
        parts[ACTOR] = row.actor
    if row.subject_type == content.person_type() and row.subject_id:
        parts[SUBJECT] = row.subject_id
    for part in commitments:
        if part.startswith(FACT) and part[len(FACT) :] in row.facts:
            parts[part] = row.facts[part[len(FACT) :]]
    return parts


def _name(part: str) -> str:
    return part.removeprefix(FACT)
