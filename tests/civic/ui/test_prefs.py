"""The switches: links that only set a cookie and lead back, to our own pages alone."""

import pytest
from django.test import Client

from tests.factories.people import a_person


def test_the_language_switch_remembers_and_leads_back(client: Client) -> None:
    answer = client.get("/prefs/language/en/?next=/help/?a=b")
    assert (answer.status_code, answer["Location"]) == (302, "/help/?a=b")
    assert answer.cookies["gongyi_language"].value == "en"
    assert '<html lang="en"' in client.get("/help/").content.decode()


@pytest.mark.parametrize(
    "foreign",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "", "/prefs/elder/on/"],
)
def test_foreign_addresses_are_not_followed(client: Client, foreign: str) -> None:
    assert client.get("/prefs/elder/on/", {"next": foreign})["Location"] == "/"


@pytest.mark.parametrize("address", ["language/xx", "elder/maybe", "theme/pink"])
def test_unknown_choices_do_not_exist(client: Client, address: str) -> None:
    assert client.get(f"/prefs/{address}/").status_code == 404


def test_switches_answer_no_post(client: Client) -> None:
    assert client.post("/prefs/elder/on/").status_code == 405


def test_elder_mode_is_remembered_and_can_be_left(client: Client) -> None:
    client.get("/prefs/elder/on/")
    assert 'data-mode="elder"' in client.get("/help/").content.decode()
    client.get("/prefs/elder/off/")
    assert 'data-mode="elder"' not in client.get("/help/").content.decode()


def test_the_theme_is_remembered_and_can_follow_the_device_again(client: Client) -> None:
    client.get("/prefs/theme/dark/")
    assert 'data-theme="dark"' in client.get("/help/").content.decode()
    client.get("/prefs/theme/system/")
    assert "data-theme" not in client.get("/help/").content.decode()


@pytest.mark.django_db
def test_the_account_speaks_where_there_is_no_cookie(client: Client) -> None:
    client.force_login(a_person(language="en", elder_mode=True))
    page = client.get("/help/").content.decode()
    assert '<html lang="en" data-mode="elder"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.8", "en"),
        ("de,en;q=0.7", "en"),
        ("zh-TW", "zh-Hans"),
        ("de,fr;q=0.5", "zh-Hans"),
        ("*", "zh-Hans"),
    ],
)
def test_the_browser_decides_before_the_account(client: Client, header: str, language: str) -> None:
    client.force_login(a_person(language="zh-hans"))
    page = client.get("/help/", headers={"accept-language": header}).content.decode()
    assert f'<html lang="{language}">' in page


@pytest.mark.django_db
def test_the_account_decides_where_the_browser_asks_for_neither_language(client: Client) -> None:
    client.force_login(a_person(language="en"))
    assert '<html lang="en">' in client.get("/help/", headers={"accept-language": "de,*;q=0.1"}).content.decode()


@pytest.mark.django_db
def test_a_cookie_is_the_newer_word(client: Client) -> None:
    client.force_login(a_person(language="en", elder_mode=True))
    client.get("/prefs/elder/off/")
    client.get("/prefs/language/zh-hans/")
    assert '<html lang="zh-Hans">' in client.get("/help/").content.decode()
