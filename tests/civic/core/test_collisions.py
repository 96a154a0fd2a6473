"""What the database ended for somebody else's sake, told from what is broken."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError
from psycopg import errors

from civic.core import collisions
from civic.core.collisions import again_if_collided, collided


@contextmanager
def wrapped_as_django_does() -> Iterator[None]:
    try:
        yield
    except (errors.Error, sqlite3.Error) as error:
        raise OperationalError(*error.args) from error


@pytest.mark.parametrize(
    ("cause", "is_one"),
    [
        (errors.DeadlockDetected(), True), (errors.SerializationFailure(), True),
        (errors.AdminShutdown(), False), (errors.DiskFull(), False), (errors.OperationalError(), False),
    ],
)  # fmt: skip
def test_only_a_collision_is_one(cause: Exception, is_one: bool) -> None:
    with pytest.raises(OperationalError) as raised, wrapped_as_django_does():
        raise cause
    assert collided(raised.value) is is_one
    assert not collided(cause)


def test_who_writes_second_to_the_embedded_database_has_collided(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    with closing(sqlite3.connect(path)) as first, closing(sqlite3.connect(path, timeout=0)) as second:
        first.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError) as raised, wrapped_as_django_does():
            second.execute("BEGIN IMMEDIATE")
    assert collided(raised.value)


@pytest.mark.django_db(transaction=True)
def test_what_collides_is_done_again_so_many_times_and_no_more() -> None:
    tried = []

    @again_if_collided
    def act(collisions_left: int) -> int:
        tried.append(1)
        if len(tried) <= collisions_left:
            with wrapped_as_django_does():
                raise errors.DeadlockDetected
        return len(tried)

    assert act(collisions.TIMES - 1) == collisions.TIMES
    tried.clear()
    with pytest.raises(OperationalError):
        act(collisions.TIMES)
    assert len(tried) == collisions.TIMES


@pytest.mark.django_db
def test_inside_a_callers_transaction_it_is_done_once() -> None:
    tried = []

    @again_if_collided
    def act() -> None:
        tried.append(1)
        with wrapped_as_django_does():
            raise errors.DeadlockDetected

    with pytest.raises(OperationalError):
        act()
    assert len(tried) == 1
