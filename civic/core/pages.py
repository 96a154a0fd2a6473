"""What a view says about a page that everybody may share (docs/decisions/0012-shared-pages.md).

``@shared("page", "sort")`` lets the answer to visitors without a session be
kept and given to the next one, until something it shows changes.  The names are
the only parameters the view reads; with any other the answer is not kept.
"""

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from civic.core.unchanged import reading

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Edge = Callable[[datetime], datetime | None]


@dataclass
class Drawing:
    """What becomes known of a page while it is drawn."""

    until: datetime | None = None
    scopes: set[str] = field(default_factory=set)


_drawing: ContextVar[Drawing | None] = ContextVar("drawing", default=None)
_edges: list[Edge] = []


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
