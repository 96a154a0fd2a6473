"""What a process keeps in memory up to a size, the least lately used thrown away first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Held = TypeVar("Held")


class Shelf(Generic[Held]):
    """Things by key; ``weigh`` tells the size of one, and all together weigh at most ``limit``."""

    def __init__(self, limit: int, *, weigh: Callable[[Held], int]) -> None:
        self._limit = limit
        self._weigh = weigh
        self._size = 0
        self._kept: OrderedDict[Hashable, Held] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Held | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, thing: Held) -> None:
        """Keep something, in place of what stood there."""
        with self._lock:
            self._remove(key)
            self._kept[key] = thing
            self._size += self._weigh(thing)
            while self._size > self._limit:
                self._remove(next(iter(self._kept)))

    def clear(self) -> None:
        """Throw everything away."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    def things(self) -> list[Held]:
        """Return everything that is kept."""
        with self._lock:
            return list(self._kept.values())

    @property
    def size(self) -> int:
        """What all things weigh together."""
        return self._size

    def __len__(self) -> int:
        return len(self._kept)

    def _remove(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._size -= self._weigh(gone)
