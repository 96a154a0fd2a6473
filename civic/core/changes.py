"""Knowing, in every process, that something visitors may see was changed.

Every write to the database is noted by itself, in its own transaction, as a
row of ``Change``: it becomes visible with what it tells of, and vanishes with
it.  Nobody has to remember to say so, and nobody waits for a lock.  All that a
transaction wrote is noted in one statement before it commits.  Readers ask
``Changes.look()``, which reads the few new rows at most every ``PAUSE``.

A write concerns everything unless it says otherwise: by its table
(``settings.CHANGES_OF_TABLES``), or because the code around it does (``only``).
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from civic.core import clock
from civic.core.models import Change
from civic.core.prepared import run

logger = logging.getLogger(__name__)

EVERYTHING = ""
PAUSE = 0.4  # seconds; a page is right within a second, and a look costs one small query
KEPT = timedelta(hours=1)
BEGINNING = 100  # characters of a statement that tell what it changes
MANY = 5_000  # scopes remembered by name; beyond that they are forgotten together

_TABLE = re.compile(r'\s*(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM) "?(\w+)', re.IGNORECASE)
_READS = frozenset({"SELECT", "SAVEPO", "RELEAS", "ROLLBA", "PRAGMA"})
_narrowed: ContextVar[str] = ContextVar("narrowed", default=EVERYTHING)
_switch = {"on": True}


class Counts(NamedTuple):
    """How often what pages show had changed at one moment: in all, everywhere, and by scope."""

    total: int
    wide: int
    narrow: dict[str, int]

    def of(self, scopes: Collection[str]) -> "Counts":
        """Return what matters to a page of these scopes; without any it shows everything."""
        if not scopes:
            return Counts(self.total, -1, {})
        return Counts(-1, self.wide, {scope: self.narrow.get(scope, 0) for scope in scopes})


@contextmanager
def only(scope: str) -> Iterator[None]:
    """Say that what is written inside shows on pages of ``scope`` alone, and on pages that show everything."""
    token = _narrowed.set(scope)
    try:
        yield
    finally:
        _narrowed.reset(token)


def note(scope: str = EVERYTHING) -> None:
    """Note a change that no statement tells of: files, another engine's index."""
    if _switch["on"]:
        _note(connections[DEFAULT_DB_ALIAS], scope)


def _note(database: Any, scope: str) -> None:
    if not database.in_atomic_block:
        _write(database, {scope})
    elif not _is_noted(database, scope):
        database.on_commit(_Noted(scope))


def write_noted(database: Any) -> None:
    """Write what was noted in this transaction so far; every commit of a watched connection begins with it."""
    scopes = _noted(database)
    if scopes:
        _write(database, {EVERYTHING} if EVERYTHING in scopes else scopes)


def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 - Django's signature
    """Run a statement and note what it wrote; an execute wrapper of every connection."""
    result = execute(sql, params, many, context)
    if _switch["on"] and isinstance(sql, str) and sql[:6] not in _READS:
        scope = _scope_of(sql)
        if scope is not None:
            _note(context["connection"], scope)
    return result


def watch_connection(connection: Any, **_signal: Any) -> None:
    """Have a new connection watched."""
    if connection.alias == DEFAULT_DB_ALIAS and watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch)
        connection._commit = partial(_commit, connection, connection._commit)  # noqa: SLF001 - its one place to commit


def pause(**_signal: Any) -> None:
    """Note nothing while the database is being migrated: our own table may not be there yet."""
    _switch["on"] = False


def go_on(**_signal: Any) -> None:
    """Note again."""
    _switch["on"] = True


def forget_old(*, at: datetime) -> int:
    """Throw away what every process has long seen; return how many rows that were."""
    removed, _by_model = Change.objects.filter(at__lt=at - KEPT).delete()
    return removed


class Changes:
    """This process's count of changes, by scope.  One object serves all its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._mark: int | None = None
        self._known: set[int] = set()
        self._total = 0
        self._wide = 0
        self._narrow: dict[str, int] = {}

    def look(self, *, pause: float = PAUSE) -> None:
        """Learn what changed since the last look; does nothing within ``pause`` seconds of it."""
        if time.monotonic() - self._looked < pause or not self._lock.acquire(blocking=pause <= 0):
            return
        try:
            self._looked = time.monotonic()
            self._learn(self._new())
        except DatabaseError:
            # Nothing is changed while the database is away, and nothing lives longer than the cache lets it.
            logger.warning("changes: the database does not answer")
        finally:
            self._lock.release()

    def counts(self) -> Counts:
        """Return what was seen so far."""
        return Counts(self._total, self._wide, dict(self._narrow))

    def is_current(self, seen: Counts) -> bool:
        """Tell whether nothing has changed since for a page drawn at ``seen``, as far as the last look knows."""
        if seen.total >= 0:
            return seen.total == self._total
        return seen.wide == self._wide and all(self._narrow.get(scope, 0) == n for scope, n in seen.narrow.items())

    @property
    def total(self) -> int:
        """How many changes were seen so far."""
        return self._total

    def _new(self) -> list[tuple[int, str]]:
        """Return the rows committed since the last look."""
        if connection.vendor != "postgresql":
            # One writer at a time: numbers are given in the order of the commits.
            if self._mark is None:
                self._mark = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            rows = list(Change.objects.filter(pk__gt=self._mark).order_by("pk").values_list("pk", "scope"))
            self._mark = rows[-1][0] if rows else self._mark
            return rows
        # Everything by transactions that were still running at the last look, or began later.
        table = connection.ops.quote_name(Change._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, id, scope"  # noqa: S608 - our own names
                f" FROM (SELECT 1) AS one LEFT JOIN {table} ON txid >= %s",
                [self._mark if self._mark is not None else 1 << 62],
            )
            answers = cursor.fetchall()
        self._mark = answers[0][0]
        rows = [(number, scope) for _mark, number, scope in answers if number is not None]
        new = [row for row in rows if row[0] not in self._known]
        self._known = {number for number, _scope in rows}
        return new

    def _learn(self, rows: list[tuple[int, str]]) -> None:
        for _number, scope in rows:
            if scope == EVERYTHING:
                self._wide += 1
            else:
                self._narrow[scope] = self._narrow.get(scope, 0) + 1
        if len(self._narrow) > MANY:
            self._narrow.clear()
            self._wide += 1
        self._total += len(rows)


class _Noted:
    """Remembers, among a transaction's callbacks, what is to be noted: gone when it or its savepoint is rolled back."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def __call__(self) -> None:
        pass


def _is_noted(database: Any, scope: str) -> bool:
    # Mostly the first callbacks of a transaction: one with thousands does not look through them after every statement.
    return any(isinstance(call[1], _Noted) and call[1].scope in {scope, EVERYTHING} for call in database.run_on_commit)


def _noted(database: Any) -> set[str]:
    return {call[1].scope for call in database.run_on_commit if isinstance(call[1], _Noted)}


def _commit(database: Any, commit: Callable[[], None]) -> None:
    write_noted(database)
    commit()


def _write(database: Any, scopes: Collection[str]) -> None:
    # On PostgreSQL the number of this transaction is part of the statement, not one more question.
    number = "pg_current_xact_id()::text::bigint" if database.vendor == "postgresql" else "0"
    table = database.ops.quote_name(Change._meta.db_table)
    at = database.ops.adapt_datetimefield_value(clock.now())
    rows = ", ".join([f"(%s, {number}, %s)"] * len(scopes))
    values = [value for scope in sorted(scopes) for value in (scope, at)]
    sql = f"INSERT INTO {table} (scope, txid, at) VALUES {rows}"  # noqa: S608 - our own names
    run(sql, values, lambda _cursor: None, database=database)


def _scope_of(sql: str) -> str | None:
    """Return what a statement changes, or None when no visitor sees it."""
    scope = _scope_by_table(sql[:BEGINNING])
    return _narrowed.get() if scope == EVERYTHING else scope


@lru_cache(maxsize=2048)
def _scope_by_table(beginning: str) -> str | None:
    found = _TABLE.match(beginning)
    if found is None:
        return None
    table = found.group(1)
    if table.startswith(settings.CHANGES_UNSEEN) or beginning.startswith(settings.CHANGES_UNSEEN_STATEMENTS):
        return None
    return next((scope for prefix, scope in settings.CHANGES_OF_TABLES.items() if table.startswith(prefix)), EVERYTHING)


changes = Changes()
