"""Celery tasks that send what is owed, one row a task."""

from typing import Any

from celery import shared_task

from civic.core import clock, turns
from civic.notify import digests, sending, webhooks
from civic.notify.models import Digest, Letter, Message


@shared_task
def send_message(message_id: int, **_future: Any) -> bool:
    """Send one message."""
    return sending.send_message(message_id, at=clock.now())


@shared_task
def send_digest(digest_id: int, **_future: Any) -> bool:
    """Send one daily mail."""
    return sending.send_digest(digest_id, at=clock.now())


@shared_task
def send_letter(letter_id: int, **_future: Any) -> bool:
    """Send one letter."""
    return sending.send_letter(letter_id, at=clock.now())


@shared_task
def send_webhook(delivery_id: int, **_future: Any) -> bool:
    """Send one webhook delivery."""
    return webhooks.send(delivery_id, at=clock.now())


@shared_task
def sweep(**_future: Any) -> int:
    """Send what is due and nobody was told of: daily mails, lost wake-ups, retries, senders that died."""
    sent = sum(sending.send_letter(pk, at=clock.now()) for pk in sending.due(Letter, at=clock.now()))
    digests.gather(at=clock.now())
    sent += sum(sending.send_digest(pk, at=clock.now()) for pk in sending.due(Digest, at=clock.now()))
    return sent + sum(sending.send_message(pk, at=clock.now()) for pk in sending.due(Message, at=clock.now()))


@shared_task
def sweep_webhooks(**_future: Any) -> int:
    """Send webhook deliveries that wait; apart from the rest, because slow receivers must hold up nobody's mail."""
    return turns.each(webhooks.due(at=clock.now()), lambda pk: webhooks.send(pk, at=clock.now()))
