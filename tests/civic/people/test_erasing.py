"""Asking to be forgotten, sleeping over it, and being forgotten."""

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone, translation

from civic.audit.models import Entry
from civic.core import clock
from civic.core.commands import BadInput
from civic.notify import outbox, tasks
from civic.people import actions, erasing
from civic.people import tasks as people
from civic.people.models import Person
from tests.factories.bodies import a_body, a_grant, a_member
from tests.factories.people import a_person
from tests.factories.places import a_place

DAY = timedelta(days=1)


def erase(person: Person, at: datetime) -> bool:
    return erasing.erase(person_id=person.pk, at=at)


@pytest.mark.django_db
def test_whoever_asks_has_seven_days_to_change_their_mind(at: datetime) -> None:
    person = a_person()
    assert erasing.ask(person=person, at=at) == at + 7 * DAY
    assert erasing.due(at=at + 7 * DAY - timedelta(seconds=1)) == []
    assert erasing.due(at=at + 7 * DAY) == [person.pk]


@pytest.mark.django_db
def test_asking_again_does_not_move_the_day(at: datetime) -> None:
    person = a_person()
    first = erasing.ask(person=person, at=at)
    assert erasing.ask(person=person, at=at + DAY) == first
    assert Entry.objects.filter(type=actions.ERASURE_ASKED).count() == 1


@pytest.mark.django_db
def test_whoever_changed_their_mind_meanwhile_is_not_erased(at: datetime) -> None:
    person = a_person()
    erasing.ask(person=person, at=at)
    erasing.keep(person=person, at=at + DAY)
    assert not erasing.erase(person_id=person.pk, at=at + 8 * DAY, asked=True)
    person.refresh_from_db()
    assert person.is_active
    assert person.erase_after is None


@pytest.mark.django_db
def test_every_address_is_told_of_it(outbox_folder: Path) -> None:
    person, now = a_person(phone="+8613812345678", phone_verified=True), clock.now()
    erasing.ask(person=person, at=now)
    tasks.sweep()
    assert {item.to for item in outbox.read()} == {person.email, person.phone}
    day = timezone.localtime(now + 7 * DAY).date()
    assert all(f"{day.month}月{day.day}日" in item.text for item in outbox.read())


@pytest.mark.django_db
def test_what_is_left_is_a_nameless_row_that_cannot_sign_in(at: datetime) -> None:
    person = a_person(phone="+8613812345678", phone_verified=True)
    number = person.number
    assert erase(person, at)
    person.refresh_from_db()
    assert (person.email, person.phone, person.display_name, person.residence) == (None, None, "", None)
    assert not person.is_active
    assert not person.has_usable_password()
    assert person.number != number
    assert person.erased_at == at
    with translation.override("zh-hans"):
        assert person.public_name == "已注销的账号"


@pytest.mark.django_db
def test_every_device_is_signed_out(at: datetime) -> None:
    person, other = a_person(), a_person()
    browsers = [Client(), Client(), Client()]
    for browser, owner in zip(browsers, (person, person, other), strict=True):
        browser.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    erase(person, at)
    assert Session.objects.count() == 1
    assert [browser.get("/me/").status_code for browser in browsers] == [302, 302, 200]


@pytest.mark.django_db
def test_powers_and_memberships_end_with_the_account(at: datetime) -> None:
    county = a_place()
    body, person = a_body(place=county), a_person()
    member, grant = a_member(body, person, at=at), a_grant("orgs:grant:issue", to=person, place=county, at=at)
    erase(person, at)
    member.refresh_from_db()
    grant.refresh_from_db()
    assert member.ends_at == at
    assert grant.ended_at == at
    assert Entry.objects.about(grant).filter(type="orgs:grant:ended").count() == 1


@pytest.mark.django_db
def test_the_address_is_free_again(at: datetime) -> None:
    person = a_person(email="once@test.example")
    erase(person, at)
    assert a_person(email="once@test.example").pk != person.pk


@pytest.mark.django_db
def test_a_part_that_fails_leaves_everything_as_it_was(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    person = a_person()

    def fail(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(erasing, "forgetting", type("Broken", (), {"forget": staticmethod(lambda **_: fail())}))
    with pytest.raises(RuntimeError):
        erase(person, at)
    person.refresh_from_db()
    assert person.is_active
    assert person.email


@pytest.mark.django_db
def test_the_command_changes_nothing_the_second_time(at: datetime) -> None:
    person, out = a_person(), StringIO()
    call_command("erase_person", str(person.pk), stdout=out)
    entries, row = Entry.objects.count(), Person.objects.filter(pk=person.pk).values().get()
    call_command("erase_person", str(person.pk), stdout=out)
    assert "was erased before; nothing has changed" in out.getvalue()
    assert Entry.objects.count() == entries
    assert Person.objects.filter(pk=person.pk).values().get() == row


@pytest.mark.django_db
def test_the_command_names_an_unknown_person() -> None:
    with pytest.raises(BadInput, match="there is no person 424242"):
        call_command("erase_person", "424242")


@pytest.mark.django_db
def test_the_clock_erases_who_asked(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    person, other = a_person(), a_person()
    erasing.ask(person=person, at=at)
    monkeypatch.setattr(clock, "now", lambda: at + 7 * DAY)
    given: list[int] = []
    monkeypatch.setattr(people.erase_person, "delay", given.append)
    people.erase_due()
    assert given == [person.pk]
    people.erase_person(person.pk)
    people.erase_person(other.pk)
    assert set(Person.objects.exclude(erased_at=None)) == {person}
