"""Where an entry belongs: the office that acted and the place it is about.

This layer knows neither offices nor places; a package above plugs in how to
find them.  They are asked once, when an entry is sealed, and sealed with it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from civic.audit.content import Row


class Bearing(NamedTuple):
    """The office's short name and the place's path; empty when there is none."""

    office: str = ""
    place: str = ""


Finder = Callable[[Sequence[Row]], dict[int, Bearing]]

_finders: list[Finder] = []


def plug_in(finder: Finder) -> None:
    """Add a way to find the bearings of entries: it returns them by entry, in a constant number of queries."""
    _finders.append(finder)


def of(rows: Sequence[Row]) -> dict[int, Bearing]:
    """Return what is known of these entries."""
    found: dict[int, Bearing] = {}
    for finder in _finders:
        found |= finder(rows)
    return found
