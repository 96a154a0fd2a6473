"""What the clock did, written down."""

from typing import Any

from celery import shared_task

from civic.core import clock
from consult.consultations import domain


@shared_task
def record_phases(**_future: Any) -> int:
    """Record openings and closings that are due."""
    return domain.record_clock(at=clock.now())
