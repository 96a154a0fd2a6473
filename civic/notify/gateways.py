"""Text messages through a provider that takes them by HTTP.

One POST of JSON to ``SMS_HTTP_URL``::

    Authorization: Bearer SMS_HTTP_TOKEN
    Idempotency-Key: the same when a message is tried again
    {"to": "+8613800000001", "text": "…", "key": "…"}

Every 2xx means taken.  400, 410, 413 and 422 mean that this message will never
be taken; everything else (a wrong token or address is ours to mend, 429 and 5xx
are theirs) is tried again, after ``Retry-After`` when there is one.  A provider
that speaks otherwise gets an adapter of its own, named in ``SMS_GATEWAY``.
"""

import json
from datetime import timedelta

from django.conf import settings

from civic.core.sms import Rejected, Unavailable
from civic.notify import wire

NEVER = frozenset({400, 410, 413, 422})


class HttpGateway:
    """A gateway with an HTTP address."""

    def send(self, *, to: str, text: str, key: str) -> None:
        """Hand one message over.  Raises ``Rejected`` or ``Unavailable``."""
        body = json.dumps({"to": to, "text": text, "key": key}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
        if settings.SMS_HTTP_TOKEN:
            headers["Authorization"] = f"Bearer {settings.SMS_HTTP_TOKEN}"
        # the operator's own address: it may well stand inside
        answer = wire.post(settings.SMS_HTTP_URL, body, headers, inside=True)
        if 200 <= answer.status < 300:
            return
        said = f"the gateway answered {answer.status}: {answer.text[:200]}"
        if answer.status in NEVER:
            raise Rejected(said)
        raise Unavailable(said, after=asked_to_wait(answer))


def asked_to_wait(answer: wire.Answer) -> timedelta | None:
    """Return how long an answer asks us to wait, where it says so in seconds."""
    seconds = answer.retry_after.strip()
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 7 else None
