"""Handing messages and letters to the mail server and the text-message gateway.

Each row is claimed by a conditional update, so of two workers one sends.  A
claim lasts ``LEASE``: a row whose sender died is tried again under the same
key, so that the receiving side can recognise a repetition
(docs/decisions/0005-sending-once.md).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from civic.core import sms
from civic.core.languages import site_text
from civic.notify import kinds, queries
from civic.notify.models import Channel, Letter, Message, Outgoing

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
LEASE = timedelta(minutes=5)
SWEEP_BATCH = 500

Row = TypeVar("Row", Message, Letter)


class Unwanted(Exception):
    """The person has switched this off, or left, since the row was written."""


def send_message(pk: int, *, at: datetime) -> bool:
    """Send one notice through its channel if it is due; return whether this call sent it."""
    return _send(Message, pk, _hand_over_message, at=at)


def send_letter(pk: int, *, at: datetime) -> bool:
    """Send one letter if it is due and has not expired; return whether this call sent it."""
    return _send(Letter, pk, _hand_over_letter, at=at)


def due(model: type[Message] | type[Letter], *, at: datetime) -> list[int]:
    """Return the ids of rows to send now, oldest first, a batch at a time."""
    rows = model.objects.filter(_claimable(at)).order_by("due_at", "id")
    return list(rows.values_list("pk", flat=True)[:SWEEP_BATCH])


def _claimable(at: datetime) -> Q:
    return Q(status__in=[Outgoing.Status.WAITING, Outgoing.Status.SENDING], due_at__lte=at)


def _send(model: type[Row], pk: int, hand_over: Callable[[Row, datetime], None], *, at: datetime) -> bool:
    rows = model.objects.filter(_claimable(at), pk=pk)
    claimed = rows.update(status=Outgoing.Status.SENDING, attempts=F("attempts") + 1, due_at=at + LEASE)
    if not claimed:
        return False
    row = model.objects.get(pk=pk)
    # whoever claims it after our lease has another number of attempts, and the last word
    mine = model.objects.filter(pk=pk, status=Outgoing.Status.SENDING, attempts=row.attempts)
    if row.attempts > MAX_ATTEMPTS:
        mine.update(status=Outgoing.Status.FAILED, error="every sender died before saying whether it was sent")
        return False
    try:
        hand_over(row, at)
    except Unwanted:
        mine.update(status=Outgoing.Status.SKIPPED, error="", **_emptied(row))
        return False
    except Exception as error:
        # no address in the log: the row's id finds it
        logger.warning("%s %s was not sent: %s", model.__name__, pk, type(error).__name__)
        over = row.attempts >= MAX_ATTEMPTS
        mine.update(
            status=Outgoing.Status.FAILED if over else Outgoing.Status.WAITING,
            error=f"{type(error).__name__}: {error}"[:500],
            due_at=at + timedelta(seconds=15 * 4 ** min(row.attempts, 5)),
            **(_emptied(row) if over else {}),
        )
        return False
    mine.update(status=Outgoing.Status.SENT, sent_at=at, error="", **_emptied(row))
    return True


def _emptied(row: Outgoing) -> dict[str, object]:
    return {"address": "", "content": {}} if isinstance(row, Letter) else {}


def _hand_over_message(message: Message, at: datetime) -> None:
    notice = message.notice
    person = notice.person
    kind = kinds.find(notice.kind)
    unconfirmed = queries.unconfirmed_addresses([person])
    chosen = queries.choices_of([person.pk])
    if (
        kind is None
        or not queries.reachable(person, message.channel, unconfirmed=unconfirmed)
        or not queries.wanted(person.pk, kind, message.channel, chosen)
    ):
        raise Unwanted
    with translation.override(person.language or settings.LANGUAGE_CODE):
        url = settings.BASE_URL + notice.url
        if message.channel == Channel.SMS:
            sms.gateway().send(to=person.phone or "", text=f"{notice.title} {url}", key=str(message.key))
            return
        context = {
            "notice": notice,
            "url": url,
            "preferences_url": settings.BASE_URL + reverse("me-preferences"),
            "place": site_text("place"),
        }
        subject = " ".join(render_to_string("emails/notice_subject.txt", context).split())
        text = render_to_string("emails/notice.txt", context)
        html = render_to_string("emails/notice.html", context)
    _mail(person.email or "", subject, text, html, key=str(message.key))


def _hand_over_letter(letter: Letter, at: datetime) -> None:
    if at >= letter.expires_at:
        raise Unwanted
    content = letter.content
    if letter.channel == Channel.SMS:
        sms.gateway().send(to=letter.address, text=content["text"], key=str(letter.key))
    else:
        _mail(letter.address, content["subject"], content["text"], content.get("html", ""), key=str(letter.key))


def _mail(address: str, subject: str, text: str, html: str, *, key: str) -> None:
    host = settings.BASE_URL.split("://")[-1].split("/")[0].split(":")[0]
    mail = EmailMultiAlternatives(subject, text, to=[address], headers={"Message-ID": f"<{key}@{host}>"})
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()
