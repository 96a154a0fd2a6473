"""Telling other systems of public events (https://www.standardwebhooks.com).

Packages above declare which entries are events and what the public may know of
them; the bus turns each into one row per endpoint, workers send the rows.
"""

import base64
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civic.audit.models import Entry
from civic.core.sms import Rejected, Unavailable
from civic.events.bus import publish, subscribe
from civic.notify import actions, outgoing, wire
from civic.notify.gateways import asked_to_wait
from civic.notify.models import WebhookDelivery, WebhookEndpoint
from civic.notify.outgoing import Unwanted

MAX_ATTEMPTS = 8
PREFIX = "whsec_"
TEST = "test"

Facts = Callable[[Entry], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Event:
    """One kind of event other systems may hear of: its name outside, its label, and its public facts."""

    name: str
    label: str | Promise
    facts: Facts


_events: dict[str, Event] = {}
_by_entry: dict[str, list[Event]] = {}


def declare(name: str, label: str | Promise, *, entry: str, facts: Facts) -> str:
    """Declare an event and return its name; twice raises ``ValueError``.

    ``facts`` returns what everybody may read about the entry anyway (never a
    person, never words of a resident), or None when this one is not public.
    """
    if name in _events:
        raise ValueError(f"The event {name} is declared twice.")
    _events[name] = Event(name, label, facts)
    _by_entry.setdefault(entry, []).append(_events[name])
    subscribe(entry)(owe)
    return name


def events() -> list[Event]:
    """Return every event, by name."""
    return [_events[name] for name in sorted(_events)]


def new_secret() -> str:
    """Return a fresh secret of 32 random bytes, written as the specification wants."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, *, key: str, timestamp: int, body: bytes) -> str:
    """Return one signature of a delivery, with its version."""
    raw = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join([key.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.new(raw, signed, sha256).digest()).decode()


def owe(entry: Entry) -> None:
    """Owe an entry to every endpoint that wants its event; once, however often the bus delivers it."""
    for event in _by_entry.get(entry.type, []):
        endpoints = [each for each in WebhookEndpoint.objects.filter(is_active=True) if event.name in each.kinds]
        facts = event.facts(entry) if endpoints else None
        if facts is None:
            continue
        payload = _payload(event.name, entry.at, facts)
        WebhookDelivery.objects.bulk_create(
            [
                WebhookDelivery(
                    endpoint=each, entry=entry, kind=event.name, payload=payload, created_at=entry.at, due_at=entry.at
                )
                for each in endpoints
            ],
            ignore_conflicts=True,
        )
        rows = WebhookDelivery.objects.filter(entry=entry, status=WebhookDelivery.Status.WAITING)
        wake(list(rows.values_list("pk", flat=True)))


def owe_test(endpoint: WebhookEndpoint, *, at: datetime) -> WebhookDelivery:
    """Owe a test to one endpoint."""
    payload = _payload(TEST, at, {"message": str(_("This is a test: your system and ours understand each other."))})
    row = WebhookDelivery.objects.create(endpoint=endpoint, kind=TEST, payload=payload, created_at=at, due_at=at)
    wake([row.pk])
    return row


def send(pk: int, *, at: datetime) -> bool:
    """Send one delivery if it is due; return whether the receiver took it.

    One at a time to each endpoint: a receiver that dawdles keeps one thread of
    the workers, not all of them (of some claimed in the same moment more than one
    may go out; after that it is one).  What is due behind it follows at once.
    """
    under_way = WebhookDelivery.objects.filter(
        endpoint=OuterRef("endpoint"), status=WebhookDelivery.Status.SENDING, due_at__gt=at
    )
    tried: list[int] = []

    def hand_over(row: WebhookDelivery, at: datetime) -> None:
        tried.append(row.endpoint_id)
        _hand_over(row, at)

    rows = WebhookDelivery.objects.select_related("endpoint")
    taken = outgoing.attempt(rows, pk, hand_over, at=at, most=MAX_ATTEMPTS, unless=Exists(under_way))
    for endpoint in tried:
        new = WebhookDelivery.objects.filter(endpoint=endpoint, status=WebhookDelivery.Status.WAITING, attempts=0)
        wake(list(new.order_by("due_at", "pk").values_list("pk", flat=True)[:1]))
    return taken


def due(*, at: datetime) -> list[int]:
    """Return the ids of deliveries to send now, oldest first, a batch at a time."""
    return outgoing.due(WebhookDelivery.objects.all(), at=at)


def wake(ids: list[int]) -> None:
    """Tell the workers after commit; when no broker answers, the sweeper finds the rows anyway."""
    from civic.notify.tasks import send_webhook  # noqa: PLC0415 - tasks import this module

    def tell() -> None:
        for pk in ids:
            send_webhook.delay(pk)

    transaction.on_commit(tell, robust=True)


def _payload(name: str, at: datetime, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": name, "timestamp": at.isoformat(), "data": dict(facts)}


def _hand_over(row: WebhookDelivery, at: datetime) -> None:
    endpoint = row.endpoint
    if not endpoint.is_active:
        raise Unwanted
    body = json.dumps(row.payload, ensure_ascii=False, separators=(",", ":")).encode()
    key, timestamp = f"msg_{row.key.hex}", int(at.timestamp())
    signed = [signature(secret, key=key, timestamp=timestamp, body=body) for secret in endpoint.secrets_at(at)]
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signed),
    }
    try:
        answer = wire.post(endpoint.url, body, headers, inside=settings.WEBHOOKS_INSIDE)
    except wire.Forbidden as error:
        raise Rejected(str(error)) from None
    WebhookDelivery.objects.filter(pk=row.pk).update(response_status=answer.status)
    if 200 <= answer.status < 300:
        return
    if answer.status == 410:
        _switch_off(endpoint, at)
        raise Rejected("the receiver answered 410: it wants nothing more")
    raise Unavailable(f"the receiver answered {answer.status}", after=asked_to_wait(answer))


def _switch_off(endpoint: WebhookEndpoint, at: datetime) -> None:
    with transaction.atomic():
        if WebhookEndpoint.objects.filter(pk=endpoint.pk, is_active=True).update(is_active=False):
            publish(actions.WEBHOOK_REFUSED, subject=endpoint, actor=None, at=at, facts={"host": endpoint.host})
