"""Celery tasks around the bus."""

import logging
from typing import Any

from celery import shared_task

from civic.core import clock, tracing
from civic.events import bus
from civic.events.models import Delivery

logger = logging.getLogger(__name__)


@shared_task
def deliver_entry(entry_id: int, **_future: Any) -> int:
    """Run the waiting deliveries of one entry; return how many were done."""
    ids = Delivery.objects.filter(entry_id=entry_id, status=Delivery.Status.WAITING).values_list("pk", flat=True)
    return sum(bus.deliver(pk, at=clock.now()) for pk in list(ids))


@shared_task
def deliver_entries(rung: list[tuple[int, str]], **_future: Any) -> int:
    """Run the waiting deliveries of entries, each under the id of the request that wrote it; return how many were done."""
    done = 0
    for entry_id, request_id in rung:
        with tracing.under(request_id):
            done += deliver_entry(entry_id)
            logger.info("delivered", extra={"task": deliver_entries.name})
    return done


@shared_task
def sweep(**_future: Any) -> int:
    """Run what a crash or a lost message left waiting; return how many were done."""
    at = clock.now()
    return sum(bus.deliver(pk, at=at) for pk in bus.waiting(at=at))
