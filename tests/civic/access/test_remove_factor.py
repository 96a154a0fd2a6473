"""``remove_factor``: the way back for whoever lost their telephone and their recovery codes."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command

from civic.core.commands import BadInput
from civic.people.factors import give_totp
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db


def test_the_factor_goes_and_only_that_account_s() -> None:
    person, other = a_person(email="mei@test.example"), a_person()
    give_totp(person)
    give_totp(other)
    call_command("remove_factor", "Mei@test.example")
    assert list(Authenticator.objects.values_list("user", flat=True)) == [other.pk]


@pytest.mark.parametrize("address", ["nobody@test.example", "mei@test.example"])
def test_an_account_without_one_is_refused_in_a_line(address: str) -> None:
    a_person(email="mei@test.example")
    with pytest.raises(BadInput):
        call_command("remove_factor", address)
