"""How often something may be done: per account, per device, per network.

The numbers stand in ``LIMITS`` and nowhere else.  A view says which of them
counts, by ``@limited("comment")`` or ``take("comment", request)``; too often is
answered with 429 and the time to try again, and what was typed is kept.
``RATE_LIMIT_FACTOR`` widens all of them, for a day everybody comes at once.

Accounts are counted closely, because each has shown an address of its own.
Networks are counted generously: behind one telephone mast or in one library
sit many people.  The neighbourhood of a network has ``NEIGHBOURHOOD`` times its
room, and a network listed in ``SHARED_NETWORKS`` has ``SHARED`` times.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civic.core import clock, devices, networks, tallies

NEIGHBOURHOOD = 8
SHARED = 20
_PER = {"m": 60, "h": 3600, "d": 24 * 3600}


@dataclass(frozen=True)
class Limit:
    """The most of one act: amounts such as ``"6/m 60/h"`` for an account, a device and a network."""

    account: str = ""
    device: str = ""
    network: str = ""


LIMITS = {
    # Saying
    "comment": Limit(account="6/m 60/h 200/d", device="10/m 100/h", network="60/m 1200/h"),
    "proposal": Limit(account="3/m 10/h 30/d", device="6/m 30/h", network="30/m 300/h"),
    "response": Limit(account="10/m 100/h 300/d", device="20/m 200/h", network="100/m 2000/h"),
    "support": Limit(account="60/m 600/h", device="60/m 600/h", network="600/m 6000/h"),
    "edit": Limit(account="10/m 60/h", device="20/m 120/h", network="100/m 1000/h"),
    "report": Limit(account="5/m 20/h 40/d", device="5/m 20/h 40/d", network="30/m 200/h"),
    "draft": Limit(account="60/m", device="60/m", network="300/m 3000/h"),
    # An account of one's own: personal settings, downloads of one's data
    "preferences": Limit(account="30/m 200/h", device="30/m 200/h", network="300/m"),
    "own-data": Limit(account="6/m 20/h", device="10/m", network="60/m"),
    "sign-up": Limit(device="6/m 20/h", network="60/m 600/h"),
    # Finding somebody's account at the counter: one person after another, not a list of addresses
    "lookup": Limit(account="10/m 100/h", device="10/m 100/h", network="100/m 1000/h"),
    # Paper ballots, one after another: finding who stands at the counter, and keying
    "hand-out": Limit(account="20/m 400/h", device="20/m 400/h", network="200/m 4000/h"),
    "keying": Limit(account="120/m 2400/h", device="120/m 2400/h", network="1200/m 12000/h"),
    # Reading that costs us more than a page
    "search": Limit(account="60/m", device="60/m", network="240/m"),
    "download": Limit(account="30/m", device="30/m", network="120/m"),
}


class TooOften(Exception):
    """Somebody did something more often than ``LIMITS`` allows; ``seconds`` says when it is possible again."""

    def __init__(self, name: str, seconds: int) -> None:
        super().__init__(name)
        self.name = name
        self.seconds = seconds


def take(name: str, request: HttpRequest) -> None:
    """Count one act of this kind; raise ``TooOften`` when it is one too many.

    A browser that posts for the first time gets its number (see ``devices``).
    """
    at = _at(request)
    counted = list(_counted(name, request))
    counts = tallies.add([window for window, _most in counted], at=at)
    waits = [window.left(at) for (window, most), count in zip(counted, counts, strict=True) if count > most]
    if waits:
        tallies.give_back([window for window, _most in counted], at=at)
        raise TooOften(name, max(waits))


def limited(
    name: str | Callable[[HttpRequest], str],
    *,
    methods: Sequence[str] = ("POST",),
    keep: Callable[..., object] | None = None,
    spare_unfit: bool = False,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Count every request to a view by one of ``methods`` as one act of this kind.

    Where one view does several things, ``name`` is a function of the request.
    ``keep`` is called with the view's arguments when it was one too many,
    before the answer: it stores what was typed.  With ``spare_unfit`` what the
    view answers with 422 is not counted: somebody who mends a text three times
    has said nothing yet.
    """
    if isinstance(name, str) and name not in LIMITS:
        raise LookupError(f"There is no limit called {name}: see civic.core.limits.LIMITS.")

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # A page of which only the head is asked costs the same to draw.
            if ("GET" if request.method == "HEAD" else request.method) not in methods:
                return view(request, *args, **kwargs)
            act = name if isinstance(name, str) else name(request)
            try:
                take(act, request)
            except TooOften:
                if keep is not None:
                    keep(request, *args, **kwargs)
                raise
            response = view(request, *args, **kwargs)
            if spare_unfit and response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
                tallies.give_back([window for window, _most in _counted(act, request)], at=_at(request))
            return response

        return counted

    return decorate


class LimitsMiddleware:
    """Answers ``TooOften``, and hands browsers the number they were counted by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        devices.remember(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for ``TooOften``; leave every other exception alone."""
        if not isinstance(exception, TooOften):
            return None
        return answer(request, seconds=exception.seconds)


def answer(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """Return the answer to something done too often: when to try again, and what was typed."""
    seconds = max(1, seconds)
    context = {"again_at": _at(request) + timedelta(seconds=seconds), "wait": wait(seconds), **_kept(request)}
    response: HttpResponse
    if request.headers.get("Accept", "").startswith("application/json"):
        message = _("Too often in a short time. Try again in %(wait)s.") % {"wait": context["wait"]}
        response = JsonResponse({"message": message, "retry_after": seconds}, status=429)
    else:
        response = render(request, "429.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def too_often(request: HttpRequest) -> HttpResponse:
    """Answer for allauth, whose limits (``ACCOUNT_RATE_LIMITS``) open again within a minute."""
    return answer(request, seconds=60)


def wait(seconds: int) -> str:
    """Return how long to wait in words, rounded up."""
    if seconds < 60:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = math.ceil(seconds / 3600)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


@lru_cache(maxsize=256)
def amounts(text: str) -> list[tuple[int, int]]:
    """Return amounts such as ``"6/m 60/h"`` as pairs of how many and in how many seconds."""
    return [(int(most), _PER[per]) for most, per in (part.split("/") for part in text.split())]


def _counted(name: str, request: HttpRequest) -> Iterator[tuple[tallies.Window, int]]:
    """Yield what this request counts in, with the most that is allowed there."""
    limit, factor = LIMITS[name], settings.RATE_LIMIT_FACTOR
    user = getattr(request, "user", None)
    if limit.account and user is not None and user.is_authenticated:
        yield from _windows(f"{name} account {user.pk}", limit.account, factor)
    # Reading gives nobody a number: only a browser that has one is counted by it.
    reads = request.method in {"GET", "HEAD"}
    device = devices.known_device_of(request) if reads else devices.device_of(request)
    if limit.device and device:
        yield from _windows(f"{name} device {device}", limit.device, factor)
    address = networks.client_address(request)
    if limit.network and address is not None:
        room = factor * (SHARED if networks.is_shared(address) else 1)
        narrow, wide = networks.networks_of(address)
        yield from _windows(f"{name} network {narrow}", limit.network, room)
        yield from _windows(f"{name} network {wide}", limit.network, room * NEIGHBOURHOOD)


def _windows(what: str, text: str, factor: int) -> Iterator[tuple[tallies.Window, int]]:
    for most, seconds in amounts(text):
        yield tallies.Window(what, seconds), most * factor


# What is never put into a page again.
_SECRET = re.compile(r"password|code|token|otp|secret", re.IGNORECASE)
_LONGEST_KEPT = 200_000
# What the page itself put into the form: a signed time, a number, a key. Nobody wrote that.
_MACHINE_MADE = re.compile(r"[\w:.=+/-]+", re.ASCII)
_WORDS = {"text", "title", "note", "reason"}


def _kept(request: HttpRequest) -> dict[str, Any]:
    """Return what was sent, to be shown and sent once more: words to read, the rest hidden.

    Nothing where a secret or a file was among it: then the browser's own form
    is the place to go back to.
    """
    if request.method != "POST":
        return {"posted": False}
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    sent = [(name, value) for name, value in sent if name != "csrfmiddlewaretoken"]
    too_long = sum(len(value) for _name, value in sent) > _LONGEST_KEPT
    if too_long or request.FILES or any(_SECRET.search(name) for name, _value in sent):
        return {"posted": True}
    words = [
        (name, value)
        for name, value in sent
        if name in _WORDS or (len(value) > 40 and not _MACHINE_MADE.fullmatch(value))
    ]
    rest = [pair for pair in sent if pair not in words]
    return {"posted": True, "sends_again": True, "words": words, "rest": rest, "address": request.get_full_path()}


def _at(request: HttpRequest) -> datetime:
    return getattr(request, "at", None) or clock.now()
