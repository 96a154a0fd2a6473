"""Parts of pages that are the same for everybody, kept in each process by everything they show.

``{% kept key more… %}…{% endkept %}`` draws its body once per key, language, mode and
year, and hands the same text to whoever comes next.  The key holds every value
the body shows, or the number of the row they come from (``told``, of
``Question.unchanged``), so that nothing has to be told when one changes: another value
is another key.  Words that change by the clock (``civic.core.pages.until``) are
drawn again when they do, and the page hears of it each time; what a page shows only
(``shows_only``) is the view's to say, never a part's.  A key of None draws without keeping; what concerns one person
alone (their own words, their reasons) must have that.

What is a reader's own on a page that else is everybody's stands behind ``but``:
``{% kept key more… but receipt %}`` draws its body with a blank in place of every text in
``receipt`` (texts in lists and dictionaries), which may only be shown there, not asked about.
Each page gets its own texts in the blanks, and none of them is kept.  So it is with
the form token everywhere.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any, NamedTuple

from civic.core.shelves import Shelf

LARGEST = 64 * 1024
MOST = 8 << 20  # characters in all
TOKEN = "csrf_token"  # noqa: S105 - the name under which templates know it
_MARK = secrets.token_hex(16)  # nobody can have written it into a text
_BLANK = re.compile(rf"{_MARK}([\w.-]*);")


class Kept(NamedTuple):
    """A part as drawn at an instant, and from when on it reads otherwise: texts and, between them, names of blanks."""

    pieces: tuple[str, ...]
    since: datetime
    until: datetime | None

    @property
    def size(self) -> int:
        """How many characters are kept."""
        return sum(map(len, self.pieces))

    @property
    def blanks(self) -> tuple[str, ...]:
        """The names of the blanks, in their order."""
        return self.pieces[1::2]

    def stands(self, at: datetime) -> bool:
        """Tell whether it would be drawn the same now."""
        return self.until is None or self.since <= at < self.until

    def filled(self, texts: Mapping[str, Any]) -> str:
        """Return the part with these texts in its blanks, escaped."""
        if len(self.pieces) == 1:
            return self.pieces[0]
        filled = list(self.pieces)
        filled[1::2] = (escape(str(texts[name])) for name in self.blanks)
        return "".join(filled)


kept: Shelf[Kept] = Shelf(MOST, weigh=lambda part: part.size)


def pieces_of(drawn: str) -> tuple[str, ...]:
    """Take a part drawn with blanks apart."""
    return tuple(_BLANK.split(drawn))


def blank(name: str) -> str:
    """Return what stands in a drawing where a reader's own text belongs."""
    return f"{_MARK}{name};"


def with_blanks(own: Any, name: str) -> Any:
    """Return what is shaped like ``own`` with a blank in place of every text, named by the way to it."""
    match own:
        case dict():
            return {key: with_blanks(each, f"{name}.{key}") for key, each in own.items()}
        case list():
            return [with_blanks(each, f"{name}.{place}") for place, each in enumerate(own)]
        case _:
            return blank(name)


def texts_of(own: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the texts for the blanks of ``with_blanks``, each with its name."""
    match own:
        case dict():
            for key, each in own.items():
                yield from texts_of(each, f"{name}.{key}")
        case list():
            for place, each in enumerate(own):
                yield from texts_of(each, f"{name}.{place}")
        case _:
            yield name, own
