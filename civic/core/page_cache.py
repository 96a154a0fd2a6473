"""Pages kept for visitors without a session: first in the line of middleware, in this process's memory.

See docs/decisions/0012-shared-pages.md for what is kept, for how long and why.
"""

import gzip
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import ResponseHeaders
from django.utils import translation
from django.utils.cache import cc_delim_re, patch_vary_headers

from civic.core import clock, devices, pages, unchanged
from civic.core.changes import Changes, Counts, changes
from civic.core.shelves import Shelf

Key = tuple[Any, ...]  # host, secure, path, query, language, modes

OLDEST = timedelta(seconds=30)  # for what no statement of ours announces: rows changed by hand, files
WAIT = 5.0  # seconds for a twin that draws the same page
LONGEST_QUERY = 300
LARGEST = 512 * 1024
PACKED_FROM = 1000  # bytes
THOROUGHLY = 6  # of 9: more saves little and takes long
PLAIN_BYTES, ASKED_BYTES = 16 << 20, 8 << 20
VARIES = {"", "cookie", "accept-language"}
FOR_ONE = frozenset({"HTTP_AUTHORIZATION", "HTTP_HX_REQUEST", "HTTP_RANGE"})  # headers that make an answer one's own
OF_ONE_REQUEST = frozenset({"date", "server-timing", "x-request-id"})


class KeptHeaders(ResponseHeaders):
    """Headers that are sent again and again: their pairs are not put together anew for every answer."""

    def items(self) -> Any:
        """Return the pairs as they stand."""
        return self._store.values()


@dataclass(frozen=True, slots=True)
class Kept:
    """One finished page."""

    headers: ResponseHeaders
    body: bytes
    etag: str
    seen: Counts
    until: datetime
    packed: "Packed | None" = None

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.body) + (len(self.packed.body) if self.packed else 0)


@dataclass(frozen=True, slots=True)
class Packed:
    """The same page as a browser that reads gzip gets it: a fifth of the bytes, packed once for all of them."""

    headers: ResponseHeaders
    body: bytes


def _shelf_of(limit: int) -> "Shelf[Kept]":
    """Return a shelf for pages of so many bytes together."""
    return Shelf(limit, weigh=lambda page: page.size)


class Watched(dict[str, str]):
    """A request's cookies, remembering which were looked at."""

    def __init__(self, cookies: dict[str, str]) -> None:
        super().__init__(cookies)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.asked.add("*")
        return super().__iter__()

    def get(self, name: str, default: Any = None) -> Any:
        """Return a cookie."""
        self.asked.add(name)
        return super().get(name, default)

    def items(self) -> Any:
        """Return all of them."""
        self.asked.add("*")
        return super().items()


class PageCache:
    """The pages of this process."""

    def __init__(self, watch: Changes) -> None:
        self._changes = watch
        # Addresses with a question are endless: they must not push out those everybody asks for.
        self.plain, self.asked = _shelf_of(PLAIN_BYTES), _shelf_of(ASKED_BYTES)
        self._drawing: dict[Key, threading.Lock] = {}
        self._guard = threading.Lock()
        self._edge: tuple[int, datetime, datetime] | None = None

    def find(self, key: Key, at: datetime) -> Kept | None:
        """Return a page that is still right."""
        found = self._shelf(key).get(key)
        if found is None or at >= found.until or not self._changes.is_current(found.seen):
            return None
        return found

    def keep(self, key: Key, page: Kept) -> None:
        """Keep a page."""
        self._shelf(key).put(key, page)

    def end(self, at: datetime, drawn: pages.Drawing) -> datetime:
        """Return until when a page drawn at ``at`` is right if nobody changes anything."""
        total, since, edge = self._edge or (-1, at, at)
        if total != self._changes.total or not since <= at < edge:
            edge = pages.next_edge(at)
            self._edge = (self._changes.total, at, edge)
        return min(at + OLDEST, edge, drawn.until or edge)

    @contextmanager
    def alone(self, key: Key) -> Iterator[None]:
        """Let one thread draw a page; the others wait for it a while instead of drawing it too."""
        with self._guard:
            lock = self._drawing.setdefault(key, threading.Lock())
        taken = lock.acquire(timeout=WAIT)
        try:
            yield
        finally:
            with self._guard:
                self._drawing.pop(key, None)
            if taken:
                lock.release()

    def clear(self) -> None:
        """Throw everything away."""
        self.plain.clear()
        self.asked.clear()
        self._edge = None

    def _shelf(self, key: Key) -> "Shelf[Kept]":
        return self.asked if key[3] else self.plain


cache = PageCache(changes)


class PageCacheMiddleware:
    """Answer visitors from what was drawn for the one before them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_visitor(request) or request.path in _own:
            return self.get_response(request)
        changes.look()
        key = key_of(request)
        found = cache.find(key, clock.now())
        if found is not None:
            return _answer(request, found)
        with cache.alone(key):
            at = clock.now()
            found = cache.find(key, at)  # a twin may have drawn it while we waited
            return _answer(request, found) if found is not None else self._draw(request, key, at)

    def _draw(self, request: HttpRequest, key: Key, at: datetime) -> HttpResponse:
        before = changes.counts()
        request.COOKIES = watched = Watched(request.COOKIES)
        with pages.drawing() as drawn:
            response = self.get_response(request)
        declared = getattr(response, "shared_parameters", None)
        if declared is None and response.status_code == 200:
            _remember_own(request.path)
        if declared is None or not _may_be_kept(request, response, declared, watched):
            return response
        etag = f'W/"{blake2b(response.content, digest_size=12).hexdigest()}"'
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Accept-Encoding"])
        headers = {name: value for name, value in response.headers.items() if name.lower() not in OF_ONE_REQUEST}
        page = Kept(
            KeptHeaders(headers), response.content, etag, before.of(drawn.scopes), cache.end(at, drawn),
            _packed(headers, response.content),
        )  # fmt: skip
        cache.keep(key, page)
        return response


#: Paths whose answers nobody shares: their visitors need not wait for each other.
_own: OrderedDict[str, None] = OrderedDict()


def _remember_own(path: str) -> None:
    _own[path] = None
    if len(_own) > 2000:
        _own.popitem(last=False)


def forget_everything() -> None:
    """Begin anew: for tests, and for who changed the code or the templates under a running process."""
    cache.clear()
    _own.clear()
    unchanged.forget()


def _is_visitor(request: HttpRequest) -> bool:
    """Whether the answer could be anybody's: nothing but the address, the language and the two modes matter."""
    return (
        settings.PAGE_CACHE
        and request.method in {"GET", "HEAD"}
        and not FOR_ONE.intersection(request.META)
        and len(request.META.get("QUERY_STRING", "")) <= LONGEST_QUERY
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "messages" not in request.COOKIES
    )


def key_of(request: HttpRequest) -> Key:
    """Return all that an answer to a visitor depends on."""
    cookies = request.COOKIES
    chosen = [
        value if (value := cookies.get(name)) in told else "" for name, told in settings.PAGE_CACHE_COOKIES.items()
    ]
    return (
        request.META.get("HTTP_HOST", ""),
        request.is_secure(),
        request.path,
        request.META.get("QUERY_STRING", ""),
        translation.get_language_from_request(request),
        *chosen,
    )


def _may_be_kept(request: HttpRequest, response: HttpResponse, declared: frozenset[str], cookies: Watched) -> bool:
    query = request.META.get("QUERY_STRING", "")
    sent = {name for name, _value in parse_qsl(query, keep_blank_values=True)}
    known = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "messages"}
    known.add(devices.COOKIE)  # read to count by it, never to draw by it
    return (
        request.method == "GET"
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "Cache-Control" not in response.headers
        and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
        and b"csrfmiddlewaretoken" not in response.content
        and len(response.content) <= LARGEST
        and sent <= declared
        and set(cc_delim_re.split(response.headers.get("Vary", "").lower())) <= VARIES
        and cookies.asked <= known | settings.PAGE_CACHE_COOKIES.keys()
        and not request.user.is_authenticated
    )


def _packed(headers: dict[str, str], body: bytes) -> Packed | None:
    """Return a page packed, when it has words enough.

    How small a packed page is tells something of what it holds (BREACH), where somebody else's words stand beside a
    secret; in a page for everybody there is none.
    """
    if len(body) < PACKED_FROM or "Content-Encoding" in headers:
        return None
    packed = gzip.compress(body, THOROUGHLY, mtime=0)
    told = headers | {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}
    return Packed(KeptHeaders(told), packed)


@lru_cache(maxsize=256)
def reads_gzip(accepted: str) -> bool:
    """Tell whether a browser that sends this ``Accept-Encoding`` reads what is packed by gzip (RFC 9110, 12.5.3)."""
    for part in accepted.lower().split(","):
        coding, _semicolon, weight = (word.strip() for word in part.partition(";"))
        if coding == "gzip":
            return not re.fullmatch(r"q\s*=\s*0(\.0*)?", weight)
    return False


def _answer(request: HttpRequest, page: Kept) -> HttpResponse:
    if page.etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response: HttpResponse = HttpResponseNotModified()
        for name in ("ETag", "Cache-Control", "Vary"):
            if name in page.headers:
                response.headers[name] = page.headers[name]
        return response
    sent = page.packed if page.packed and reads_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")) else page
    response = HttpResponse(sent.body)
    response.headers = sent.headers  # nobody outside of us adds to them, and copying is a tenth of such an answer
    return response
