"""Tasks of the ground itself."""

from typing import Any

from celery import shared_task

from civic.core import changes, clock, tallies
from civic.core import heartbeat as hearts


@shared_task
def forget_old_changes(**_future: Any) -> int:
    """Throw away notes of changes that every process has seen."""
    return changes.forget_old(at=clock.now())


@shared_task
def forget_tallies(**_future: Any) -> int:
    """Delete counts of limits whose time is over."""
    return tallies.forget(at=clock.now())


@shared_task
def heartbeat(**_future: Any) -> None:
    """Say that scheduler, broker and worker live."""
    hearts.beat(at=clock.now())
