"""``import_bodies`` and ``membership``: what an operator does before the first power is given."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from civic.access.questions import may
from civic.audit.models import Entry
from civic.core import clock
from civic.core.commands import BadInput
from consult.consultations.actions import MANAGE
from orgs.bodies import actions
from orgs.bodies.models import Membership, Organisation
from orgs.bodies.queries import bodies_of
from tests.cast import County
from tests.factories.bodies import a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db
Bring = Callable[[str], str]


@pytest.fixture
def now(at: datetime, monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    """Bring a table in and return what the command says."""

    def run(table: str) -> str:
        path, said = tmp_path / "bodies.csv", StringIO()
        path.write_text(table, encoding="utf-8")
        call_command("import_bodies", str(path), stdout=said)
        return said.getvalue()

    return run


def test_bodies_work_for_the_place_the_table_says(here: County, bring: Bring) -> None:
    table = f"slug,kind,name,place,phone,admitted_until\nwater,department,水务局,{here.county.code},12345,\n"
    table += f"friends,volunteer_team,邻里队,{here.district.code},,2027-01-01\n"

    assert "2 organisations read, 2 added" in bring(table)
    assert "0 added or changed" in bring(table)
    assert "1 added or changed" in bring(table.replace("12345", "12346"))

    friends = Organisation.objects.get(slug="friends")
    assert (friends.place, f"{friends.admitted_until:%Y-%m-%d %H:%M}") == (here.district, "2026-12-31 16:00")
    assert Entry.objects.filter(type__in=[actions.ADDED, actions.CHANGED]).count() == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("water,department,水务局,nowhere,", "there is no place nowhere"),
        ("water,bureau,水务局,{place},", "kind: Value 'bureau' is not a valid choice"),
        ("wa ter,department,水务局,{place},", "slug: "),
        ("water,department,水务局,{place},31.12.2027", "does not match format"),
        ("{taken},department,水务局,{elsewhere},", "works for another place"),
    ],
)
def test_what_cannot_be_is_said_by_line_and_nothing_is_changed(
    here: County, bring: Bring, line: str, said: str
) -> None:
    before = list(Organisation.objects.values())
    known = {"place": here.county.code, "taken": here.department.slug, "elsewhere": here.other_district.code}
    table = f"slug,kind,name,place,admitted_until\nfirst,department,局,{here.county.code},\n{line.format(**known)}\n"

    with pytest.raises(BadInput) as refused:
        bring(table)

    assert "csv:3: " in str(refused.value)
    assert said in str(refused.value)
    assert list(Organisation.objects.values()) == before


def test_a_role_brings_its_powers_and_its_end_takes_them(
    here: County, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_person()
    a_grant(MANAGE, body=here.department, role=Membership.Role.HANDLER, place=here.county, at=now)
    asked = ("membership", str(person.email).upper(), here.department.slug, "handler")

    call_command(*asked, "--until", "2027-01-01", stdout=StringIO())
    again = type(person).objects.get(pk=person.pk)
    assert may(again, MANAGE, here.department, at=now)
    assert bodies_of(again, at=now) == [here.department]

    later = now + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    call_command(*asked, "--end", stdout=StringIO())
    again = type(person).objects.get(pk=person.pk)
    assert not may(again, MANAGE, here.department, at=later)
    told = Entry.objects.filter(type__in=[actions.JOINED, actions.LEFT]).order_by("pk").values_list("facts", flat=True)
    assert list(told) == [{"slug": here.department.slug, "role": "handler"}] * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody@test.example", "{body}", "handler"], "nobody has an account"),
        (["{email}", "nowhere", "handler"], "no organisation"),
        (["{email}", "{body}", "boss"], "no role"),
        (["{email}", "{body}", "handler", "--until", "soon"], "no day"),
        (["{email}", "{body}", "handler", "--until", "2020-01-01"], "before now"),
        (["{email}", "{body}", "handler", "--end"], "no such role"),
        (["{unconfirmed}", "{body}", "handler"], "not confirmed"),
    ],
)
def test_a_membership_that_cannot_be_is_refused(here: County, now: datetime, arguments: list[str], said: str) -> None:
    known = {"email": a_person().email, "unconfirmed": a_person(level=0).email, "body": here.department.slug}

    with pytest.raises(BadInput, match=said):
        call_command("membership", *(each.format(**known) for each in arguments))


def test_nobody_has_a_role_twice(here: County, now: datetime) -> None:
    asked = ("membership", str(a_person().email), here.department.slug, "editor")
    call_command(*asked, stdout=StringIO())
    with pytest.raises(BadInput, match="already"):
        call_command(*asked)
