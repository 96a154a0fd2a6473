"""What a view says about a page that everybody may share (docs/decisions/0012-shared-pages.md).

``@shared("page", "sort")`` lets the answer to visitors without a session be
kept and given to the next one, until something it shows changes.  The names are
the only parameters the view reads; with any other the answer is not kept.
"""

from collections.abc import Callable, Hashable, Sized
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from itertools import count
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language

from civic.core import unchanged
from civic.core.changes import EVERYTHING
from civic.core.unchanged import reading

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Edge = Callable[[datetime], datetime | None]


@dataclass
class Drawing:
    """What becomes known of a page while it is drawn."""

    until: datetime | None = None
    scopes: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Same:
    """What everybody is shown alike from one instant to another; all that is drawn of one number looks the same.

    Without a number nobody is shown it again.
    """

    what: Any
    told: int | None
    since: datetime
    until: datetime

    def __len__(self) -> int:
        """Return how many rows it counts for among what is kept."""
        return len(self.what) if isinstance(self.what, Sized) else 1

    def stands(self, at: datetime) -> bool:
        """Tell whether it would be the same at an instant, if nobody changed anything."""
        return self.since <= at < self.until


_drawing: ContextVar[Drawing | None] = ContextVar("drawing", default=None)
_edges: list[Edge] = []
_numbers = count(1)


def shared(*parameters: str) -> Callable[[View], View]:
    """Mark a view's answers as the same for every visitor; ``parameters`` are all it reads of the address."""
    declared = frozenset(parameters)

    def mark(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            with reading() if request.method in {"GET", "HEAD"} else nullcontext():
                response = view(request, *args, **kwargs)
            response.shared_parameters = declared  # type: ignore[attr-defined]  # read by civic.core.page_cache
            return response

        return marked  # type: ignore[return-value]  # the same view, marked

    return mark


def shows_only(scope: str) -> None:
    """Say that the page being drawn shows nothing that changes but ``scope`` and what concerns everything.

    Without it a page counts as showing everything.  Called twice, it shows both.
    """
    drawing = _drawing.get()
    if drawing is not None:
        drawing.scopes.add(scope)


def until(moment: datetime) -> None:
    """Say that the words being drawn change by themselves at ``moment``."""
    drawing = _drawing.get()
    if drawing is not None and (drawing.until is None or moment < drawing.until):
        drawing.until = moment


@contextmanager
def drawing() -> Any:
    """Collect what is said while a page is drawn."""
    made = Drawing()
    token = _drawing.set(made)
    try:
        yield made
    finally:
        _drawing.reset(token)


def changes_by_the_clock(edge: Edge) -> None:
    """Register who knows the next instant after ``at`` at which time alone changes some page."""
    _edges.append(edge)


def next_edge(at: datetime) -> datetime:
    """Return the next instant at which time alone changes some page; at midnight every date may read otherwise."""
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return min([today + timedelta(days=1), *(moment for edge in _edges if (moment := edge(at)) is not None)])


def same(
    key: Hashable, make: Callable[[], Any], *, at: datetime, scope: str = EVERYTHING, is_asked: bool = False
) -> Same:
    """Return what ``make`` returns for everybody alike; a page everybody may read gets it again while it would be the same.

    That is until something of ``scope`` is changed (``civic.core.changes``) or time alone changes some page.
    ``make`` may use the language and ``at``; the key holds all else it depends on, which is never who is reading.
    What it returns is shared by all threads: nobody may change it.  ``is_asked``: the key is what somebody typed.
    """
    scopes = [scope] if scope != EVERYTHING else []

    def ask() -> Same:
        if not unchanged.keeps():
            return Same(make(), None, at, at)
        edge = unchanged.answer("edge", lambda: Same(None, None, at, next_edge(at)), lambda _made: (), _stands)
        return Same(make(), next(_numbers), at, edge.until)

    def _stands(made: Same) -> bool:
        return made.stands(at)

    shelf = unchanged.asked if is_asked else unchanged.kept
    made: Same = unchanged.answer((key, get_language()), ask, lambda _made: scopes, _stands, shelf)
    return made
