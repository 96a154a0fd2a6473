import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from pytest_django import DjangoAssertNumQueries

from civic.places.models import Place
from tests.factories.places import a_county, a_place

pytestmark = pytest.mark.django_db


def test_a_county_contains_its_four_levels_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    county = a_county()
    a_county()

    with django_assert_num_queries(1):
        levels = [place.level for place in Place.objects.within(county)]

    assert levels == [1, 2, 3, 4]


def test_a_grid_lies_in_four_places_found_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    county = a_county()
    grid = Place.objects.within(county).get(level=Place.Level.GRID)

    with django_assert_num_queries(1):
        levels = [place.level for place in Place.objects.containing(grid)]

    assert levels == [1, 2, 3, 4]


def test_a_place_contains_itself_and_no_neighbour(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    county = a_place()
    one, other = a_place(inside=county), a_place(inside=county)

    with django_assert_num_queries(0):
        assert one.contains(one)
        assert county.contains(one)
        assert not one.contains(other)
        assert not one.contains(county)


def test_a_code_that_begins_like_another_is_not_inside_it() -> None:
    shorter, longer = a_place(code="42"), a_place(code="421")

    assert not shorter.contains(longer)
    assert list(Place.objects.within(shorter)) == [shorter]


@pytest.mark.parametrize(("level", "rooted"), [(1, False), (2, True), (5, False)])
def test_the_database_refuses_a_place_at_the_wrong_level(level: int, rooted: bool) -> None:
    parent = None if rooted else a_place()

    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(code="wrong", name="错", level=level, parent=parent)
