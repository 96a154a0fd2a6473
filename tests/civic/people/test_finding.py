"""Whose an address is, wherever a clerk types one."""

import pytest
from allauth.account.models import EmailAddress

from civic.people.finding import confirmed_addresses, of_account, owner_of
from civic.people.models import Level, Person
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db
NUMBER = "+8613800000001"


def an_owner() -> Person:
    return a_person(level=Level.CONTACT, email="Wang@test.example", phone=NUMBER, phone_verified=True)


def test_an_account_is_found_by_what_its_owner_confirmed() -> None:
    owner = an_owner()
    EmailAddress.objects.create(user=owner, email="second@test.example", verified=True)
    assert {owner_of(each) for each in ("wang@test.example", "second@test.example", NUMBER)} == {owner}
    assert of_account(owner.number) == owner


def test_an_address_somebody_only_typed_finds_nobody() -> None:
    by_phone = a_person(level=Level.CONTACT, email="typed@test.example")
    address = EmailAddress.objects.create(user=by_phone, email=by_phone.email, primary=True)
    EmailAddress.objects.filter(pk=address.pk).update(verified=False)
    a_person(level=Level.CONTACT, phone=NUMBER, phone_verified=False)
    a_person(level=Level.REGISTERED, email="new@test.example")

    assert [owner_of(each) for each in ("typed@test.example", NUMBER, "new@test.example")] == [None] * 3
    assert set(confirmed_addresses(batch=10)).isdisjoint({(by_phone.pk, by_phone.email)})


def test_who_typed_a_neighbours_address_does_not_hide_the_neighbour() -> None:
    owner = an_owner()
    EmailAddress.objects.create(user=a_person(), email="wang@test.example", verified=False)
    assert owner_of("wang@test.example") == owner


def test_who_cannot_sign_in_is_not_found() -> None:
    owner = an_owner()
    Person.objects.filter(pk=owner.pk).update(is_active=False)
    assert [owner_of("wang@test.example"), owner_of(NUMBER), of_account(owner.number)] == [None] * 3


def test_lists_are_read_beside_the_same_addresses() -> None:
    owner = an_owner()
    assert set(confirmed_addresses(batch=1)) == {(owner.pk, owner.email), (owner.pk, NUMBER)}
