"""Handing messages, daily mails and letters to the mail server and the text-message gateway."""

from datetime import datetime
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from civic.core import sms, tracing
from civic.core.languages import site_text
from civic.notify import bounces, kinds, outgoing, queries, unsubscribing
from civic.notify.models import Channel, Digest, Letter, Message, Notice, Timing
from civic.notify.outgoing import LEASE, MAX_ATTEMPTS, NotYet, Unwanted
from civic.people.models import Person

__all__ = ["LEASE", "MAX_ATTEMPTS", "due", "send_digest", "send_letter", "send_message"]

# what waits for the daily mail goes with it, not alone
ALONE = Q(is_daily=False)
ONCE_OVER = {"address": "", "content": {}}


def send_message(pk: int, *, at: datetime) -> bool:
    """Send one notice through its channel if it is due; return whether this call sent it."""
    return outgoing.attempt(Message.objects.filter(ALONE), pk, _hand_over_message, at=at)


def send_digest(pk: int, *, at: datetime) -> bool:
    """Send one daily mail if it is due; return whether this call sent it.  Its messages share its fate."""
    return outgoing.attempt(Digest.objects.all(), pk, _hand_over_digest, at=at, settled=_settle_messages)


def send_letter(pk: int, *, at: datetime) -> bool:
    """Send one letter if it is due and has not expired; return whether this call sent it."""
    return outgoing.attempt(Letter.objects.all(), pk, _hand_over_letter, at=at, emptied=ONCE_OVER)


def due(model: type[Message] | type[Letter] | type[Digest], *, at: datetime) -> list[int]:
    """Return the ids of rows to send now, oldest first, a batch at a time."""
    rows: Any = model._default_manager.all()
    return outgoing.due(rows.filter(ALONE) if model is Message else rows, at=at)


def _hand_over_message(message: Message, at: datetime) -> None:
    notice = message.notice
    person = notice.person
    kind = kinds.find(notice.kind)
    wishes = queries.wishes_of([person], at=at)
    if (
        kind is None
        or not wishes.reaches(person, message.channel)
        or wishes.timing(person.pk, kind, message.channel) == Timing.NEVER
    ):
        raise Unwanted
    morning = at if kind.binding else wishes.rhythm(person.pk).send_after(at)
    if morning > at:
        raise NotYet(morning)
    with translation.override(person.language or settings.LANGUAGE_CODE):
        if message.channel == Channel.SMS:
            text = f"{notice.title} {settings.BASE_URL}{notice.url}"
            sms.gateway().send(to=person.phone or "", text=text, key=str(message.key))
            return
        stop_url = "" if kind.binding else unsubscribing.address(person.pk, kind.name)
        context = _context(stop_url) | {"notice": notice, "url": settings.BASE_URL + notice.url}
        _mail_person(person, "emails/notice", context, key=str(message.key), at=at)


def _hand_over_digest(digest: Digest, at: datetime) -> None:
    person = digest.person
    wishes = queries.wishes_of([person], at=at)
    if not wishes.reaches(person, Channel.EMAIL):
        raise Unwanted
    notices = _still_wanted(digest, wishes)
    if not notices:
        raise Unwanted
    with translation.override(person.language or settings.LANGUAGE_CODE):
        items = [{"notice": notice, "url": settings.BASE_URL + notice.url} for notice in notices]
        context = _context(unsubscribing.address(person.pk, unsubscribing.DIGEST)) | {
            "items": items,
            "first": notices[0],
            "count": len(items),
            "notices_url": settings.BASE_URL + reverse("me-notices"),
        }
        _mail_person(person, "emails/digest", context, key=str(digest.key), at=at)


def _still_wanted(digest: Digest, wishes: queries.Wishes) -> list[Notice]:
    wanted, unwanted = [], []
    messages = digest.messages.filter(status=Message.Status.WAITING).select_related("notice").order_by("notice")
    for message in messages:
        kind = kinds.find(message.notice.kind)
        if kind is None or wishes.timing(digest.person_id, kind, message.channel) == Timing.NEVER:
            unwanted.append(message.pk)
        else:
            wanted.append(message.notice)
    Message.objects.filter(pk__in=unwanted).update(status=Message.Status.SKIPPED)
    return wanted


def _settle_messages(digest: Digest, status: str, at: datetime) -> None:
    sent_at = at if status == Message.Status.SENT else None
    digest.messages.filter(status=Message.Status.WAITING).update(status=status, sent_at=sent_at)


def _hand_over_letter(letter: Letter, at: datetime) -> None:
    if at >= letter.expires_at:
        raise Unwanted
    content = letter.content
    if letter.channel == Channel.SMS:
        sms.gateway().send(to=letter.address, text=content["text"], key=str(letter.key))
    else:
        _mail(letter.address, content["subject"], content["text"], content.get("html", ""), key=str(letter.key))


def _context(stop_url: str) -> dict[str, Any]:
    return {
        "stop_url": stop_url,
        "preferences_url": settings.BASE_URL + reverse("me-preferences"),
        "place": site_text("place"),
    }


def _mail_person(person: Person, template: str, context: dict[str, Any], *, key: str, at: datetime) -> None:
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    text = render_to_string(f"{template}.txt", context)
    html = render_to_string(f"{template}.html", context | {"subject": subject})
    headers = unsubscribing.headers(context["stop_url"])
    address = person.email or ""
    try:
        _mail(address, subject, text, html, key=key, headers=headers)
    except SMTPRecipientsRefused as refused:
        code, said = refused.recipients.get(address, (0, b""))
        if code < 500:
            raise
        # the server knows that there is no such mailbox: the same news as a bounce, only sooner
        reason = f"{code} {said.decode(errors='replace')}"
        bounces.note(person=person, channel=Channel.EMAIL, source=f"smtp:{key}", is_hard=True, reason=reason, at=at)
        raise sms.Rejected(reason) from None


def _mail(address: str, subject: str, text: str, html: str, *, key: str, headers: dict[str, str] | None = None) -> None:
    host = settings.BASE_URL.split("://")[-1].split("/")[0].split(":")[0]
    # machines on holiday do not answer what says that a machine wrote it
    own = {"Message-ID": f"<{key}@{host}>", "Auto-Submitted": "auto-generated"}
    envelope = settings.BOUNCE_ADDRESS or settings.DEFAULT_FROM_EMAIL
    own |= {"From": settings.DEFAULT_FROM_EMAIL, **tracing.headers()}
    mail = EmailMultiAlternatives(subject, text, envelope, [address], headers=own | (headers or {}))
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()
