"""What the clock did to polls, written down.  No vote depends on any of this having run."""

from typing import Any

from celery import shared_task

from civic.core import clock
from consult.voting import closing, counting


@shared_task
def by_the_clock(**_future: Any) -> int:
    """Publish batches, close what is over, count what is closed."""
    at = clock.now()
    done = closing.publish_batches(at=at)
    done += closing.close_due(at=at)
    return done + counting.count_due(at=at)
