"""The one shape of a findable thing, and the kinds of things that can be found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.functional import Promise

PUBLIC = "public"

# A status is one of the site's seven, or "soon" for what has not opened.
STATUSES = ("soon", "open", "review", "late", "answered", "doing", "done", "ended")
MAX_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Document:
    """What search knows of one thing: only what its public page shows, and no person's name.

    ``kind`` and ``key`` (its primary key) name it.  ``audience`` is ``"public"``
    or the action that a reader must hold over where the thing lies
    (``place_path``, ``body_id``, ``matter_id``).  ``at`` is its date in lists.
    ``status`` is one of ``STATUSES`` or empty; ``later`` holds up to three
    (instant, status) from when on it is another one, so that it stays true by
    the clock without indexing again.  ``byline`` says whose or where it is (an office, the
    consultation a contribution belongs to); it is shown, not searched.  ``boost`` of 1 is plain, 2 twice
    as weighty; at most 10.
    """

    kind: str
    key: str
    url: str
    title: str
    at: datetime
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    byline: str = ""
    byline_en: str = ""
    place_path: str = ""
    body_id: int | None = None
    matter_id: int | None = None
    status: str = ""
    later: tuple[tuple[datetime, str], ...] = ()
    language: str = "zh-hans"
    audience: str = PUBLIC
    boost: float = 1.0

    def __post_init__(self) -> None:
        for status in (self.status, *(status for _at, status in self.later)):
            if status and status not in STATUSES:
                raise ValueError(f"{self.kind} {self.key}: {status} is no status.")
        if len(self.later) > MAX_CHANGES or list(self.later) != sorted(self.later):
            raise ValueError(f"{self.kind} {self.key}: at most {MAX_CHANGES} changes of status, in order.")
        if not 0 < self.boost <= 10:
            raise ValueError(f"{self.kind} {self.key}: a boost lies between 0 and 10.")


@dataclass(frozen=True)
class Kind:
    """A kind of findable thing.

    ``rows`` returns the instances that may be found, with what ``build`` needs
    joined; ``build`` returns None for one that must not be found.  ``reading``
    names the actions its documents may have as audience.  ``status_words``
    gives nearer words for a status ("in force" for "doing").
    """

    name: str
    label: str | Promise
    model: type[models.Model]
    build: Callable[[Any], Document | None]
    rows: Callable[[], "QuerySet[Any]"]
    reading: tuple[str, ...] = ()
    status_words: Mapping[str, str | Promise] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}


def register(
    name: str,
    *,
    label: str | Promise,
    model: type[models.Model],
    build: Callable[[Any], Document | None],
    rows: Callable[[], "QuerySet[Any]"],
    reading: tuple[str, ...] = (),
    status_words: Mapping[str, str | Promise] | None = None,
) -> None:
    """Make a kind findable; registering one twice raises ``ValueError``.

    Kinds are shown to readers in the order in which they were registered.
    """
    if name in _kinds:
        raise ValueError(f"The kind {name} is registered twice.")
    _kinds[name] = Kind(name, label, model, build, rows, reading, status_words or {})


def kinds() -> dict[str, Kind]:
    """Return every registered kind by name."""
    return dict(_kinds)


def kind_of(name: str) -> Kind:
    """Return a registered kind; an unknown name raises ``LookupError``."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"Nothing is registered for search as {name}.") from None


def reading_actions() -> frozenset[str]:
    """Return every action that some document may have as its audience."""
    return frozenset(action for kind in _kinds.values() for action in kind.reading)
