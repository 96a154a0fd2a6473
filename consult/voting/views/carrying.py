"""What was chosen, carried over a sign-in by the voter's own browser: sealed, for minutes, and nowhere on the site.

A session may end between filling in and casting.  The choices then go into a cookie only this site can
open, for this poll and this person: whoever else signs in at the same machine gets nothing of it.
"""

import hashlib
import zlib
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from consult.voting.models import Poll

LASTS = timedelta(minutes=15)
MOST = 3_500  # what every browser keeps of one cookie
HOLDER = "holder"


def holder_of(poll: Poll, person: int) -> str:
    """Return what a paper carries so that it is known again whose it was; it names nobody."""
    return salted_hmac("consult.voting.holder", f"{poll.pk}|{person}", algorithm="sha256").hexdigest()[:32]


def keep(response: HttpResponse, poll: Poll, sent: QueryDict, *, at: datetime, nonce: bytes) -> bool:
    """Let the browser carry what was sent; False when it is more than a browser carries, or nobody's."""
    if not sent.get(HOLDER):
        return False
    kept = sent.copy()
    for name in ("csrfmiddlewaretoken", "cast", "slip", "receipt", "go", "change"):
        kept.pop(name, None)
    until = int((at + LASTS).timestamp())
    sealed = nonce + AESGCM(_key()).encrypt(
        nonce, zlib.compress(f"{until}|{kept.urlencode()}".encode(), 9), _label(poll)
    )
    value = urlsafe_base64_encode(sealed)
    if len(value) > MOST:
        return False
    response.set_cookie(
        _name(poll), value, max_age=LASTS, path=f"/polls/{poll.slug}/", secure=settings.SESSION_COOKIE_SECURE,
        httponly=True, samesite="Lax",
    )  # fmt: skip
    return True


def take(poll: Poll, cookies: dict[str, str], *, person: int, at: datetime) -> QueryDict | None:
    """Return what this person chose in this poll minutes ago; None for anything else."""
    try:
        sealed = urlsafe_base64_decode(cookies[_name(poll)])
        opened = zlib.decompress(AESGCM(_key()).decrypt(sealed[:12], sealed[12:], _label(poll))).decode()
    except (KeyError, ValueError, InvalidTag, zlib.error):
        return None
    until, _bar, written = opened.partition("|")
    sent = QueryDict(written, mutable=True)
    if int(until) <= at.timestamp() or not constant_time_compare(sent.get(HOLDER, ""), holder_of(poll, person)):
        return None
    return sent


def is_carried(poll: Poll, cookies: dict[str, str]) -> bool:
    """Whether the browser brought something along for this poll."""
    return _name(poll) in cookies


def forget(response: HttpResponse, poll: Poll) -> None:
    """Take it from the browser again."""
    response.delete_cookie(_name(poll), path=f"/polls/{poll.slug}/")


def _name(poll: Poll) -> str:
    return f"gongyi_paper_{poll.pk}"


def _label(poll: Poll) -> bytes:
    return f"gongyi paper {poll.pk}".encode()


def _key() -> bytes:
    return hashlib.sha256(f"consult.voting.carrying|{settings.SECRET_KEY}".encode()).digest()
