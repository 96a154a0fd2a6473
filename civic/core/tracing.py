"""One id follows a request into the log, into the tasks it wakes and onto the mails they send."""

import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from civic.core import metrics
from civic.core.probes import PROBES

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
IN_META = "HTTP_X_REQUEST_ID"  # ``request.headers`` reads all of them for one
SLOW = 1.0  # seconds after which a request is worth a line
# Exactly what nginx and others make, so that nobody writes a telephone number into our log this way.
_WELL_FORMED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the id of the request or task this code runs for; empty outside both."""
    return _current.get()


def accept(given: str | None) -> str:
    """Return ``given`` when it is a well-formed id (32 hexadecimal digits or a UUID), a new one otherwise."""
    return given if given and _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def under(request_id: str | None) -> Iterator[str]:
    """Run the block under an id: the one given when well-formed, a new one otherwise."""
    token = enter(accept(request_id))
    try:
        yield current()
    finally:
        leave(token)


def enter(request_id: str) -> Token[str]:
    """Go on under this id until ``leave``; for callers that cannot hold a ``with`` block open."""
    return _current.set(request_id)


def leave(token: Token[str]) -> None:
    """End what ``enter`` began."""
    _current.reset(token)


def headers() -> dict[str, str]:
    """Return the header that hands the current id on; nothing outside a request or task."""
    return {HEADER: current()} if current() else {}


class RequestMiddleware:
    """Give the request its id, time it, and log what is worth a line: writes, faults, slowness.

    The line holds the route's name, never the address: no query, no name, no number.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        with under(request.META.get(IN_META)) as request_id:
            response = self.get_response(request)
            response.headers[HEADER] = request_id
            seconds = perf_counter() - began
            match = request.resolver_match
            route = (match.view_name or match.func.__name__) if match else "none"
            # What machines ask every few seconds is no visitor's: /readyz says 503 of a worker that is silent.
            if request.path not in PROBES:
                metrics.count_request(route, response.status_code, seconds)
            if request.method not in {"GET", "HEAD", "OPTIONS"} or response.status_code >= 500 or seconds >= SLOW:
                facts = {"route": route, "method": request.method, "status": response.status_code}
                logger.info("request", extra={**facts, "ms": round(seconds * 1000)})
            return response
