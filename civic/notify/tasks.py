"""Celery tasks that send what is owed, one row a task."""

from typing import Any

from celery import shared_task

from civic.core import clock
from civic.notify import sending
from civic.notify.models import Letter, Message


@shared_task
def send_message(message_id: int, **_future: Any) -> bool:
    """Send one message."""
    return sending.send_message(message_id, at=clock.now())


@shared_task
def send_letter(letter_id: int, **_future: Any) -> bool:
    """Send one letter."""
    return sending.send_letter(letter_id, at=clock.now())


@shared_task
def sweep(**_future: Any) -> int:
    """Send what is due and nobody was told of: lost wake-ups, retries, senders that died."""
    sent = sum(sending.send_letter(pk, at=clock.now()) for pk in sending.due(Letter, at=clock.now()))
    return sent + sum(sending.send_message(pk, at=clock.now()) for pk in sending.due(Message, at=clock.now()))
