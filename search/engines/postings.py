"""The rows of the inverted index, some hundreds to a document, where the ORM is too slow or has no words for it."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models.expressions import RawSQL

from civic.core.prepared import run
from search.models import Generation, Posting, StoredDocument

COUNTED = 20_000  # documents: a word in more of them is just common
HEAVIEST = 2_000  # documents of a common word that are looked at: twice what a reader can turn to


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


def frequencies(words: Sequence[int]) -> tuple[int, dict[int, int]]:
    """Return how many documents are read, and in how many each word stands: both up to ``COUNTED``, in one query."""
    table, documents, generations = (
        connection.ops.quote_name(model._meta.db_table) for model in (Posting, StoredDocument, Generation)
    )
    live = f"SELECT id FROM {generations} WHERE state = %s"  # noqa: S608 - our own names, here and below
    counts = [
        f"(SELECT COUNT(*) FROM (SELECT generation_id FROM {documents} WHERE generation_id = ({live}) LIMIT %s) AS n)",  # noqa: S608
        *[f"(SELECT COUNT(*) FROM (SELECT word FROM {table} WHERE word = %s LIMIT %s) AS n)"] * len(words),  # noqa: S608
    ]
    values = [Generation.State.LIVE.value, COUNTED, *(value for word in words for value in (word, COUNTED))]
    total, *found_in = run(f"SELECT {', '.join(counts)}", values, lambda cursor: cursor.fetchone())
    return total, dict(zip(words, found_in, strict=True))


def heaviest(words: Sequence[int]) -> RawSQL:
    """Return the numbers of the documents in which each word weighs most, ``HEAVIEST`` for each, to be looked for in."""
    table = connection.ops.quote_name(Posting._meta.db_table)
    one = f"SELECT document_id FROM {table} WHERE word = %s ORDER BY weight DESC, document_id DESC LIMIT %s"  # noqa: S608
    union = " UNION ".join([f"SELECT document_id FROM ({one}) AS heavy"] * len(words))  # noqa: S608
    return RawSQL(union, [value for word in words for value in (word, HEAVIEST)])  # noqa: S611 - its values apart
