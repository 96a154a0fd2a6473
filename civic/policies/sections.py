"""Parts of the home page that other packages bring.

A maker is called with the instant.  It does all its queries and returns a
``Section``, or None when it has nothing to show; its template starts none.
What it returns is shown to everybody until something is changed
(``civic.core.pages.same``), so it does not learn who is reading.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Column = Literal["tasks", "main", "side", "below"]


@dataclass(frozen=True)
class Section:
    """A finished part: its template, and what the template sees under the name ``section``."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One of the cards "what do you want to do": an icon of the sprite, a verb, a line of facts."""

    icon: str
    label: str
    note: str
    url: str


Maker = Callable[[datetime], Section | list[Task] | None]


@dataclass(frozen=True)
class _Place:
    page: str
    column: Column
    order: int
    maker: Maker


_places: list[_Place] = []


def register(page: str, maker: Maker, *, column: Column = "main", order: int = 100) -> None:
    """Add a part to a page (so far there is ``home``).

    ``column``: ``tasks`` makers return a list of ``Task``; ``main`` is the wide
    column (open consultations), ``side`` the narrow one (just answered),
    ``below`` the full width under both.  Smaller ``order`` comes first.
    """
    _places.append(_Place(page, column, order, maker))
    _places.sort(key=lambda place: place.order)


def unregister(maker: Maker) -> None:
    """Take a part out again (tests)."""
    _places[:] = [place for place in _places if place.maker is not maker]


def made(page: str, column: Column, *, at: datetime) -> list[Any]:
    """Return the finished parts of one column, those with nothing to show left out."""
    parts: list[Any] = []
    for place in _places:
        if place.page == page and place.column == column:
            part = place.maker(at)
            if isinstance(part, list):
                parts += part
            elif part is not None:
                parts.append(part)
    return parts
