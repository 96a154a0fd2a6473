"""A browser's own number: random, and of no use but to count how often it posts.

Nothing is kept about it on the server, and no page reads it.  It is not signed:
whoever makes one up could as well come with none and get a new one.
"""

import re
import secrets

from django.http import HttpRequest, HttpResponse

COOKIE = "gongyi_device"
YEAR = 365 * 24 * 3600
_WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{22}")


def device_of(request: HttpRequest) -> str:
    """Return the browser's number; one that has none yet gets it with the answer (see ``remember``)."""
    known = getattr(request, "device", "")
    if known:
        return str(known)
    number = request.COOKIES.get(COOKIE, "")
    if not _WELL_FORMED.fullmatch(number):
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
            COOKIE, number, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure(),
        )  # fmt: skip
