"""Answers that are the same for everybody, kept in each process until something they show is changed.

While a page everybody may read is drawn (``reading``, which every ``@shared``
view is), what was asked before is handed out again.  Whether it still stands is
looked up once in each request, before anything is handed out, in one statement
that sees all that was committed until then (``civic.core.changes``): whoever
wrote something finds it on their next page, whichever process draws it.

Outside of ``reading`` everything is asked as ever: nothing is decided or
written by what is kept here.
"""

import time
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings

from civic.core.changes import Counts, changes
from civic.core.shelves import Shelf

MOST = 3_000  # rows in all
MOST_ASKED = 1_000  # rows of answers to what people type, which is endless and must not push out the others
OLDEST = 30.0  # seconds, for what no statement of ours announces: rows changed by hand
DEAR = 0.01  # seconds of work: after a long transaction there is much to look through
REST = 1.0  # seconds without a look after a dear one, in which everything is asked


class Kept(NamedTuple):
    """What was answered, what of the changes was known before, and when."""

    answer: Any
    seen: Counts
    since: float


@dataclass
class _Reading:
    has_looked: bool = False


kept: Shelf[Kept] = Shelf(MOST, weigh=lambda each: 1 + len(each.answer))
asked: Shelf[Kept] = Shelf(MOST_ASKED, weigh=lambda each: 1 + len(each.answer))
_reading: ContextVar[_Reading | None] = ContextVar("reading", default=None)
_pause = {"until": float("-inf")}


@contextmanager
def reading() -> Iterator[None]:
    """Hand out what is kept while a page is drawn that everybody may read."""
    token = _reading.set(_Reading())
    try:
        yield
    finally:
        _reading.reset(token)


def answer(
    key: Hashable,
    ask: Callable[[], Any],
    scopes: Callable[[Any], Collection[str]],
    stands: Callable[[Any], bool] = lambda _answer: True,
    shelf: Shelf[Kept] = kept,
    mark: Callable[[Any], object] = lambda _answer: None,
) -> Any:
    """Return what ``ask`` returns (something with a length), or did when nothing of its ``scopes`` has changed since.

    ``stands`` tells of what was kept whether it is still right by the clock.
    What is kept is shared by all threads: nobody may change it, but for ``mark``, which is done to what will be kept.
    """
    if not keeps():
        return ask()
    now = time.monotonic()
    found = shelf.get(key)
    if found is not None and now - found.since < OLDEST and changes.is_current(found.seen) and stands(found.answer):
        return found.answer
    before = changes.counts()
    made = ask()
    mark(made)
    shelf.put(key, Kept(made, before.of(scopes(made)), now))
    return made


def keeps() -> bool:
    """Tell whether answers are kept just now; the first to ask in a request looks up what has changed."""
    reading = _reading.get()
    return reading is not None and settings.PAGE_CACHE and _look(reading)


def forget() -> None:
    """Throw everything away."""
    kept.clear()
    asked.clear()


def _look(reading: _Reading) -> bool:
    """Learn what has changed; return whether that is worth its while."""
    if not reading.has_looked and time.monotonic() >= _pause["until"]:
        reading.has_looked = True
        began = time.thread_time()
        changes.look(pause=0)
        if time.thread_time() - began > DEAR:
            _pause["until"] = time.monotonic() + REST
    return reading.has_looked
