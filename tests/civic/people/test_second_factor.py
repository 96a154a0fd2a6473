"""The second factor: setting it up, showing it, losing it."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from civic.access import second_factor
from civic.core import clock
from civic.people import factors
from civic.people.models import Person
from tests.factories.people import PASSWORD, a_person, show_factor, without_factor

SET_UP = "/accounts/2fa/totp/activate/"
CODE_AGAIN = "/accounts/2fa/reauthenticate/"
pytestmark = pytest.mark.django_db


def code_of(person: Person, *, steps: int = 0) -> str:
    """Return the code the person's app shows now, or some half minutes later."""
    app = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    secret = factors.FactorAdapter().decrypt(app.data["secret"])
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture(autouse=True)
def unused_codes() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def one_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test begin in one half minute and end in the next: codes are compared."""
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began)


@pytest.fixture
def clerk(staff: Callable[..., Person], monkeypatch: pytest.MonkeyPatch, at: object) -> Person:
    """An official, in a session of today."""
    monkeypatch.setattr(clock, "now", lambda: at)
    return staff("official", "handler")


def signed_in(client: Client, person: Person) -> Client:
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return without_factor(client)


def test_staff_without_a_factor_are_led_to_set_one_up(client: Client, clerk: Person) -> None:
    answer = signed_in(client, clerk).get("/desk/consultations/?page=2")
    assert answer.status_code == 302
    assert answer["Location"] == f"{SET_UP}?next=%2Fdesk%2Fconsultations%2F%3Fpage%3D2"


def test_staff_with_a_factor_are_led_to_its_code(client: Client, clerk: Person) -> None:
    factors.give_totp(clerk)
    assert signed_in(client, clerk).get("/desk/")["Location"] == f"{CODE_AGAIN}?next=%2Fdesk%2F"


def test_something_sent_without_the_factor_changes_nothing_and_leads_back_to_its_page(
    client: Client, clerk: Person
) -> None:
    sent_from = "http://testserver/desk/open/?template=general"
    answer = signed_in(client, clerk).post("/desk/open/", {}, headers={"referer": sent_from})
    assert answer["Location"].endswith("next=%2Fdesk%2Fopen%2F%3Ftemplate%3Dgeneral")


def test_nobody_is_led_back_to_a_foreign_site(client: Client, clerk: Person) -> None:
    answer = signed_in(client, clerk).post("/desk/open/", {}, headers={"referer": "https://evil.example/x"})
    assert "evil" not in answer["Location"]


def test_the_cms_asks_for_the_factor_too(client: Client, staff: Callable[..., Person]) -> None:
    editor = staff("editor", "editor")
    assert signed_in(client, editor).get("/cms/")["Location"] == f"{SET_UP}?next=%2Fcms%2F"


def test_powers_outside_the_desk_are_closed_as_well(client: Client, clerk: Person) -> None:
    client.force_login(clerk, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/desk/").status_code == 200
    person = client.get("/me/").wsgi_request.user
    assert not getattr(person, "_powers_locked", None)
    person = without_factor(client).get("/me/").wsgi_request.user
    assert person.is_authenticated
    assert getattr(person, "_powers_locked", None) is True


def test_the_right_code_opens_the_desk_and_brings_the_person_there(client: Client, clerk: Person) -> None:
    factors.give_totp(clerk)
    signed_in(client, clerk)
    answer = client.post(CODE_AGAIN, {"code": code_of(clerk), "next": "/desk/"})
    assert answer["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_wrong_code_opens_nothing(client: Client, clerk: Person) -> None:
    factors.give_totp(clerk)
    signed_in(client, clerk).post(CODE_AGAIN, {"code": "000000", "next": "/desk/"})
    assert client.get("/desk/").status_code == 302


def test_a_code_is_taken_once(client: Client, clerk: Person) -> None:
    factors.give_totp(clerk)
    code = code_of(clerk)
    assert signed_in(client, clerk).post(CODE_AGAIN, {"code": code}).status_code == 302
    second = Client()
    assert signed_in(second, clerk).post(CODE_AGAIN, {"code": code}).status_code == 200


def test_a_shown_factor_lasts_a_working_day(client: Client, clerk: Person, at: object) -> None:
    signed_in(client, clerk)
    show_factor(client, clerk, at=(clock.now() - second_factor.LASTS + timedelta(minutes=1)).timestamp())
    assert client.get("/desk/").status_code == 200
    show_factor(client, clerk, at=(clock.now() - second_factor.LASTS).timestamp())
    assert client.get("/desk/").status_code == 302


@pytest.mark.django_db(transaction=True)  # as on a real site, where allauth opens none
def test_setting_up_an_app_shows_recovery_codes_once_and_goes_on(client: Client, clerk: Person) -> None:
    signed_in(client, clerk)
    page = client.post(
        "/accounts/reauthenticate/", {"password": PASSWORD, "next": f"{SET_UP}?next=/desk/"}, follow=True
    )
    secret = "".join(page.context["secret_in_groups"].split())
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    done = client.post(f"{SET_UP}?next=/desk/", {"code": code}, follow=True)
    shown = done.content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", shown)) == 10
    assert 'href="/desk/"' in shown
    assert client.get("/desk/").status_code == 200
    assert not re.search(r"<code>\d{8}</code>", client.get("/accounts/2fa/recovery-codes/").content.decode())


def test_a_recovery_code_stands_in_for_the_app_once(client: Client, clerk: Person) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    factors.give_totp(clerk)
    code = RecoveryCodes.activate(clerk).generate_codes()[0]
    assert signed_in(client, clerk).post(CODE_AGAIN, {"code": code}).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert signed_in(Client(), clerk).post(CODE_AGAIN, {"code": code}).status_code == 200


@pytest.mark.django_db(transaction=True)  # as on a real site, where allauth opens none
def test_without_the_factor_the_powers_are_closed_again(client: Client, clerk: Person) -> None:
    factors.give_totp(clerk)
    client.force_login(clerk, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post("/accounts/2fa/totp/deactivate/", {})
    assert not factors.has_factor(clerk)
    assert client.get("/desk/")["Location"].startswith(SET_UP)


def test_signing_in_asks_whoever_has_a_factor_for_its_code(client: Client) -> None:
    person = a_person(email="mei@test.example")
    factors.give_totp(person)
    answer = client.post("/accounts/login/", {"login": "mei@test.example", "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert not client.get("/me/").wsgi_request.user.is_authenticated
    client.post("/accounts/2fa/authenticate/", {"code": code_of(person)})
    assert client.get("/me/").status_code == 200


def test_the_code_is_shown_in_the_demo_only(client: Client, clerk: Person, settings: object) -> None:
    factors.give_totp(clerk)
    signed_in(client, clerk)
    settings.DEMO = False  # type: ignore[attr-defined]
    assert 'id="demo-code"' not in client.get(CODE_AGAIN).content.decode()
    settings.DEMO = True  # type: ignore[attr-defined]
    assert f'<output id="demo-code">{code_of(clerk)}</output>' in client.get(CODE_AGAIN).content.decode()


def test_after_a_new_key_the_former_one_can_be_thrown_away(clerk: Person, settings: Any) -> None:
    factors.give_totp(clerk)
    RecoveryCodes.activate(clerk)
    code, recovery = code_of(clerk), RecoveryCodes.activate(clerk).generate_codes()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    assert code_of(clerk) == code

    call_command("renew_factors", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = []

    assert (code_of(clerk), RecoveryCodes.activate(clerk).generate_codes()) == (code, recovery)
    assert list(factors.unreadable()) == []


def test_a_factor_whose_key_is_gone_is_named_and_left(clerk: Person, settings: Any) -> None:
    factors.give_totp(clerk)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, []
    said = StringIO()

    assert [f"person {clerk.pk} " in fault for fault in factors.unreadable()] == [True]
    call_command("renew_factors", stdout=said)

    assert f"Person {clerk.pk}: the key" in said.getvalue()
    assert Authenticator.objects.filter(user=clerk).exists()


def test_a_copy_of_the_database_holds_no_secret(clerk: Person) -> None:
    factors.give_totp(clerk)
    stored = Authenticator.objects.get(user=clerk).data["secret"]
    assert stored.startswith("gAAAA")
    assert factors.FactorAdapter().decrypt(stored) not in stored
