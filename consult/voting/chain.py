"""Writing a poll's public chain.  Callers hold the poll's row, so entries come one after another."""

from collections.abc import Mapping
from typing import Any

from consult.voting import keys
from consult.voting.hashing import NOTHING_BEFORE, entry_hash
from consult.voting.models import BulletinEntry, Poll


def append(poll: Poll, kind: str, content: Mapping[str, Any]) -> BulletinEntry:
    """Add one signed entry after the last one.  No entry holds a time but in its own content."""
    last = BulletinEntry.objects.filter(poll=poll).order_by("-number").first()
    number, previous = (last.number + 1, last.hash) if last else (1, NOTHING_BEFORE)
    hash_ = entry_hash(previous, number, kind, dict(content))
    return BulletinEntry.objects.create(
        poll=poll, number=number, kind=kind, content=dict(content), previous=previous, hash=hash_,
        signature=keys.sign(poll.pk, poll.key.sealed, hash_),
    )  # fmt: skip


def last_of(poll: Poll, kind: str) -> BulletinEntry:
    """Return the latest entry of a kind; ``DoesNotExist`` when there is none."""
    return BulletinEntry.objects.filter(poll=poll, kind=kind).latest("number")
