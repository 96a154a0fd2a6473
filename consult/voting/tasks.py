"""What the clock did to polls, written down.  No vote depends on any of this having run."""

from typing import Any

from celery import shared_task

from civic.core import clock
from consult.voting import closing, counting, opening


@shared_task
def by_the_clock(**_future: Any) -> int:
    """Open what is due and say that it began, publish batches, close what is over, count what is closed."""
    at = clock.now()
    done = opening.prepare_due(at=at)
    done += opening.begin_due(at=at)
    done += closing.publish_batches(at=at)
    done += closing.close_due(at=at)
    return done + counting.count_due(at=at)
