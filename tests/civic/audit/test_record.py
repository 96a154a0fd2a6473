from datetime import datetime

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from civic.audit.models import AppendOnlyError, Entry
from civic.audit.record import record
from civic.people.models import Person
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Person:
    return a_person()


@pytest.fixture
def entry(subject: Person, tested: str, at: datetime) -> Entry:
    return record(tested, subject=subject, actor=subject, at=at, facts={"what": "a test"})


def test_an_entry_says_what_happened_to_what_and_when(entry: Entry, subject: Person, at: datetime) -> None:
    assert list(Entry.objects.about(subject)) == [entry]
    assert (entry.actor, entry.at, entry.facts) == (subject, at, {"what": "a test"})
    assert entry.sentence(actor="Li", subject="the park") == "Li did a test to the park."


def test_an_entry_missing_a_fact_still_reads(subject: Person, tested: str, at: datetime) -> None:
    entry = record(tested, subject=subject, actor=None, at=at)

    assert "did  to" in entry.sentence()


def test_an_undeclared_type_is_an_error(subject: Person, at: datetime) -> None:
    with pytest.raises(LookupError, match="declare it first"):
        record("tests:thing:unheard-of", subject=subject, actor=None, at=at)


def test_an_undeclared_fact_is_an_error(subject: Person, tested: str, at: datetime) -> None:
    with pytest.raises(ValueError, match="phone"):
        record(tested, subject=subject, actor=None, at=at, facts={"phone": "138"})


@pytest.mark.django_db(transaction=True)
def test_an_entry_cannot_be_written_outside_a_transaction(tested: str, at: datetime) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record(tested, subject=a_person(), actor=None, at=at)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_no_entry(tested: str, at: datetime) -> None:
    person = a_person()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(tested, subject=person, actor=None, at=at)
        raise ZeroDivisionError

    assert not Entry.objects.about(person).exists()


def test_python_refuses_to_change_or_delete_an_entry(entry: Entry) -> None:
    for attempt in (
        entry.save,
        entry.delete,
        lambda: Entry.objects.update(type="x"),
        Entry.objects.all().delete,
        lambda: Entry.objects.bulk_update([entry], ["type"]),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()


@pytest.mark.parametrize(
    "statement", ["UPDATE civic_audit_entry SET type = 'x'", "DELETE FROM civic_audit_entry"], ids=["update", "delete"]
)
def test_the_database_refuses_to_change_or_delete_an_entry(entry: Entry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Entry.objects.filter(pk=entry.pk, type=entry.type).exists()
