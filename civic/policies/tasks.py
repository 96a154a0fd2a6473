"""What the scheduler runs."""

from typing import Any

from celery import shared_task

from civic.core import clock
from civic.policies import domain


@shared_task
def publish_scheduled(**_future: Any) -> int:
    """Publish approved texts whose day has come; return how many."""
    return domain.publish_due(at=clock.now())
