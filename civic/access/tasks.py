"""Celery tasks around sessions."""

from typing import Any

from celery import shared_task

from civic.access import sessions
from civic.core import clock


@shared_task
def forget_ended_sessions(**_future: Any) -> int:
    """Delete what nobody is signed in with any more; return how many sessions that were."""
    return sessions.forget_ended(at=clock.now())
