from collections.abc import Callable

import pytest
from django.test import Client

from civic.audit.models import Entry
from civic.notify import outbox
from civic.people.models import Level, Person, Verification
from tests.civic.people.doors import signed_in, without
from tests.factories.people import PASSWORD, a_person

pytestmark = pytest.mark.django_db

SIGNUP = "/accounts/signup/"
PHONE_CODE = "/accounts/phone/verify/"
EMAIL_CODE = "/accounts/confirm-email/"

Code = Callable[[], str]
Letter = Callable[[], outbox.Item]


@pytest.mark.parametrize(
    ("by", "address", "stored", "door"),
    [
        ("phone", "138 0000 0001", "+8613800000001", PHONE_CODE),
        ("email", "Lin@Test.example", "lin@test.example", EMAIL_CODE),
    ],
)
def test_an_account_takes_an_address_and_one_code(
    client: Client, code: Code, by: str, address: str, stored: str, door: str
) -> None:
    given = {"by": by, by: address, "display_name": "老林", "password1": PASSWORD, "next": "/consultations/bus/"}
    response = client.post(SIGNUP, given)
    assert response["Location"] == door
    assert signed_in(client) is None, "not before the code"
    assert client.get(door).status_code == 200
    response = client.post(door, {"code": code()})
    person = signed_in(client)
    assert person is not None
    assert response["Location"] == "/consultations/bus/"
    assert (getattr(person, by), person.display_name, person.level) == (stored, "老林", Level.CONTACT)
    assert person.language == "zh-hans"
    assert person.check_password(PASSWORD)
    assert list(person.verifications.values_list("method", flat=True)) == [by]
    assert set(Entry.objects.about(person).values_list("type", flat=True)) == {
        "civic:person:registered",
        "civic:person:contact-verified",
    }


@pytest.mark.parametrize(("by", "address"), [("phone", "13800000001"), ("email", "lin@test.example")])
def test_a_password_is_not_needed(client: Client, code: Code, by: str, address: str) -> None:
    response = client.post(SIGNUP, {"by": by, by: address})
    client.post(response["Location"], {"code": code()})
    person = signed_in(client)
    assert person is not None
    assert not person.has_usable_password()


@pytest.mark.parametrize(
    ("by", "known", "unknown"),
    [("phone", "13800000001", "13800000002"), ("email", "lin@test.example", "new@test.example")],
)
def test_signing_up_tells_nobody_who_has_an_account(by: str, known: str, unknown: str) -> None:
    a_person(email="lin@test.example", phone="+8613800000001", phone_verified=True)
    pages = []
    for address in (known, unknown):
        client = Client()
        response = client.post(SIGNUP, {"by": by, by: address, "password1": PASSWORD})
        pages.append((response["Location"], without(client.get(response["Location"]), address)))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(("by", "address"), [("phone", "13800000001"), ("email", "lin@test.example")])
def test_the_owner_of_an_address_learns_of_a_second_sign_up(
    client: Client, letter: Letter, by: str, address: str
) -> None:
    a_person(email="lin@test.example", phone="+8613800000001", phone_verified=True)
    client.post(SIGNUP, {"by": by, by: address, "password1": PASSWORD})
    assert "已经有账号" in letter().text
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("by", "address"),
    [("phone", "138"), ("phone", ""), ("phone", "lin@test.example"), ("email", "13800000001"), ("email", "x" * 20_000)],
)
def test_an_address_that_cannot_be_is_refused_with_a_sentence(client: Client, by: str, address: str) -> None:
    response = client.post(SIGNUP, {"by": by, by: address, "display_name": "老林"})
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert "老林" in response.content.decode(), "what was typed is kept"
    assert not Person.objects.exists()


@pytest.mark.parametrize("name", ["林\u202e老", "林\x07", "字" * 41])
def test_a_name_that_deceives_is_refused(client: Client, name: str) -> None:
    client.post(SIGNUP, {"by": "phone", "phone": "13800000001", "display_name": name})
    assert not Person.objects.exists()


def test_what_is_wrong_is_said_in_chinese_only(client: Client) -> None:
    given = {"by": "email", "email": "new@test.example", "password1": "abc", "display_name": "a\x00b"}
    page = client.post(SIGNUP, given, headers={"accept-language": "zh-CN"}).content.decode()
    assert "密码太短了，至少要 8 个字符。" in page
    assert "看不见的空字符" in page
    assert "password is" not in page


def test_a_weak_password_is_refused(client: Client) -> None:
    client.post(SIGNUP, {"by": "phone", "phone": "13800000001", "password1": "12345678"})
    assert not Person.objects.exists()


def test_a_wrong_code_opens_no_account(client: Client, code: Code) -> None:
    client.post(SIGNUP, {"by": "phone", "phone": "13800000001"})
    wrong = "000000" if code() != "000000" else "000001"
    assert client.post(PHONE_CODE, {"code": wrong}).status_code == 200
    assert signed_in(client) is None
    assert Person.objects.get().level == Level.REGISTERED
    assert not Verification.objects.exists()


def test_the_tabs_keep_the_page_to_return_to(client: Client) -> None:
    page = client.get(SIGNUP, {"next": "/consultations/bus/"}).content.decode()
    assert "?by=email&amp;next=%2Fconsultations%2Fbus%2F" in page


def test_an_unfinished_sign_up_can_begin_again(client: Client, code: Code) -> None:
    client.post(SIGNUP, {"by": "phone", "phone": "13800000001", "password1": PASSWORD})
    fresh = Client()
    fresh.post("/accounts/login/code/", {"login": "13800000001"})
    fresh.post("/accounts/login/code/confirm/", {"code": code()})
    person = signed_in(fresh)
    assert person is not None
    assert person.level == Level.CONTACT
