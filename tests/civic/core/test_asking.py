from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError

from civic.core import clock
from civic.core.asking import Question
from civic.core.models import Change, Tally
from civic.core.writing import Update, insert, insert_new
from civic.people.models import Person, Suspension
from civic.places.models import Place
from tests.cast import County
from tests.factories.people import a_person

OF_LEVEL: Question[Person] = Question(
    lambda level, name: Person.objects.select_related("residence").filter(level__gte=level, display_name=name),
    level=int, name=str,
)  # fmt: skip


@pytest.fixture
def stranger() -> Person:
    """Somebody else."""
    return a_person(display_name="旁人")


@pytest.mark.django_db
def test_a_question_answers_what_its_queryset_does(resident: Person, stranger: Person) -> None:
    for person in (resident, stranger):
        asked = OF_LEVEL.all(level=person.level, name=person.display_name)
        built = Person.objects.filter(level__gte=person.level, display_name=person.display_name)
        assert sorted(each.pk for each in asked) == sorted(each.pk for each in built)
    [found] = [each for each in OF_LEVEL.all(level=0, name=resident.display_name) if each.pk == resident.pk]
    assert found.residence == resident.residence
    assert all(getattr(found, f.attname) == getattr(resident, f.attname) for f in Person._meta.concrete_fields)


@pytest.mark.django_db
def test_a_question_is_one_statement_with_what_it_joins(resident: Person, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        for found in OF_LEVEL.all(level=0, name=resident.display_name):
            assert str(found.residence)


@pytest.mark.django_db
def test_a_question_gives_values_too(here: County) -> None:
    codes: Question[str] = Question(
        lambda path: Place.objects.filter(path=path).values_list("code", flat=True), path=str
    )  # fmt: skip
    assert codes.all(path=here.county.path) == [here.county.code]
    assert codes.one(path="nowhere") is None


@pytest.mark.django_db
def test_what_a_question_finds_is_there_at_once_and_gone_at_once(resident: Person) -> None:
    at = clock.now()
    in_force: Question[Suspension] = Question(
        lambda at, person: Suspension.objects.in_force(at).filter(person_id=person), at=datetime, person=int
    )
    made = Suspension.objects.create(
        person=resident, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=1), reason="r"
    )
    assert in_force.all(at=at, person=resident.pk) == [made]
    assert in_force.one(at=at + timedelta(days=1), person=resident.pk) is None
    made.delete()
    assert in_force.one(at=at, person=resident.pk) is None


@pytest.mark.django_db
def test_a_question_that_does_not_ask_by_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="other"):
        Question(lambda pk, other: Place.objects.filter(pk=pk), pk=int, other=int).all(pk=1, other=2)
    with pytest.raises(ValueError, match="prefetch"):
        Question(lambda pk: Place.objects.prefetch_related("children").filter(pk=pk), pk=int).all(pk=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs("postgresql")  # SQLite has one writer at a time and locks no rows
def test_rows_are_locked_in_a_transaction_only() -> None:
    lock = Question(lambda pk: Place.objects.select_for_update().filter(pk=pk), pk=int)
    with transaction.atomic():
        lock.all(pk=1)
    with pytest.raises(TransactionManagementError):
        lock.all(pk=1)


@pytest.mark.django_db
def test_an_update_writes_its_values_and_tells_how_many() -> None:
    more = Update(lambda key, by: (Tally.objects.filter(key=key), {"count": F("count") + by}), key=str, by=int)
    Tally.objects.update_or_create(key="a", defaults={"window": 1, "count": 5})
    assert (more(key="a", by=3), more(key="b", by=3)) == (1, 0)
    assert Tally.objects.get(key="a").count == 8


@pytest.mark.django_db
def test_a_row_is_inserted_once_and_other_violations_rise() -> None:
    def kind(name: str) -> ContentType:
        return ContentType(app_label="speed", model=name)

    assert insert_new(kind("one"), one_per=("app_label", "model"))
    assert not insert_new(kind("one"), one_per=("app_label", "model"))
    assert ContentType.objects.filter(app_label="speed").count() == 1
    made = kind("two")
    insert(made)
    assert ContentType.objects.get(app_label="speed", model="two") == made
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(kind("two"))


@pytest.mark.django_db
def test_a_person_is_found_by_number_and_by_a_relation_only_when_related(here: County, resident: Person) -> None:
    assert Person.objects.get(pk=resident.pk) == resident
    assert here.district.person_set.get(pk=resident.pk) == resident
    with pytest.raises(Person.DoesNotExist):
        here.other_district.person_set.get(pk=resident.pk)
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get(pk=resident.pk + 10_000)


@pytest.mark.django_db
@pytest.mark.needs("postgresql")
def test_an_instant_without_a_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="zone"):
        insert(Change(scope="x", txid=1, at=datetime(2026, 11, 29, 18, 0)))  # noqa: DTZ001 - that is the fault
