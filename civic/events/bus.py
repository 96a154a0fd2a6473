"""Publishing and subscribing."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import models, transaction

from civic.audit.models import Entry
from civic.audit.record import Happening, record, record_each
from civic.core import clock
from civic.core.backoff import pause
from civic.core.texts import legible
from civic.core.writing import insert
from civic.events import bell
from civic.events.models import Delivery

logger = logging.getLogger(__name__)

Handler = Callable[[Entry], None]

MAX_ATTEMPTS = 8
_handlers: dict[str, Handler] = {}
_subscribers: dict[str, list[str]] = {}


def subscribe(*entry_types: str) -> Callable[[Handler], Handler]:
    """Register the decorated function for entries of these types.

    It runs after commit, in a transaction of its own that also marks the
    delivery done, so its database effects happen exactly once; whatever it
    sends outside must be a row of its own.
    """

    def register(handler: Handler) -> Handler:
        name = f"{handler.__module__}.{handler.__name__}"
        _handlers[name] = handler
        for entry_type in entry_types:
            names = _subscribers.setdefault(entry_type, [])
            if name not in names:  # owed twice, nothing of this type could be published any more
                names.append(name)
        return handler

    return register


def publish(
    type_name: str,
    *,
    subject: models.Model,
    actor: models.Model | None,
    at: datetime,
    channel: str = "",
    facts: dict[str, Any] | None = None,
) -> Entry:
    """Record an entry and owe it to every subscriber.  See ``civic.audit.record``."""
    entry = record(type_name, subject=subject, actor=actor, at=at, channel=channel, facts=facts)
    _owe(type_name, [entry])
    return entry


def publish_each(
    type_name: str, happenings: Sequence[Happening], *, actor: models.Model | None, at: datetime, channel: str = ""
) -> list[Entry]:
    """Do for many things of one kind what ``publish`` does for one, in two statements."""
    entries = record_each(type_name, happenings, actor=actor, at=at, channel=channel)
    _owe(type_name, entries)
    return entries


def _owe(type_name: str, entries: Sequence[Entry]) -> None:
    names = _subscribers.get(type_name, [])
    if not names:
        return
    due_at = clock.now()
    owed = [Delivery(entry=entry, subscriber=name, due_at=due_at) for entry in entries for name in names]
    if len(owed) == 1:
        insert(owed[0])
    else:
        Delivery.objects.bulk_create(owed)
    for entry in entries:
        transaction.on_commit(partial(wake, entry.pk))  # which only rings, and cannot fail


def deliver(delivery_id: int, *, at: datetime) -> bool:
    """Run one waiting delivery; return whether it is done.

    Two workers may hold the same id: the row lock (or SQLite's single writer)
    lets one of them run it.  A handler's error is kept on the row and tried
    again with growing pauses, at most ``MAX_ATTEMPTS`` times.
    """
    try:
        with transaction.atomic():
            delivery = (
                Delivery.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("entry")
                .filter(pk=delivery_id, status=Delivery.Status.WAITING)
                .first()
            )
            if delivery is None:
                return False
            _handlers[delivery.subscriber](delivery.entry)
            delivery.status = Delivery.Status.DONE
            delivery.done_at = at
            delivery.attempts += 1
            delivery.save(update_fields=["status", "done_at", "attempts"])
            return True
    except Exception as error:
        logger.exception("delivery %s failed", delivery_id)
        _note_failure(delivery_id, error, at)
        return False


def waiting(*, at: datetime) -> list[int]:
    """Return the ids of deliveries that are due, oldest first, a batch at a time."""
    due = Delivery.objects.filter(status=Delivery.Status.WAITING, due_at__lte=at).order_by("id")
    return list(due.values_list("pk", flat=True)[:500])


def _note_failure(delivery_id: int, error: Exception, at: datetime) -> None:
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
        if delivery.status == Delivery.Status.DONE:
            return
        delivery.attempts += 1
        delivery.error = legible(f"{type(error).__name__}: {error}")[:2000]
        delivery.due_at = at + pause(delivery.attempts, first=20, factor=2, most=3600)
        if delivery.attempts >= MAX_ATTEMPTS:
            delivery.status = Delivery.Status.FAILED
        delivery.save(update_fields=["attempts", "error", "due_at", "status"])


def wake(entry_id: int) -> None:
    """Tell a worker; when no broker answers, the sweeper finds the rows anyway."""
    bell.ring(entry_id)
