"""Writing many opinions at once."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from consult.opinions.models import Opinion
from orgs.bodies.models import Channel

# person, statement, value, at
Row = tuple[int, int, int, datetime]


def insert(rows: Iterable[Row]) -> None:
    """Insert opinions that are known to be new; assumes the caller's transaction and lock.

    Two million rows through the ORM take minutes; PostgreSQL's COPY and
    SQLite's prepared statement take seconds.
    """
    table = connection.ops.quote_name(Opinion._meta.db_table)
    columns = "person_id, statement_id, value, at, channel"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row((*row, Channel.WEB.value))
        else:
            adapt = connection.ops.adapt_datetimefield_value
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES (%s, %s, %s, %s, %s)",  # noqa: S608 - our own names
                [(person, statement, value, adapt(at), Channel.WEB.value) for person, statement, value, at in rows],
            )
