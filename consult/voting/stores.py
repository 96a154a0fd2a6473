"""What a connection tells the ballot box about the moment: whose clock it goes by, and whether it is being rewritten.

The box refuses ballots outside the poll's hours by the database's own clock.  Tests and the demo county live
at other times; they give theirs (``settings.BALLOT_TIME_IS_GIVEN``, ``time_is_given``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from civic.core.prepared import run

_given: ContextVar[bool] = ContextVar("ballot_time_is_given", default=False)
_at: ContextVar[str | None] = ContextVar("ballot_at", default=None)
_rewriting: ContextVar[int] = ContextVar("ballots_rewritten", default=0)

# Any numbers nobody else locks; the second one is the poll.
LOCKS = 7263012
PAPER = 7263014


@contextmanager
def time_is_given() -> Iterator[None]:
    """Let ballots inside be cast at the caller's ``at``, whatever the database's clock says: for invented pasts."""
    token = _given.set(True)
    try:
        yield
    finally:
        _given.reset(token)


@contextmanager
def casting_at(at: datetime) -> Iterator[None]:
    """Tell the database the instant, where it is to go by that; otherwise it reads its own clock."""
    if not (settings.BALLOT_TIME_IS_GIVEN or _given.get()):
        yield
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('gongyi.at', %s, true)", [at.isoformat()])
        yield
        return
    token = _at.set(f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}")
    try:
        yield
    finally:
        _at.reset(token)


@contextmanager
def rewriting() -> Iterator[None]:
    """Let this connection write the stores of a closed poll anew; on PostgreSQL a function of theirs does it."""
    token = _rewriting.set(1)
    try:
        yield
    finally:
        _rewriting.reset(token)


def share_poll(poll: int) -> None:
    """Keep the poll from being closed until this transaction ends; others go on casting.

    An advisory lock leaves no trace in any row.  SQLite has one writer at a time anyway.
    """
    _lock("pg_advisory_xact_lock_shared", poll)


def hold_poll(poll: int) -> None:
    """Wait until every cast under way is written, and let nobody begin one until this transaction ends."""
    _lock("pg_advisory_xact_lock", poll)


def hold_paper(poll: int) -> None:
    """Let one paper ballot of the poll at a time be handed out or keyed, until this transaction ends; asks after ``share_poll``."""
    _lock("pg_advisory_xact_lock", poll, PAPER)


def _lock(function: str, poll: int, lock: int = LOCKS) -> None:
    if connection.vendor == "postgresql":
        run(f"SELECT {function}(%s, %s)", [lock, poll], _nothing)


def _nothing(_cursor: Any) -> None:
    """A lock says nothing."""


def teach(connection: Any, **_signal: Any) -> None:
    """Give a new SQLite connection the functions its triggers ask."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("gongyi_at", 0, _at.get)
        connection.connection.create_function("gongyi_rewriting", 0, _rewriting.get)
