"""Celery tasks around the record."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutdown

from civic.audit import sealing
from civic.core import clock


@shared_task
def seal(**_future: Any) -> int:
    """Seal what waits; return how many entries that were."""
    return sealing.seal_waiting(at=clock.now())


@worker_shutdown.connect
def seal_before_leaving(**_signal: Any) -> None:
    """Seal what waits when a worker is stopped: a site at rest leaves nothing that looks forgotten."""
    sealing.seal_waiting(at=clock.now())
