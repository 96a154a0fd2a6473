"""Where other systems hear of us: adding, changing, testing, a new secret.  Each step leaves an entry."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core.refusals import STALE, Reason, Refused, Unfit
from civic.events.bus import publish
from civic.notify import actions, webhooks, wire
from civic.notify.models import WebhookDelivery, WebhookEndpoint
from civic.people.models import Person

# how long the secret before signs too: time to change it on the other side
OVERLAP = timedelta(hours=24)

BAD_ADDRESS = Reason("webhook-address", _("This cannot be the address of a webhook: %(why)s"))
TWICE = Reason("webhook-twice", _("This office has a webhook to this address already."))
NO_KINDS = Reason("webhook-kinds", _("Choose at least one event."))
SWITCHED_OFF = Reason("webhook-off", _("This webhook is switched off. Switch it on first."))


def add(*, owner: Any, url: str, kinds: Collection[str], actor: Person, at: datetime) -> WebhookEndpoint:
    """Add an endpoint of a body with a fresh secret.  Raises ``Refused``, and ``Unfit`` for what was typed."""
    _check(url, kinds)
    endpoint = WebhookEndpoint(
        owner=owner, url=url, kinds=sorted(kinds), secret=webhooks.new_secret(), created_by=actor, created_at=at
    )
    with transaction.atomic():
        require(actor, actions.WEBHOOKS, endpoint, at=at)
        _save(endpoint)
        facts = {"host": endpoint.host, "kinds": endpoint.kinds}
        publish(actions.WEBHOOK_ADDED, subject=endpoint, actor=actor, at=at, facts=facts)
    return endpoint


def change(
    *, endpoint: WebhookEndpoint, url: str, kinds: Collection[str], is_active: bool, actor: Person, at: datetime
) -> None:
    """Change where, what and whether an endpoint hears.  Raises as ``add`` does."""
    _check(url, kinds)
    with transaction.atomic():
        locked = _locked(endpoint, actor, at)
        locked.url, locked.kinds, locked.is_active = url, sorted(kinds), is_active
        _save(locked)
        facts = {"host": locked.host, "kinds": locked.kinds, "active": is_active}
        publish(actions.WEBHOOK_CHANGED, subject=locked, actor=actor, at=at, facts=facts)


def rotate(*, endpoint: WebhookEndpoint, seen: str, actor: Person, at: datetime) -> WebhookEndpoint:
    """Give an endpoint a new secret; the one before signs beside it for ``OVERLAP``.

    ``seen`` is the end of the secret the person looked at: of two changes at
    once, one wins and the other is told.
    """
    with transaction.atomic():
        locked = _locked(endpoint, actor, at)
        if not seen or not locked.secret.endswith(seen):
            raise Refused(STALE, conflict=True)
        locked.previous_secret, locked.previous_until = locked.secret, at + OVERLAP
        locked.secret = webhooks.new_secret()
        locked.save(update_fields=["secret", "previous_secret", "previous_until"])
        publish(actions.WEBHOOK_ROTATED, subject=locked, actor=actor, at=at, facts={"host": locked.host})
    return locked


def test(*, endpoint: WebhookEndpoint, actor: Person, at: datetime) -> WebhookDelivery:
    """Owe a test to an endpoint.  Raises ``Refused``, among others for one that is switched off."""
    with transaction.atomic():
        locked = _locked(endpoint, actor, at)
        if not locked.is_active:
            raise Refused(SWITCHED_OFF)
        publish(actions.WEBHOOK_TESTED, subject=locked, actor=actor, at=at, facts={"host": locked.host})
        return webhooks.owe_test(locked, at=at)


def _locked(endpoint: WebhookEndpoint, actor: Person, at: datetime) -> WebhookEndpoint:
    locked = WebhookEndpoint.objects.select_for_update(of=("self",)).select_related("owner").get(pk=endpoint.pk)
    require(actor, actions.WEBHOOKS, locked, at=at)
    return locked


def _check(url: str, kinds: Collection[str]) -> None:
    try:
        wire.check(url, inside=settings.WEBHOOKS_INSIDE)
    except wire.Forbidden as error:
        raise Unfit(BAD_ADDRESS.with_(why=str(error))) from None
    if not kinds or not set(kinds) <= {event.name for event in webhooks.events()}:
        raise Unfit(NO_KINDS)


def _save(endpoint: WebhookEndpoint) -> None:
    try:
        with transaction.atomic():
            endpoint.save()
    except IntegrityError:
        # one_webhook_per_body_and_address; asked of the rows, because databases name a constraint each in its way
        if WebhookEndpoint.objects.filter(owner=endpoint.owner, url=endpoint.url).exclude(pk=endpoint.pk).exists():
            raise Unfit(TWICE) from None
        raise
