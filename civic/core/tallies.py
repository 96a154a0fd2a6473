"""Counting in windows of time, exactly, whoever else counts at the same moment.

In Redis where there is one; otherwise in a table, by one statement.  Windows
are fixed, and what was refused is given back: trying too early makes nobody wait
longer.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.db import DatabaseError, connection, models

from civic.core import redis_cache
from civic.core.models import Tally

logger = logging.getLogger(__name__)
LONGEST = timedelta(days=1)

# One more (or less) in each window, in one question: the counts, in the order of the keys.  Who begins one says when
# Redis may forget it.
_SCRIPT = """
local counts = {}
for n, key in ipairs(KEYS) do
  counts[n] = redis.call('INCRBY', key, ARGV[1])
  if counts[n] == tonumber(ARGV[1]) then redis.call('EXPIRE', key, ARGV[n + 1]) end
end
return counts
"""


class Window(NamedTuple):
    """What is counted (``what``) and for how long."""

    what: str
    seconds: int

    @property
    def key(self) -> str:
        """The name of the count; tells nobody what is counted."""
        what = f"{self.what} {self.seconds}".encode()
        return blake2b(what, key=_secret(settings.SECRET_KEY), digest_size=20).hexdigest()

    def began(self, at: datetime) -> int:
        """Return when the window around an instant began, in seconds since 1970."""
        return int(at.timestamp()) // self.seconds * self.seconds

    def left(self, at: datetime) -> int:
        """Return how many whole seconds the window around an instant still lasts, at least one."""
        return self.began(at) + self.seconds - int(at.timestamp())


def add(windows: Sequence[Window], *, at: datetime) -> list[int]:
    """Count one more in every window and return the new counts, in the same order.

    Where no count can be kept at all, every count is 0: a broken counter
    silences nobody.
    """
    if settings.REDIS_URL and redis_cache.is_asked():
        try:
            return _in_redis(windows, at)
        except redis.RedisError as error:
            redis_cache.let_rest("limits", error)
    try:
        return _in_database(windows, at)
    except DatabaseError:
        logger.exception("limits: nothing counts")
        return [0] * len(windows)


def give_back(windows: Sequence[Window], *, at: datetime) -> None:
    """Take one off every window again: what was refused does not count."""
    if settings.REDIS_URL and redis_cache.is_asked():
        with suppress(redis.RedisError):
            _in_redis(windows, at, by=-1)
            return
    with suppress(DatabaseError):
        for window in windows:
            rows = Tally.objects.filter(key=window.key, window=window.began(at), count__gt=0)
            rows.update(count=models.F("count") - 1)


def forget(*, at: datetime) -> int:
    """Delete the counts of windows that are over; return how many."""
    before = int((at - LONGEST).timestamp())
    return Tally.objects.filter(window__lt=before).delete()[0]


def _in_redis(windows: Sequence[Window], at: datetime, *, by: int = 1) -> list[int]:
    keys = [f"tally:{window.key}:{window.began(at)}" for window in windows]
    counts = _script(settings.REDIS_URL)(keys=keys, args=[by, *(window.seconds + 60 for window in windows)])
    return [int(count) for count in counts]


@lru_cache(maxsize=4)
def _script(url: str) -> Any:
    return redis.Redis.from_url(
        url, socket_timeout=redis_cache.TIMEOUT, socket_connect_timeout=redis_cache.TIMEOUT
    ).register_script(_SCRIPT)


@lru_cache(maxsize=4)
def _secret(key: str) -> bytes:
    return blake2b(key.encode(), person=b"core.tallies").digest()


def _in_database(windows: Sequence[Window], at: datetime) -> list[int]:
    # In one order, so that two requests of one household never wait for each other in a circle.
    rows = sorted({(window.key, window.began(at)) for window in windows})
    if not rows:
        return []
    values = ", ".join(["(%s, %s, 1)"] * len(rows))
    table = connection.ops.quote_name(Tally._meta.db_table)
    statement = (
        f'INSERT INTO {table} AS kept ("key", "window", "count") VALUES {values}'  # noqa: S608 - our own names
        ' ON CONFLICT ("key") DO UPDATE SET'
        ' "count" = CASE WHEN kept."window" = excluded."window" THEN kept."count" + 1 ELSE 1 END,'
        ' "window" = excluded."window" RETURNING "key", "count"'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [part for row in rows for part in row])
        counts = dict(cursor.fetchall())
    return [counts[window.key] for window in windows]
