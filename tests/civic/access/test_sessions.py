"""Where a person is signed in: listed, ended one by one or all, and ended by a new password."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from civic.access import sessions
from civic.access.models import SignIn, kind_of_device
from civic.access.tasks import forget_ended_sessions
from civic.core import clock
from civic.people.models import Person
from tests.factories.people import PASSWORD, a_person

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"


def signed_in(person: Person, agent: str = PHONE) -> Client:
    client = Client(headers={"user-agent": agent, "accept-language": "en"})
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


@pytest.mark.parametrize(("agent", "kind"), [(PHONE, "Chrome/Android"), (DESKTOP, "Firefox/Windows"), ("curl/8", "")])
def test_a_device_is_named_by_its_kind_only(agent: str, kind: str) -> None:
    assert kind_of_device(agent) == kind


def test_every_browser_is_listed_in_words() -> None:
    person = a_person()
    signed_in(person, DESKTOP)
    page = signed_in(person).get("/me/sessions/").content.decode()
    assert "Chrome on Android" in page
    assert "Firefox on Windows" in page


def test_no_network_address_is_kept() -> None:
    assert not {"ip", "address"} & {field.name for field in SignIn._meta.get_fields()}


def test_one_browser_can_be_signed_out_from_another() -> None:
    person = a_person()
    other, here = signed_in(person, DESKTOP), signed_in(person)
    row = SignIn.objects.get(device="Firefox/Windows")
    assert here.post(f"/me/sessions/{row.pk}/end/").status_code == 302
    assert other.get("/me/").status_code == 302
    assert here.get("/me/").status_code == 200


def test_nobody_ends_the_sessions_of_others() -> None:
    signed_in(a_person())
    assert signed_in(a_person()).post(f"/me/sessions/{SignIn.objects.earliest('pk').pk}/end/").status_code == 404


def test_all_others_can_be_signed_out_at_once() -> None:
    person = a_person()
    others, here = [signed_in(person) for _ in range(2)], signed_in(person)
    here.post("/me/sessions/end/")
    assert [other.get("/me/").status_code for other in others] == [302, 302]
    assert SignIn.objects.filter(person=person).count() == 1


def test_a_new_password_ends_the_others_and_keeps_this_one() -> None:
    person = a_person()
    other, here = signed_in(person), signed_in(person)
    new = "another-long-password-9"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert other.get("/me/").status_code == 302
    assert here.get("/me/sessions/").status_code == 200
    row = SignIn.objects.get(person=person)
    assert row.session_key == here.session.session_key


def test_signing_out_leaves_nothing() -> None:
    person = a_person()
    client = signed_in(person)
    client.post("/accounts/logout/")
    assert not SignIn.objects.filter(person=person).exists()


def test_sessions_that_ran_out_are_forgotten_with_their_sign_ins() -> None:
    person = a_person()
    signed_in(person, DESKTOP)
    here = signed_in(person)
    gone = SignIn.objects.get(device="Firefox/Windows")
    later = clock.now() + timedelta(days=2)
    Session.objects.filter(session_key=gone.session_key).update(expire_date=later)

    assert sessions.forget_ended(at=later - timedelta(seconds=1)) == 0
    assert sessions.forget_ended(at=later) == 1

    assert [row.device for row in SignIn.objects.filter(person=person)] == ["Chrome/Android"]
    assert here.get("/me/").status_code == 200


def test_the_scheduler_forgets_what_ran_out() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert forget_ended_sessions.name in planned
    assert forget_ended_sessions() == 0
