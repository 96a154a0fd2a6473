"""The record as files: CSV for a spreadsheet, JSON to verify without us (docs/decisions/0010-a-sealed-record.md)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime

from civic.audit import content
from civic.audit.content import Row, person_type
from civic.audit.models import Entry, Seal, SealedEntry
from civic.core import tables
from consult.record import queries

CHUNK = 500
COLUMNS = (
    "entry", "type", "at", "recorded_at", "office", "place", "subject_type", "subject", "channel", "sentence", "seal",
    "position", "digest",
)  # fmt: skip


def as_csv(rows: "QuerySet[Entry]") -> Iterator[str]:
    """Yield the chosen entries as a table; nobody who acted for themselves is named."""
    yield "\ufeff" + _csv([COLUMNS])
    for chunk in _chunks(rows):
        yield _csv([_cells(line) for line in queries.lines(chunk)])


def as_json(rows: "QuerySet[Entry]") -> Iterator[str]:
    """Yield one JSON document: the chosen entries as they were hashed, then every seal they are under.

    Whatever names a person stands in it as the commitment that was hashed.
    """
    yield f'{{"version":{content.VERSION},"entries":[\n'
    first, seals = True, set()
    for chunk in _chunks(rows):
        for entry in chunk:
            sealed: SealedEntry | None = getattr(entry, "sealing", None)
            if sealed is None:
                continue  # what is not sealed yet proves nothing
            seals.add(sealed.seal_id)
            yield ("" if first else ",\n") + content.canonical(hashed(entry, sealed))
            first = False
    yield '\n],"seals":[\n'
    first = True
    for numbers in _batches(sorted(seals)):
        for seal in Seal.objects.filter(number__in=numbers).order_by("number"):
            yield ("" if first else ",\n") + content.canonical(_linked(seal))
            first = False
    yield "\n]}\n"


def hashed(entry: Entry, sealed: SealedEntry) -> dict[str, Any]:
    """Return an entry as it was hashed, with its place in the chain."""
    row = Row(*(getattr(entry, "actor_id" if name == "actor" else name) for name in Row._fields))
    held = content.content(row, commitments=sealed.commitments, office=sealed.office, place=sealed.place)
    return {"content": held, "digest": sealed.digest, "position": sealed.position, "seal": sealed.seal_id}


def _linked(seal: Seal) -> dict[str, Any]:
    digests = SealedEntry.objects.filter(seal=seal).order_by("position").values_list("digest", flat=True)
    return {
        "batch": seal.batch, "count": seal.count, "digests": list(digests), "hash": seal.hash, "number": seal.number,
        "previous": seal.previous, "sealed_at": content.instant(seal.sealed_at), "version": seal.version,
    }  # fmt: skip


def _cells(line: queries.Line) -> list[Any]:
    entry, sealed = line.entry, getattr(line.entry, "sealing", None)
    return [
        entry.pk, entry.type, localtime(entry.at).isoformat(), localtime(entry.recorded_at).isoformat(),
        sealed.office if sealed else "", sealed.place if sealed else "", entry.subject_type,
        "" if entry.subject_type == person_type() else entry.subject_id, entry.channel, line.sentence,
        sealed.seal_id if sealed else "", sealed.position if sealed else "", sealed.digest if sealed else "",
    ]  # fmt: skip


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([tables.cell(value) for value in row] for row in rows)
    return out.getvalue()


def _chunks(rows: "QuerySet[Entry]") -> Iterator[list[Entry]]:
    found = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), CHUNK):
        yield numbers[start : start + CHUNK]
