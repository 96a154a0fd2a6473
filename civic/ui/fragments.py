"""Parts of pages that are the same for everybody, kept in each process by everything they show.

``{% kept key more… %}…{% endkept %}`` draws its body once per key, language, mode and
year, and hands the same text to whoever comes next.  The key holds every value
the body shows, so that nothing has to be told when one changes: another value
is another key.  A key of None draws without keeping; what concerns one person
alone (their own words, their reasons) must have that.

The form token is not part of what is kept: a stand-in is, and each page gets
its own in its place.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Hashable

LARGEST = 64 * 1024
MOST = 8 << 20  # characters in all
TOKEN = secrets.token_hex(16)  # a stand-in that nobody can have written into a text


class Fragments:
    """Drawn parts by key, the least lately used thrown away first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> str | None:
        """Return what was drawn for a key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, text: str) -> None:
        """Keep what was drawn."""
        if len(text) > LARGEST:
            return
        with self._lock:
            self._size += len(text) - len(self._kept.pop(key, ""))
            self._kept[key] = text
            while self._size > self._limit:
                _key, gone = self._kept.popitem(last=False)
                self._size -= len(gone)

    def clear(self) -> None:
        """Throw everything away."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    def __len__(self) -> int:
        return len(self._kept)


kept = Fragments(MOST)
