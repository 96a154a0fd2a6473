"""Celery tasks around the bus."""

import logging
from functools import partial
from typing import Any

from celery import shared_task

from civic.core import clock, tracing, turns
from civic.events import bus
from civic.events.models import Delivery

logger = logging.getLogger(__name__)


@shared_task
def deliver_entry(entry_id: int, **_future: Any) -> int:
    """Run the waiting deliveries of one entry; return how many were done."""
    ids = Delivery.objects.filter(entry_id=entry_id, status=Delivery.Status.WAITING).values_list("pk", flat=True)
    return turns.each(list(ids), lambda pk: bus.deliver(pk, at=clock.now()))


@shared_task
def deliver_entries(rung: list[tuple[int, str]], **_future: Any) -> int:
    """Run the waiting deliveries of entries, each under the id of the request that wrote it; return how many were done."""
    return turns.each(rung, _deliver_rung)


def _deliver_rung(ring: tuple[int, str]) -> int:
    entry_id, request_id = ring
    with tracing.under(request_id):
        done = deliver_entry(entry_id)
        logger.info("delivered", extra={"task": deliver_entries.name})
    return done


@shared_task
def sweep(**_future: Any) -> int:
    """Run what a crash or a lost message left waiting; return how many were done."""
    at = clock.now()
    return turns.each(bus.waiting(at=at), partial(bus.deliver, at=at))
