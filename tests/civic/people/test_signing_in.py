from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from civic.notify import outbox
from civic.people.models import Level, Person
from tests.civic.people.doors import signed_in, without
from tests.factories.people import PASSWORD, a_person

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
ASK = "/accounts/login/code/"
CONFIRM = "/accounts/login/code/confirm/"

Letter = Callable[[], outbox.Item]
Code = Callable[[], str]


@pytest.fixture
def lin() -> Person:
    return a_person(email="lin@test.example", phone="+8613800000001", phone_verified=True, level=Level.CONTACT)


@pytest.mark.parametrize(
    "typed",
    [
        "lin@test.example",
        " Lin@Test.Example ",
        "13800000001",
        "138 0000 0001",
        "138-0000-0001",
        "+86 138 0000 0001",
        "008613800000001",
        "１３８０００００００１",
    ],
)
def test_the_password_opens_with_any_way_of_typing_the_address(client: Client, lin: Person, typed: str) -> None:
    response = client.post(LOGIN, {"login": typed, "password": PASSWORD})
    assert response.status_code == 302
    assert signed_in(client) == lin


def test_signing_in_leads_back_to_where_one_was(client: Client, lin: Person) -> None:
    page = client.get(LOGIN, {"next": "/consultations/bus/?phase=2"})
    assert "/consultations/bus/?phase=2" in page.content.decode()
    response = client.post(LOGIN, {"login": "13800000001", "password": PASSWORD, "next": "/consultations/bus/?phase=2"})
    assert response["Location"] == "/consultations/bus/?phase=2"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client: Client, lin: Person, elsewhere: str) -> None:
    response = client.post(LOGIN, {"login": "13800000001", "password": PASSWORD, "next": elsewhere})
    assert response["Location"] == "/me/"


def test_a_wrong_password_and_an_unknown_number_get_the_same_answer(client: Client, lin: Person) -> None:
    pages = [
        without(client.post(LOGIN, {"login": typed, "password": "not the password"}), typed)
        for typed in ("13800000001", "13800000002")
    ]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("typed", ["", "138", "12345678901", "lin@", "林", "1380000000１9", "x" * 20_000, "\x00"])
def test_nonsense_is_answered_with_a_sentence(client: Client, lin: Person, typed: str) -> None:
    response = client.post(LOGIN, {"login": typed, "password": PASSWORD})
    assert response.status_code == 200
    assert signed_in(client) is None
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize(("typed", "channel"), [("lin@test.example", "email"), ("138 0000 0001", "sms")])
def test_a_code_opens_without_a_password(client: Client, lin: Person, code: Code, typed: str, channel: str) -> None:
    response = client.post(ASK, {"login": typed, "next": "/policies/"})
    assert response["Location"].startswith(CONFIRM)
    page = client.get(response["Location"])
    assert page.status_code == 200
    secret = code()
    assert outbox.read()[0].channel == channel
    response = client.post(response["Location"], {"code": secret, "next": "/policies/"})
    assert response["Location"] == "/policies/"
    assert signed_in(client) == lin


def test_a_wrong_code_opens_nothing(client: Client, lin: Person, code: Code) -> None:
    client.post(ASK, {"login": "13800000001"})
    wrong = "000000" if code() != "000000" else "000001"
    response = client.post(CONFIRM, {"code": wrong})
    assert response.status_code == 200
    assert signed_in(client) is None
    for _ in range(3):
        client.post(CONFIRM, {"code": wrong})
    client.post(CONFIRM, {"code": code()})
    assert signed_in(client) is None, "after three wrong tries the code is dead"


def test_a_code_opens_once(client: Client, lin: Person, code: Code) -> None:
    client.post(ASK, {"login": "13800000001"})
    secret = code()
    client.post(CONFIRM, {"code": secret})
    client.post(reverse("account_logout"))
    client.post(CONFIRM, {"code": secret})
    assert signed_in(client) is None


@pytest.mark.parametrize(
    ("known", "unknown"), [("13800000001", "13800000002"), ("lin@test.example", "nobody@test.example")]
)
def test_asking_for_a_code_tells_nobody_who_has_an_account(lin: Person, known: str, unknown: str) -> None:
    pages = []
    for typed in (known, unknown):
        client = Client()
        response = client.post(ASK, {"login": typed})
        page = client.get(response["Location"])
        pages.append((response["Location"], page.status_code, without(page, typed)))
    assert pages[0] == pages[1]


def test_an_unknown_number_is_told_so_by_text_message_only(client: Client, letter: Letter) -> None:
    client.post(ASK, {"login": "13800000009"})
    assert "注册" in letter().text
    client.post(CONFIRM, {"code": ""})
    assert signed_in(client) is None


def test_an_imported_person_cannot_sign_in(client: Client) -> None:
    imported = Person.objects.create(is_imported=True, is_active=False)
    imported.set_password(PASSWORD)
    imported.save()
    client.post(LOGIN, {"login": str(imported.number), "password": PASSWORD})
    client.post(ASK, {"login": str(imported.number)})
    assert signed_in(client) is None


def test_a_closed_account_is_refused_by_password_and_by_code(client: Client, lin: Person, code: Code) -> None:
    Person.objects.update(is_active=False)
    client.post(LOGIN, {"login": "13800000001", "password": PASSWORD})
    assert signed_in(client) is None
    client.post(ASK, {"login": "13800000001"})
    client.post(CONFIRM, {"code": code()})
    assert signed_in(client) is None


def test_five_wrong_passwords_stop_one_account_and_no_other(client: Client, lin: Person) -> None:
    other = a_person(phone="+8613800000002", phone_verified=True)
    for _ in range(6):
        client.post(LOGIN, {"login": "13800000001", "password": "wrong"})
    client.post(LOGIN, {"login": "13800000001", "password": PASSWORD})
    assert signed_in(client) is None
    client.post(LOGIN, {"login": "13800000002", "password": PASSWORD})
    assert signed_in(client) == other


def test_a_library_full_of_people_signs_in_from_one_address(lin: Person) -> None:
    people = [a_person() for _ in range(40)]
    for person in people:
        client = Client()
        client.post(LOGIN, {"login": person.email, "password": PASSWORD})
        assert signed_in(client) == person


def test_the_mailbox_owner_takes_over_what_a_stranger_opened_with_it(client: Client, code: Code) -> None:
    squatted = a_person(email="victim@test.example", level=Level.REGISTERED)
    client.post(ASK, {"login": "victim@test.example"})
    client.post(CONFIRM, {"code": code()})
    assert signed_in(client) == squatted
    squatted.refresh_from_db()
    assert not squatted.has_usable_password(), "the stranger's password must not open it"


def test_the_password_is_reset_with_a_code(client: Client, lin: Person, code: Code) -> None:
    client.post("/accounts/password/reset/", {"email": "lin@test.example"})
    client.post("/accounts/password/reset/confirm/", {"code": code()})
    new = "another-long-password"
    client.post("/accounts/password/reset/complete/", {"password1": new, "password2": new})
    fresh = Client()
    fresh.post(LOGIN, {"login": "lin@test.example", "password": new})
    assert signed_in(fresh) == lin


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "path", [LOGIN, ASK, "/accounts/signup/", "/accounts/signup/?by=email", "/accounts/password/reset/"]
)
def test_the_doors_speak_both_languages(client: Client, path: str, language: str) -> None:
    page = client.get(path, headers={"accept-language": language})
    assert page.status_code == 200
    assert ("登录" in page.content.decode()) == (language == "zh-hans")


def test_the_demo_lists_its_accounts_and_a_real_site_does_not(client: Client, settings: Any) -> None:
    a_person(email="resident@demo.example")
    settings.DEMO = True
    assert "resident@demo.example" in client.get(LOGIN).content.decode()
    settings.DEMO = False
    assert "demo.example" not in client.get(LOGIN).content.decode()


def test_looking_at_ones_addresses_does_not_make_them_doubtful(client: Client, lin: Person) -> None:
    client.force_login(lin)
    page = client.get("/accounts/email/").content.decode()
    assert "还没确认" not in page


@pytest.mark.parametrize("path", ["password/change/", "email/", "reauthenticate/", "password/reset/"])
def test_no_field_holds_a_copy_of_its_label(client: Client, lin: Person, path: str) -> None:
    if path != "password/reset/":
        client.post(LOGIN, {"login": "lin@test.example", "password": PASSWORD})
    page = client.get(f"/accounts/{path}").content.decode()
    assert "<label" in page
    assert "placeholder=" not in page


def test_what_was_confirmed_is_not_asked_to_be_confirmed_again(client: Client, lin: Person) -> None:
    client.post(LOGIN, {"login": "lin@test.example", "password": PASSWORD})
    page = client.get("/accounts/email/").content.decode()
    assert "action_remove" in page
    assert "action_primary" not in page  # there is only this one
    assert ("action_send" in page) is not EmailAddress.objects.get(user=lin).verified
