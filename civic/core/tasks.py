"""Celery tasks of the ground floor."""

from typing import Any

from celery import shared_task

from civic.core import changes, clock


@shared_task
def forget_old_changes(**_future: Any) -> int:
    """Throw away notes of changes that every process has seen."""
    return changes.forget_old(at=clock.now())
