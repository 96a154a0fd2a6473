"""The pages about my data."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

from civic.core import clock
from civic.people import personal
from civic.people.models import Person
from tests.factories.people import PASSWORD, a_person

DELETE = "/me/data/erase/"


def browser(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def person(db: None) -> Person:
    return a_person(email="mine@test.example", display_name="Mine <b>", language="en")


def test_it_names_every_section(person: Person) -> None:
    page = browser(person).get("/me/data/").content.decode()
    for section in personal.sections():
        assert str(section.title).split("’")[0] in page


@pytest.mark.parametrize("name", [section.name for section in personal.sections()])
def test_every_section_has_its_page(person: Person, name: str) -> None:
    assert browser(person).get(f"/me/data/{name}/").status_code == 200


def test_the_account_shows_what_was_given(person: Person) -> None:
    page = browser(person).get("/me/data/account/").content.decode()
    assert "mine@test.example" in page
    assert "Mine &lt;b&gt;" in page


def test_nobody_sees_anothers(person: Person) -> None:
    page = browser(a_person()).get("/me/data/account/").content.decode()
    assert "mine@test.example" not in page


def test_the_download_is_complete_and_kept_nowhere(person: Person) -> None:
    response = browser(person).post("/me/data/download/")
    assert response["Content-Disposition"].startswith("attachment")
    assert "no-store" in response["Cache-Control"]
    with ZipFile(io.BytesIO(b"".join(response))) as archive:
        assert set(archive.namelist()) == {"data.json", "index.html", "style.css"}
        data = json.loads(archive.read("data.json"))
        page = archive.read("index.html").decode()
    assert [section["name"] for section in data["sections"]] == [each.name for each in personal.sections()]
    assert data["language"] == "en"
    assert '<html lang="en">' in page
    assert "Mine &lt;b&gt;" in page


def test_deleting_asks_for_the_password(person: Person) -> None:
    answer = browser(person).post(DELETE, {"proof": "something-else", "sure": "on"})
    assert answer.status_code == 422
    assert "This is not your password." in answer.content.decode()
    person.refresh_from_db()
    assert person.erase_after is None


def test_deleting_asks_whether_one_is_sure(person: Person) -> None:
    assert browser(person).post(DELETE, {"proof": PASSWORD}).status_code == 422
    person.refresh_from_db()
    assert person.erase_after is None


def test_with_password_and_tick_the_day_is_set_and_can_be_called_off(person: Person) -> None:
    client = browser(person)
    assert client.post(DELETE, {"proof": PASSWORD, "sure": "on"}).status_code == 303
    person.refresh_from_db()
    assert person.erase_after is not None
    assert "Keep my account" in client.get("/me/data/").content.decode()
    assert client.get(DELETE).status_code == 302
    assert client.post("/me/data/keep/").status_code == 303
    person.refresh_from_db()
    assert person.erase_after is None


@pytest.fixture
def one_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything happen at once: within one minute, and no half minute after another, however slowly it is done."""
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)


@pytest.mark.usefixtures("one_instant")
def test_the_eleventh_try_in_a_minute_is_refused(person: Person) -> None:
    client = browser(person)
    answers = [client.post(DELETE, {"proof": "guess", "sure": "on"}).status_code for _number in range(11)]
    assert answers[-1] == 429


def test_whoever_has_no_password_gets_a_code(person: Person, code: Callable[[], str]) -> None:
    person.set_unusable_password()
    person.save()
    client = browser(person)
    assert client.post(DELETE, {"proof": "", "sure": "on"}).status_code == 422
    assert client.post(DELETE, {"part": "code"}).status_code == 303
    assert client.post(DELETE, {"proof": "000000x", "sure": "on"}).status_code == 422
    assert client.post(DELETE, {"proof": code(), "sure": "on"}).status_code == 303
    person.refresh_from_db()
    assert person.erase_after is not None


def test_a_code_is_good_for_ten_minutes_and_five_tries(
    person: Person, code: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person.set_unusable_password()
    person.save()
    client = browser(person)
    client.post(DELETE, {"part": "code"})
    right = code()
    later = clock.now() + timedelta(minutes=11)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        assert client.post(DELETE, {"proof": right, "sure": "on"}).status_code == 422
    for _number in range(5):
        client.post(DELETE, {"proof": "wrong", "sure": "on"})
    assert client.post(DELETE, {"proof": right, "sure": "on"}).status_code == 422
    person.refresh_from_db()
    assert person.erase_after is None


@pytest.mark.usefixtures("one_instant")
def test_a_second_code_waits_half_a_minute(person: Person, outbox_folder: Any) -> None:
    person.set_unusable_password()
    person.save()
    client = browser(person)
    client.post(DELETE, {"part": "code"})
    answer = client.post(DELETE, {"part": "code"}, follow=True)
    assert "Wait half a minute" in answer.content.decode()
