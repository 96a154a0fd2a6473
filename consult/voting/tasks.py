"""What the clock did to polls, written down.  No vote depends on any of this having run."""

from collections.abc import Callable
from typing import Any

from celery import shared_task

from civic.core import clock, turns
from consult.voting import auditing, closing, counting, observing, opening


@shared_task
def by_the_clock(**_future: Any) -> int:
    """Open what is due, publish batches, close what is over, count what is closed, send observers the heads of the day.

    No step and no poll holds up another: one whose key is lost must not keep all others from being closed.
    """
    at = clock.now()
    steps: tuple[Callable[..., int], ...] = (
        opening.prepare_due, opening.begin_due, closing.publish_batches, closing.close_due, counting.count_due,
        observing.daily_heads,
    )  # fmt: skip
    return turns.each(steps, lambda step: step(at=at))


@shared_task
def recounts(**_future: Any) -> int:
    """Do the recounts auditors asked for that take longer than a page may wait."""
    return auditing.recount_asked(at=clock.now())
