from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils.translation import override

from civic.core.refusals import SIGN_IN
from civic.people.models import Level, Person
from civic.people.rules import SUSPENDED, VERIFY_CONTACT, VERIFY_IN_PERSON, VERIFY_RESIDENT, standing
from tests.factories.people import a_person, a_suspension

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_a_visitor_has_to_sign_in_first(at: datetime) -> None:
    assert standing(AnonymousUser(), level=0, at=at) == SIGN_IN


def test_an_inactive_account_is_no_account(at: datetime) -> None:
    assert standing(a_person(is_active=False), level=0, at=at) == SIGN_IN


@pytest.mark.parametrize(
    ("needed", "reason"),
    [(Level.CONTACT, VERIFY_CONTACT), (Level.RESIDENT, VERIFY_RESIDENT), (Level.IN_PERSON, VERIFY_IN_PERSON)],
)
def test_each_level_is_asked_for_by_name_and_opens_at_that_level(needed: Level, reason: object, at: datetime) -> None:
    assert standing(a_person(level=needed - 1), level=needed, at=at) == reason
    assert standing(a_person(level=needed), level=needed, at=at) is None


def test_a_suspension_holds_from_its_start_to_just_before_its_end(at: datetime) -> None:
    ends_at = at + timedelta(days=1)
    person = a_person()
    a_suspension(person, starts_at=at, ends_at=ends_at)

    answers = [standing(person, level=0, at=instant) for instant in (at - SECOND, at, ends_at - SECOND, ends_at)]

    assert answers == [None, SUSPENDED, SUSPENDED, None]


def test_the_refusal_of_a_suspended_person_says_why(at: datetime) -> None:
    person = a_person()
    a_suspension(person, starts_at=at)

    assert "重复张贴广告" in str(standing(person, level=0, at=at))


def test_the_end_of_a_suspension_is_told_in_the_county_s_time() -> None:
    at = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    person = a_person()
    a_suspension(person, starts_at=at, ends_at=datetime(2026, 11, 30, 16, 0, tzinfo=UTC))

    with override("en"):
        assert "until 1 Dec, 00:00" in str(standing(person, level=0, at=at))


def test_one_address_is_one_account_whatever_its_case() -> None:
    a_person(email="li@test.example")

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(email="LI@test.example")


def test_an_imported_participant_cannot_become_an_account() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(is_imported=True, is_active=True)


def test_a_person_without_a_name_is_a_neighbour() -> None:
    person = Person(display_name="")

    assert person.public_name
    assert str(person) == person.public_name


@pytest.mark.django_db
def test_nobody_can_be_made_a_superuser() -> None:
    person = a_person()
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(is_superuser=True)
