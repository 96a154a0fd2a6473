"""Keeping the index true: called by subscribers after commit, and by the rebuild."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db import connection, transaction

from search.documents import Document, Kind, kind_of, kinds
from search.engines import engine

BATCH = 200
_REBUILD = 7_236_001


def index_now(kind: str, pk: Any) -> bool:
    """Make the index say what the database now says of one thing; return whether it can be found.

    Call it from a subscriber: it reads the thing afresh, so calls may come
    late, twice or in any order.  What is gone or hidden leaves the index.
    Raises ``LookupError`` for a kind nobody registered.
    """
    registered = kind_of(kind)
    with transaction.atomic():
        _take_turns([(kind, str(pk))])
        instance = registered.rows().filter(pk=pk).first()
        document = registered.build(instance) if instance is not None else None
        if document is None:
            engine().delete([(kind, str(pk))])
            return False
        engine().index([document])
        return True


def forget_now(kind: str, pks: Collection[Any]) -> None:
    """Let nobody find these things from the end of the caller's transaction on, which took them from the public.

    What is new is indexed by a worker; words that have to go do not wait for
    one.  A few statements, whatever the number.  The caller has locked the rows.
    """
    if not pks:
        return
    _take_turns([(kind, str(pk)) for pk in sorted(pks)])
    engine().delete([(kind, str(pk)) for pk in pks])


def index_many(kind: str, pks: Sequence[Any], *, progress: Callable[[str], None] = lambda message: None) -> None:
    """Do ``index_now`` for many things of a kind, a batch at a time: for imports, not for requests."""
    registered = kind_of(kind)
    for start in range(0, len(pks), BATCH):
        some = list(pks[start : start + BATCH])
        with transaction.atomic():
            _wait_for_turns()
            made = [registered.build(row) for row in registered.rows().filter(pk__in=some)]
            documents = [document for document in made if document is not None]
            found = {document.key for document in documents}
            engine().delete([(kind, str(pk)) for pk in some if str(pk) not in found])
            engine().index(documents)
        progress(f"search: {start + len(some):,}")


def rebuild(*, at: datetime) -> Iterator[tuple[str, int]]:
    """Build a new generation from the database and switch to it, yielding (kind, documents so far).

    Holds one batch in memory.  Writes go on meanwhile: they reach both
    generations, and each batch is read while no write is half done.
    Raises ``Superseded`` when a newer rebuild took over.
    """
    with transaction.atomic():
        _wait_for_turns()
        generation = engine().begin(at=at)
    for kind in kinds().values():
        done, last = 0, None
        yield kind.name, done
        while True:
            with transaction.atomic():
                _wait_for_turns()
                rows, documents = _batch(kind, last)
                engine().fill(generation, documents)
            if not rows:
                break
            last = rows[-1].pk
            done += len(documents)
            yield kind.name, done
    with transaction.atomic():
        # Nobody may be writing to the generation that ends here.
        _wait_for_turns()
        engine().switch(generation, at=at)
    engine().sweep()


def _batch(kind: Kind, after: Any) -> tuple[list[Any], list[Document]]:
    rows = kind.rows().order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows[:BATCH])
    return found, [document for document in map(kind.build, found) if document is not None]


def _take_turns(names: Sequence[tuple[str, str]]) -> None:
    """Let one writer at a time index a thing, so that an older reading never overwrites a newer one.

    SQLite has one writer anyway.  The locks end with the transaction.
    """
    if connection.vendor != "postgresql":
        return
    digests = [blake2b(f"{kind}:{key}".encode(), digest_size=8).digest() for kind, key in names]
    numbers = [int.from_bytes(digest, "big", signed=True) for digest in digests]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) number",
            [_REBUILD, numbers],
        )


def _wait_for_turns() -> None:
    """Wait until no thing is being indexed, and hold others off until this batch is written."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REBUILD])
