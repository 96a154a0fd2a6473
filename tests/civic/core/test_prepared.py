from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import NotSupportedError, connection, transaction

from civic.core.changes import changes
from civic.core.prepared import run
from civic.core.writing import Update
from civic.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)

RENAME = Update(lambda pk: (Person.objects.filter(pk=pk), {"display_name": "新名"}), pk=int)


def rows(cursor: Any) -> list[Any]:
    """Read all of an answer."""
    found: list[Any] = cursor.fetchall()
    return found


def test_what_is_noted_of_a_statement_outside_of_a_transaction_does_not_become_its_answer(resident: Person) -> None:
    changes.look(pause=0)
    before = changes.total
    assert RENAME(pk=0) == 0
    assert RENAME(pk=resident.pk) == 1
    statement = 'UPDATE "civic_people_person" SET "display_name" = %s WHERE id = %s RETURNING id'
    assert run(statement, ["又名", resident.pk], rows) == [(resident.pk,)]
    changes.look(pause=0)
    assert changes.total > before


@pytest.mark.needs("postgresql")
def test_an_instant_is_read_as_every_queryset_reads_it(resident: Person) -> None:
    statement = 'SELECT "joined_at" FROM "civic_people_person" WHERE id = %s'
    for _each in range(4):  # the plan is kept by now
        [(joined_at,)] = run(statement, [resident.pk], rows)
    [plainly] = Person.objects.filter(pk=resident.pk).values_list("joined_at", flat=True)
    assert (joined_at, joined_at.tzinfo) == (plainly, plainly.tzinfo)


@pytest.fixture
def table() -> Iterator[str]:
    """A table whose one column's type another release may change."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_a_release (grown int)")
    yield "of_a_release"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE of_a_release")


def _released(table: str) -> None:
    with psycopg.connect(**_connection(), autocommit=True) as other:
        other.execute(f"ALTER TABLE {table} ALTER COLUMN grown TYPE text")


def _connection() -> dict[str, Any]:
    params = connection.get_connection_params()
    return {name: params[name] for name in ("dbname", "user", "password", "host", "port") if name in params}


@pytest.mark.needs("postgresql")
def test_a_plan_that_a_release_outdated_is_made_anew(table: str) -> None:
    for _each in range(4):
        run(f"SELECT grown FROM {table}", [], rows)
    _released(table)
    assert run(f"SELECT grown FROM {table}", [], rows) == []


@pytest.mark.needs("postgresql")
def test_a_plan_outdated_in_a_transaction_loses_nothing_of_it_in_silence(table: str, resident: Person) -> None:
    for _each in range(4):
        run(f"SELECT grown FROM {table}", [], rows)
    _released(table)
    transaction.set_autocommit(False)  # as it is while Django commits: no block any more, and a transaction still
    try:
        Person.objects.filter(pk=resident.pk).update(display_name="新名")
        with pytest.raises(NotSupportedError):
            run(f"SELECT grown FROM {table}", [], rows)
        assert connection.connection.info.transaction_status.name == "INERROR"
        transaction.rollback()
    finally:
        transaction.set_autocommit(True)
