"""Forgetting a person in the record without touching an entry."""

from datetime import datetime


def forget(*, person_id: int, at: datetime) -> int:
    """Forget what entries say about a person; return how many had something to forget.

    The facts of today's entry types are never personal (``civic.audit.types``),
    and an entry names its actor by number only: once the person's own row is
    nameless, nothing is left to forget.
    """
    return 0
