"""Outgoing mail and text messages as files in ``settings.OUTBOX``.

The default where no server is set: everything that would leave can be read,
nothing leaves.  A message tried twice under one key is one file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.utils import make_msgid
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from civic.core import clock


@dataclass(frozen=True)
class Item:
    """One thing in the outbox."""

    channel: str
    to: str
    subject: str
    text: str
    html: str
    at: str
    key: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.at)


class EmailBackend(BaseEmailBackend):
    """Django's mail backend that writes files."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each mail; return how many."""
        for mail in email_messages:
            html = [str(content) for content, kind in getattr(mail, "alternatives", []) if kind == "text/html"]
            key = mail.extra_headers.get("Message-ID") or make_msgid(domain="outbox")
            write(
                "email",
                ", ".join(mail.recipients()),
                str(mail.subject),
                str(mail.body),
                "".join(html[:1]),
                key=key,
                headers=mail.extra_headers,
            )
        return len(email_messages)


class OutboxGateway:
    """A text-message gateway that writes files."""

    def send(self, *, to: str, text: str, key: str) -> None:
        """Write one message."""
        write("sms", to, "", text, "", key=key)


def write(
    channel: str, to: str, subject: str, text: str, html: str, *, key: str, headers: Mapping[str, str] | None = None
) -> Path:
    """Put one item into the outbox and return its file."""
    folder = Path(settings.OUTBOX)
    folder.mkdir(parents=True, exist_ok=True)
    item = Item(channel, to, subject, text, html, clock.now().isoformat(), key, dict(headers or {}))
    path = folder / f"{channel}-{sha256(key.encode()).hexdigest()[:32]}.json"
    half = path.with_suffix(".part")
    half.write_text(json.dumps(asdict(item), ensure_ascii=False, indent=1), encoding="utf-8")
    half.replace(path)
    return path


def read(limit: int = 100) -> list[Item]:
    """Return what is in the outbox, newest first."""
    folder = Path(settings.OUTBOX)
    paths = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)[:limit]
    return [Item(**json.loads(path.read_text(encoding="utf-8"))) for path in paths]
