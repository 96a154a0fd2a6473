from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.db.models.signals import post_init

from civic.core.asking import Question
from civic.core.rows import maker
from civic.people.models import Person
from civic.places.models import Place
from tests.cast import County

OF_CODE: Question[Place] = Question(
    lambda code: Place.objects.select_related("parent__parent").filter(code=code), code=str
)
DEFERRED: Question[Person] = Question(
    lambda pk: Person.objects.select_related("residence").defer("residence__name").filter(pk=pk), pk=int
)


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """What was said to somebody who listens when places are loaded."""
    found: list[Any] = []

    def listen(instance: Any, **_signal: Any) -> None:
        found.append(instance)

    post_init.connect(listen, sender=Place)
    yield found
    post_init.disconnect(listen, sender=Place)


@pytest.mark.django_db
def test_a_row_is_the_model_the_queryset_makes(here: County) -> None:
    code = Place.objects.exclude(parent=None).values_list("code", flat=True)[0]
    asked: Any = OF_CODE.one(code=code)
    built: Any = Place.objects.select_related("parent__parent").get(code=code)
    while asked is not None and built is not None:
        assert _fields(asked) == _fields(built)
        assert (asked._state.adding, asked._state.db) == (built._state.adding, built._state.db)
        assert asked._state.fields_cache.keys() == built._state.fields_cache.keys()
        asked, built = (each._state.fields_cache.get("parent") for each in (asked, built))
    assert asked is built is None


@pytest.mark.django_db
def test_what_was_not_asked_of_a_joined_row_is_asked_when_it_is_needed(resident: Person) -> None:
    found = DEFERRED.one(pk=resident.pk)
    assert found is not None
    assert found.residence is not None
    assert found.residence.get_deferred_fields() == {"name"}
    assert resident.residence is not None
    assert found.residence.name == resident.residence.name


@pytest.mark.django_db
def test_who_listens_when_rows_are_loaded_is_told(here: County, heard: list[Any]) -> None:
    names = [field.attname for field in Place._meta.concrete_fields]
    made = maker(Place, names)([getattr(here.county, name) for name in names])
    assert heard == [made]
    assert made == here.county


@pytest.mark.django_db
def test_whatever_is_asked_for_comes_as_the_queryset_makes_it(here: County, resident: Person) -> None:
    """Models of several tables, with keys of several columns, or with an ``__init__`` of their own among them."""
    for model in apps.get_models():
        joined = [field.name for field in model._meta.concrete_fields if field.many_to_one]
        rows = model._base_manager.select_related(*joined) if joined else model._base_manager.all()
        question: Question[Model] = Question(rows.order_by("pk").all)
        for asked, built in zip(question.all(), rows.order_by("pk"), strict=True):
            assert (type(asked), _fields(asked)) == (type(built), _fields(built))
            assert asked._state.fields_cache == built._state.fields_cache


def _fields(row: Any) -> dict[str, Any]:
    return {field.attname: row.__dict__[field.attname] for field in row._meta.concrete_fields}
