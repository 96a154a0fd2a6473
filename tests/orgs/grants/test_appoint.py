"""``appoint``: the first administrator's powers, given by nobody, ending by themselves, written down."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from civic.access.questions import may
from civic.audit.models import Entry
from civic.core import clock
from civic.core.commands import BadInput
from orgs.grants import actions
from orgs.grants.models import Grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db


def appoint(*arguments: str) -> str:
    said = StringIO()
    call_command("appoint", *arguments, stdout=said)
    return said.getvalue()


def test_the_appointed_may_give_powers_until_the_end_and_the_record_says_so() -> None:
    person = a_person(level=3)
    assert person.email

    appoint(person.email.upper(), "--days", "30", "--reason", "Opening of the site")

    now = clock.now()
    assert may(person, actions.ISSUE, None, at=now)
    assert not may(person, actions.ISSUE, None, at=now + timedelta(days=31))
    assert Entry.objects.filter(type=actions.ISSUED, actor=None).count() == Grant.objects.count() > 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody@test.example", "--reason", "x"],
        ["a\0b", "--reason", "x"],
        ["{email}", "--reason", " "],
        ["{email}", "--reason", "x" * 301],
        ["{email}", "--reason", "x", "--days", "0"],
        ["{email}", "--reason", "x", "--days", "366"],
        ["{email}", "--reason", "x", "--days", "many"],
        ["{email}"],
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_given(arguments: list[str]) -> None:
    email = a_person(level=3).email or ""
    with pytest.raises(BadInput):
        appoint(*(argument.replace("{email}", email) for argument in arguments))
    assert Grant.objects.count() == 0


def test_an_account_that_confirmed_nothing_is_not_appointed() -> None:
    with pytest.raises(BadInput, match="not confirmed"):
        appoint(a_person(level=0).email or "", "--reason", "x")
