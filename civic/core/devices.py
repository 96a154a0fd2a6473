"""A browser's own number: random, signed, and of no use but to count how often it posts.

Nothing is kept about it on the server, and no page reads it.
"""

import secrets

from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "gongyi_device"
YEAR = 365 * 24 * 3600
_SALT = "civic.core.devices"


def device_of(request: HttpRequest) -> str:
    """Return the browser's number; one that has none yet gets it with the answer (see ``remember``)."""
    known = getattr(request, "device", "")
    if known:
        return str(known)
    try:
        number = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=YEAR)
    except signing.BadSignature:
        number = ""
    if not isinstance(number, str) or not number:
        number = secrets.token_urlsafe(16)
        request.new_device = number  # type: ignore[attr-defined]  # read by remember()
    request.device = number  # type: ignore[attr-defined]  # once per request
    return number


def known_device_of(request: HttpRequest) -> str:
    """Return the browser's number, or nothing when it has none: reading gives nobody one."""
    return device_of(request) if COOKIE in request.COOKIES else ""


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Give a browser its number when this request made one."""
    number = getattr(request, "new_device", "")
    if number:
        response.set_cookie(
            COOKIE, signing.dumps(number, salt=_SALT), max_age=YEAR,
            httponly=True, samesite="Lax", secure=request.is_secure(),
        )  # fmt: skip
