"""What the clock clears away."""

from typing import Any

from celery import shared_task

from civic.core import clock
from consult.discussion import drafts


@shared_task
def purge_drafts(**_future: Any) -> int:
    """Delete drafts nobody came back to."""
    return drafts.purge(at=clock.now())
