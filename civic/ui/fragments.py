"""Parts of pages that are the same for everybody, kept in each process by everything they show.

``{% kept key more… %}…{% endkept %}`` draws its body once per key, language, mode and
year, and hands the same text to whoever comes next.  The key holds every value
the body shows, or the number of the row they come from (``told``, of
``Question.unchanged``), so that nothing has to be told when one changes: another value
is another key.  Words that change by the clock (``civic.core.pages.until``) are
drawn again when they do.  A key of None draws without keeping; what concerns one person
alone (their own words, their reasons) must have that.

The form token is not part of what is kept: a stand-in is, and each page gets
its own in its place.
"""

import secrets
from datetime import datetime
from typing import NamedTuple

from civic.core.shelves import Shelf

LARGEST = 64 * 1024
MOST = 8 << 20  # characters in all
TOKEN = secrets.token_hex(16)  # a stand-in that nobody can have written into a text


class Kept(NamedTuple):
    """A part as drawn at an instant, and from when on it reads otherwise."""

    text: str
    since: datetime
    until: datetime | None

    def stands(self, at: datetime) -> bool:
        """Tell whether it would be drawn the same now."""
        return self.until is None or self.since <= at < self.until


kept: Shelf[Kept] = Shelf(MOST, weigh=lambda part: len(part.text))
