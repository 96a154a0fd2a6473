from datetime import datetime

import pytest

from civic.access.verifying import verify_resident
from civic.audit.models import Entry
from civic.core.refusals import Refused
from civic.people import domain
from civic.people.models import Level, Person
from tests.cast import County
from tests.factories.bodies import a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(here: County, at: datetime) -> Person:
    person = a_person()
    a_grant("civic:person:verify", to=person, place=here.district, at=at)
    return person


def test_a_clerk_verifies_a_resident_of_their_place(here: County, clerk: Person, at: datetime) -> None:
    person = a_person(level=Level.CONTACT)
    verify_resident(person=person, place=here.district, method="document", actor=clerk, at=at)
    person.refresh_from_db()
    assert (person.level, person.residence) == (Level.RESIDENT, here.district)
    assert person.verifications.get().verified_by == clerk
    assert Entry.objects.about(person).get().facts == {"method": "document", "level": 2}


def test_a_clerk_verifies_nobody_elsewhere(here: County, clerk: Person, at: datetime) -> None:
    person = a_person(level=Level.CONTACT)
    with pytest.raises(Refused):
        verify_resident(person=person, place=here.other_district, method="document", actor=clerk, at=at)
    assert not person.verifications.exists()


def test_nobody_verifies_themselves(here: County, clerk: Person, at: datetime) -> None:
    with pytest.raises(Refused) as refusal:
        verify_resident(person=clerk, place=here.district, method="station", actor=clerk, at=at)
    assert refusal.value.reason.code == "verify-yourself"


def test_saying_where_one_lives_verifies_nothing(here: County, at: datetime) -> None:
    person = a_person(level=Level.CONTACT)
    domain.set_residence(person=person, place=here.district, at=at)
    person.refresh_from_db()
    assert (person.level, person.residence) == (Level.CONTACT, here.district)


def test_a_verified_residence_is_not_moved_by_its_owner(here: County, at: datetime) -> None:
    person = a_person(level=Level.RESIDENT, residence=here.district)
    with pytest.raises(Refused) as refusal:
        domain.set_residence(person=person, place=here.other_district, at=at)
    assert refusal.value.reason.code == "residence-verified"


def test_a_county_is_too_wide_to_live_in(here: County, at: datetime) -> None:
    with pytest.raises(Refused):
        domain.set_residence(person=a_person(level=Level.CONTACT), place=here.county, at=at)


def test_confirming_a_contact_lowers_nobody(at: datetime) -> None:
    person = a_person(level=Level.RESIDENT)
    assert not domain.confirm_contact(person=person, method="email", at=at)
    person.refresh_from_db()
    assert person.level == Level.RESIDENT


def test_two_accounts_may_be_without_an_address() -> None:
    first, second = Person(email="", phone=""), Person(email="", phone="")
    first.save()
    second.save()
    assert (first.email, second.phone) == (None, None)
