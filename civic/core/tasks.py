"""Tasks of the ground itself."""

from typing import Any

from celery import shared_task

from civic.core import clock
from civic.core import heartbeat as hearts


@shared_task
def heartbeat(**_future: Any) -> None:
    """Say that scheduler, broker and worker live."""
    hearts.beat(at=clock.now())
