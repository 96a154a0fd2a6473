"""Writing the rows of the inverted index, some hundreds to a document."""

from collections.abc import Iterable

from django.db import connection

from search.models import Posting


def insert(rows: Iterable[tuple[int, int, int]]) -> None:
    """Insert (word, document, weight) rows; through the ORM this would be nine tenths of all indexing."""
    table = connection.ops.quote_name(Posting._meta.db_table)
    columns = "word, document_id, weight"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES (%s, %s, %s)", list(rows))  # noqa: S608 - our own names
