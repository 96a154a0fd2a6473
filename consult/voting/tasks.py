"""What the clock did to polls, written down.  No vote depends on any of this having run."""

from typing import Any

from celery import shared_task

from civic.core import clock
from consult.voting import closing, counting, observing, opening


@shared_task
def by_the_clock(**_future: Any) -> int:
    """Open what is due, publish batches, close what is over, count what is closed, send observers the heads of the day."""
    at = clock.now()
    done = opening.prepare_due(at=at)
    done += opening.begin_due(at=at)
    done += closing.publish_batches(at=at)
    done += closing.close_due(at=at)
    done += counting.count_due(at=at)
    return done + observing.daily_heads(at=at)
