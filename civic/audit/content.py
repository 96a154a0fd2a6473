"""What of an entry is hashed, and how: version 1 (docs/decisions/0010-a-sealed-record.md).

The content is a JSON object with sorted keys, no spaces and unescaped
characters, in UTF-8.  Whatever can be forgotten stands in it as a commitment:
the SHA-256 of a random salt and the value.  While the salt is kept anyone can
check the value; without it the commitment says nothing and the hash still fits.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings

from civic.audit import types

VERSION = 1
ACTOR, SUBJECT, FACT = "actor", "subject", "fact:"
BEGINNING = "0" * 64


class Row(NamedTuple):
    """The columns of an entry, as stored."""

    id: int
    type: str
    subject_type: str
    subject_id: str
    actor: int | None
    at: datetime
    recorded_at: datetime
    channel: str
    facts: Mapping[str, Any]


def canonical(value: Any) -> str:
    """Return the one way to write ``value`` down."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    """Return the hexadecimal SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def salt() -> str:
    """Return 128 fresh random bits."""
    return secrets.token_hex(16)


def commitment(salt: str, part: str, value: Any) -> str:
    """Return the commitment to one part of an entry."""
    return sha256(canonical([salt, part, value]))


@cache
def person_type() -> str:
    """Return how subjects that are people are called."""
    return settings.AUTH_USER_MODEL.lower()


def clear_parts(row: Row) -> dict[str, Any]:
    """Return what of an entry may be forgotten, as far as it is still there."""
    parts: dict[str, Any] = {}
    if row.actor is not None:
        parts[ACTOR] = row.actor
    if row.subject_type == person_type() and row.subject_id:
        parts[SUBJECT] = row.subject_id
    for fact in _personal(row.type):
        if fact in row.facts:
            parts[f"{FACT}{fact}"] = row.facts[fact]
    return parts


def content(row: Row, *, commitments: Mapping[str, str], office: str, place: str) -> dict[str, Any]:
    """Return the content of an entry, with its commitments in place of what may be forgotten."""
    return {
        "actor": commitments.get(ACTOR),
        "at": instant(row.at),
        "channel": row.channel,
        "entry": row.id,
        # Which facts are personal was decided when the entry was sealed.
        "facts": {name: value for name, value in row.facts.items() if f"{FACT}{name}" not in commitments},
        "office": office,
        "place": place,
        "private": {part[len(FACT) :]: made for part, made in commitments.items() if part.startswith(FACT)},
        "recorded_at": instant(row.recorded_at),
        "subject": commitments.get(SUBJECT, row.subject_id),
        "subject_type": row.subject_type,
        "type": row.type,
        "version": VERSION,
    }


def digest(row: Row, *, commitments: Mapping[str, str], office: str, place: str) -> str:
    """Return the hash of an entry's content."""
    return sha256(canonical(content(row, commitments=commitments, office=office, place=place)))


def seal_hash(*, number: int, previous: str, count: int, batch: str, sealed_at: datetime) -> str:
    """Return the hash of a seal; the next one names it."""
    return sha256(
        canonical(
            {
                "batch": batch, "count": count, "number": number, "previous": previous,
                "sealed_at": instant(sealed_at), "version": VERSION,
            }
        )
    )  # fmt: skip


def instant(moment: datetime) -> str:
    """Return an instant in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _personal(type_name: str) -> frozenset[str]:
    try:
        return types.get(type_name).personal
    except LookupError:
        return frozenset()  # a type of an older release
