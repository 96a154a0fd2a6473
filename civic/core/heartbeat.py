"""Whether the worker lives: the scheduler has it write the time every few seconds.

An old time means that the scheduler, the broker or the worker has stopped: in
each case nobody is told anything and no code is sent.
"""

from datetime import datetime, timedelta

from django.core.cache import cache

EVERY = 15  # seconds
SILENT_AFTER = timedelta(seconds=60)
_KEY = "civic.heartbeat"


def beat(*, at: datetime) -> None:
    """Write that a worker ran a task at this moment."""
    cache.set(_KEY, at.isoformat(), timeout=None)


def age(*, at: datetime) -> timedelta | None:
    """Return how long ago the worker was heard of; None when never."""
    last = cache.get(_KEY)
    return at - datetime.fromisoformat(last) if last else None
