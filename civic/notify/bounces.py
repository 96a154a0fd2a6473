"""What comes back: reports of mail servers (RFC 3464) and of providers, and the channels they stop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from civic.core.texts import legible
from civic.events.bus import publish
from civic.notify import actions, domain, kinds, queries
from civic.notify.models import Bounce, Channel, Digest
from civic.notify.models import Message as Sent
from civic.people.models import Person

LARGEST = 1024 * 1024
_KEY = re.compile(r"<([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@")


class Unreadable(ValueError):
    """What was handed in is no report we understand; the message says what is missing."""


@dataclass(frozen=True)
class Report:
    """One address did not take one message.

    ``key`` is the key of what we sent, empty when the report does not name it;
    then ``recipient`` finds the person, for reporters we trust.
    """

    channel: str
    key: str
    recipient: str
    is_hard: bool
    reason: str
    source: str


def read_dsn(raw: bytes) -> list[Report]:
    """Return what a delivery status notification (RFC 3464) reports as failed or delayed for good.

    Recipients it reports as delivered, relayed or merely delayed give nothing.
    Raises ``Unreadable`` for a mail that is no such notification or does not
    name the message it is about: everybody can write to the mailbox that takes
    bounces, but only whoever held our mail knows its key.
    """
    mail = message_from_bytes(raw, policy=policy.default)
    parts = list(mail.walk())
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None:
        raise Unreadable("This mail holds no delivery status (RFC 3464).")
    key = _key_in(parts)
    if not key:
        raise Unreadable("This report does not name the Message-ID of the mail it is about.")
    found = []
    for block in _blocks(status):
        if (block.get("Action") or "").strip().lower() != "failed":
            continue
        code = str(block.get("Status") or "")
        said = legible(str(block.get("Diagnostic-Code") or code))
        recipient = legible(str(block.get("Final-Recipient") or "").partition(";")[2])
        found.append(Report(Channel.EMAIL, key, recipient, not code.startswith("4."), said, f"dsn:{key}"))
    return found


def read_provider(data: Any) -> list[Report]:
    """Return the reports in a provider's JSON: one object or a list of them.

    Each has ``type`` (``hard`` or ``soft``), ``channel`` (``email``, the
    default, or ``sms``), ``reason``, and ``message_id`` (our Message-ID or
    idempotency key), ``recipient`` or both.  Raises ``Unreadable``.
    """
    rows = data if isinstance(data, list) else [data]
    return [_provider_report(row) for row in rows]


def take(reports: list[Report], *, at: datetime) -> int:
    """Note the reports; return how many were news.  Reports of what we never sent are passed over."""
    return sum(_take(report, at) for report in reports)


def note(*, person: Person, channel: str, source: str, is_hard: bool, reason: str, at: datetime) -> bool:
    """Note one bounce of a person's present address; return whether it is news.

    When it stops the channel, the person is told so on the site.
    """
    address, reason = queries.address_of(person, channel), legible(reason)
    with transaction.atomic():
        # one after the other: each counts what those before it wrote
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        was_stopped = _is_stopped(person, channel, at)
        _bounce, is_new = Bounce.objects.get_or_create(
            person=person, channel=channel, source=source[:80],
            defaults={
                "mark": queries.mark_of(address), "is_hard": is_hard, "at": at,
                # what servers say may repeat the address, which is kept in one place only
                "reason": reason.replace(address, "…")[:200] if address else reason[:200],
            },
        )  # fmt: skip
        if is_new and not was_stopped and _is_stopped(person, channel, at):
            entry = publish(actions.STOPPED, subject=person, actor=None, at=at, facts={"channel": channel})
            kind = kinds.EMAIL_STOPPED if channel == Channel.EMAIL else kinds.SMS_STOPPED
            url = f"{reverse('me-preferences')}#stopped"
            domain.tell(kind=kind, entry=entry, recipients=[(person, {}, url)], at=at)
    return is_new


def _take(report: Report, at: datetime) -> bool:
    person = _person_of(report)
    if person is None:
        return False
    return note(
        person=person, channel=report.channel, source=report.source, is_hard=report.is_hard, reason=report.reason, at=at
    )


def _person_of(report: Report) -> Person | None:
    if report.key:
        sent = Sent.objects.filter(key=report.key, channel=report.channel).select_related("notice__person").first()
        if sent is not None:
            return _unless_moved(sent.notice.person, report)
        digest = Digest.objects.filter(key=report.key).select_related("person").first()
        return _unless_moved(digest.person, report) if digest is not None else None
    field = "phone" if report.channel == Channel.SMS else "email__iexact"
    return Person.objects.filter(is_active=True, **{field: report.recipient}).first()


def _unless_moved(person: Person, report: Report) -> Person | None:
    # a late report about the address somebody had before says nothing about the new one
    now = queries.address_of(person, report.channel).lower()
    return person if now and report.recipient.lower() in {"", now} else None


def _is_stopped(person: Person, channel: str, at: datetime) -> bool:
    return any(stopped == channel for _person, stopped, _since in queries.stopped([person], at=at))


def _provider_report(row: Any) -> Report:
    if not isinstance(row, dict):
        raise Unreadable("Each report is an object.")
    texts = {name: row.get(name, "") for name in ("type", "channel", "reason", "message_id", "recipient")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise Unreadable("type, channel, reason, message_id and recipient are texts.")
    texts = {name: legible(value) for name, value in texts.items()}
    channel = texts["channel"] or Channel.EMAIL
    if texts["type"] not in {"hard", "soft"} or channel not in Channel.values:
        raise Unreadable("type is hard or soft, channel is email or sms.")
    key = _uuid(texts["message_id"].strip("<>").partition("@")[0])
    if not key and not texts["recipient"]:
        raise Unreadable("A report names the message_id, the recipient, or both.")
    about = texts["message_id"] or sha256(repr(sorted(texts.items())).encode()).hexdigest()[:40]
    return Report(channel, key, texts["recipient"], texts["type"] == "hard", texts["reason"], f"provider:{about}"[:80])


def _blocks(status: Message) -> Iterator[Message]:
    payload = status.get_payload()
    if isinstance(payload, list):
        yield from (part for part in payload if isinstance(part, Message))


def _key_in(parts: list[EmailMessage] | list[Message]) -> str:
    """Return the key in the Message-ID of the mail that comes back whole, by its headers, or named by the server."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            texts = [part.get_payload(decode=True) or b""]
            named = [bytes(text).decode(errors="replace") for text in texts if isinstance(text, bytes)]
        elif kind in {"message/rfc822", "message/delivery-status"}:
            named = [str(inner.get("Message-ID") or "") for inner in _blocks(part)]
            named += [str(inner.get("Original-Message-ID") or "") for inner in _blocks(part)]
        else:
            continue
        for text in named:
            if match := _KEY.search(text):
                return match.group(1)
    return ""


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
