"""What the clock clears away."""

from typing import Any

from celery import shared_task

from civic.core import clock, tallies


@shared_task
def forget_tallies(**_future: Any) -> int:
    """Delete counts of limits whose time is over."""
    return tallies.forget(at=clock.now())
