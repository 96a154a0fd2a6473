"""Statements sent again and again, by a plan their connection keeps."""

from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections

Answer = TypeVar("Answer")

PREPARED_AFTER = 2  # times a connection asks the same before PostgreSQL keeps its plan
PREPARED_MOST = 300  # plans a connection keeps; a statement has one for each mixture of types and empty values


def run(sql: str, params: Sequence[Any], answer: Callable[[Any], Answer], *, database: Any = None) -> Answer:
    """Run a statement and return what ``answer`` reads from its cursor; on PostgreSQL by a plan the connection keeps.

    ``database`` is this thread's, for who has looked it up already.
    """
    database = database or connections[DEFAULT_DB_ALIAS]
    # Where statements are written down (tests, debugging) they are sent with their values in them.
    if database.vendor != "postgresql" or not settings.DATABASE_PREPARES or database.queries_logged:
        return _plainly(database, sql, params, answer)
    try:
        raw, cursor = _take_cursor(database)
        cursor.execute(sql, params)
        answered = answer(cursor.cursor)  # the driver's own: what it answered is here, and no error can come any more
    except NotSupportedError:
        # A release changed a column's type under this connection: its plans are of no use any more.
        if not database.get_autocommit():  # a transaction cannot go on by another connection, its commit neither
            database.close_at = 0.0  # at the end of this request; the next one begins with none
            raise
        database.close()
        return _plainly(database, sql, params, answer)
    raw.preparing_cursor = cursor
    return answered


def _plainly(database: Any, sql: str, params: Sequence[Any], answer: Callable[[Any], Answer]) -> Answer:
    with database.cursor() as cursor:
        cursor.execute(sql, params)
        return answer(cursor)


def _take_cursor(database: Any) -> tuple[Any, Any]:
    """Return a connection and its cursor for statements whose plans are kept.

    It is taken away until it is read: what a wrapper of the statement runs itself (``civic.core.changes``) takes another.
    """
    if database.connection is None or not database.health_check_done:
        database.close_if_health_check_failed()
        database.ensure_connection()
    raw = database.connection
    cursor = vars(raw).pop("preparing_cursor", None)
    if cursor is None:
        from django.db.backends.postgresql import base  # noqa: PLC0415 - needs PostgreSQL's driver
        from psycopg.types.datetime import TimestamptzLoader  # noqa: PLC0415

        raw.prepare_threshold, raw.prepared_max = PREPARED_AFTER, PREPARED_MOST
        made: Any = base.ServerBindingCursor(raw)  # type: ignore[attr-defined]  # there where psycopg is the third
        if database.timezone == UTC:
            # The driver's own reads the same instants from a session in UTC as Django's, twenty times as fast.
            made.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor = database._prepare_cursor(made)  # noqa: SLF001 - what cursor() does
    return raw, cursor
