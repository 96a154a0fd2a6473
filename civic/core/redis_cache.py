"""The cache in Redis, and in the database while Redis does not answer.

Counts of failed sign-ins and used codes lie here beside what only saves work: a site without them would let
nobody sign in, or guess without end.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)

SECOND = "second"
TIMEOUT = 2  # seconds
REST = 5.0  # seconds without a try: a Redis that does not answer must not hold up every request
_rest = {"until": float("-inf")}


def is_asked() -> bool:
    """Tell whether this process asks Redis: not for ``REST`` seconds after it did not answer."""
    return time.monotonic() >= _rest["until"]


def let_rest(name: str, error: redis.RedisError) -> None:
    """Note that Redis did not answer the part of this name: until it is tried again, the database does."""
    _rest["until"] = time.monotonic() + REST
    logger.warning("%s: Redis does not answer, the database does: %s", name, type(error).__name__)


class RedisOrDatabase(RedisCache):
    """Django's cache in Redis; every question goes to the cache called ``SECOND`` while Redis does not answer."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        waits = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
        super().__init__(server, params | {"OPTIONS": waits | params.get("OPTIONS", {})})

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        first: Callable[..., Any] = getattr(super(), name)
        if is_asked():
            try:
                return first(*args, **kwargs)
            except redis.RedisError as error:
                let_rest("cache", error)
        return getattr(caches[SECOND], name)(*args, **kwargs)

    def ask_redis(self) -> None:
        """Return when Redis itself answers; raises what it raises otherwise."""
        super().get("asked")

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Keep what is not there yet."""
        return bool(self._ask("add", *args, **kwargs))

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Return what is kept."""
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Keep something."""
        self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Keep it for longer."""
        return bool(self._ask("touch", *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Throw something away."""
        return bool(self._ask("delete", *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        """Return all that is kept of these."""
        found: dict[Any, Any] = self._ask("get_many", *args, **kwargs)
        return found

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        """Tell whether something is kept."""
        return bool(self._ask("has_key", *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        """Add to a number; raises ``ValueError`` when it is not there."""
        return int(self._ask("incr", *args, **kwargs))

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Keep several things."""
        return list(self._ask("set_many", *args, **kwargs) or [])

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        """Throw several things away."""
        self._ask("delete_many", *args, **kwargs)

    def clear(self) -> None:
        """Throw everything away."""
        self._ask("clear")


def ask_first() -> None:
    """Return when the site's cache answers, not what stands in for it; raises what it raises otherwise."""
    cache = caches["default"]
    if isinstance(cache, RedisOrDatabase):
        cache.ask_redis()
    else:
        cache.get("asked")
