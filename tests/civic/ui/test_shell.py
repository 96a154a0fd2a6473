"""The frame of every page."""

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory

from civic.core.refusals import STALE, Refused
from civic.policies.domain import ensure_site
from civic.ui import errors, shell
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

FIRST_VIEW = 60 * 1024


@pytest.fixture
def page(client: Client) -> Any:
    return BeautifulSoup(client.get("/help/", headers={"accept-language": "zh-CN"}).content, "html.parser")


def test_the_first_view_is_light(client: Client, page: Any) -> None:
    parts = [tag.get("href") or tag.get("src") for tag in page.find_all(["link", "script"])]
    parts.append("/static/ui/icons.svg")
    weight = len(gzip.compress(client.get("/help/").content))
    for address in parts:
        weight += len(gzip.compress(Path(finders.find(address.removeprefix("/static/"))).read_bytes()))
    assert weight <= FIRST_VIEW


def test_a_visitor_s_page_holds_no_token_and_sets_no_cookie(client: Client) -> None:
    answer = client.get("/help/")
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert not answer.cookies


def test_the_page_begins_with_a_way_past_its_head(page: Any) -> None:
    assert page.body.find("a")["href"] == "#main"
    assert page.find(id="main").name == "main"


def test_navigation_marks_where_the_reader_is(page: Any) -> None:
    for label in ("nav only-wide", "tabbar only-phone"):
        current = page.find("nav", class_=label).find(attrs={"aria-current": True})
        assert current.text.strip() == "求助"


@pytest.mark.parametrize(
    ("path", "section"),
    [("/", "home"), ("/policies/x/", "take-part"), ("/accounts/login/", "mine"), ("/search/", ""), ("/help/", "help")],
)
def test_every_path_belongs_to_at_most_one_section(path: str, section: str) -> None:
    assert shell.section_of(path) == section


@pytest.mark.django_db
def test_the_footer_leads_only_to_pages_that_exist(client: Client, page: Any, at: datetime) -> None:
    ensure_site(at=at)
    links = {link["href"] for link in page.find(class_="foot-links").find_all("a")}
    assert links
    for address in links:
        assert client.get(address).status_code in {200, 302}


def test_the_demo_s_numbers_say_that_they_are_examples(page: Any) -> None:
    assert "示例" in page.find(class_="legal").text


def test_help_stands_on_every_page_once(page: Any, client: Client) -> None:
    missing = BeautifulSoup(client.get("/nowhere/").content, "html.parser")
    assert len(missing.find_all(class_="helpbox")) == 1


@pytest.mark.django_db
def test_the_desk_is_shown_to_holders_of_a_power_only(client: Client, at: datetime) -> None:
    person = a_person()
    client.force_login(person)
    assert 'href="/desk/"' not in client.get("/help/").content.decode()
    power = type("Power", (), {"action": "x", "until": at + timedelta(days=3)})()

    def ask(who: object, when: object) -> list:
        return [power] if who == person else []

    shell.plug_in_powers(ask)
    try:
        assert 'href="/desk/"' in client.get("/help/").content.decode()
    finally:
        shell._powers.remove(ask)


@pytest.mark.django_db
def test_signed_in_people_can_sign_out(client: Client) -> None:
    client.force_login(a_person())
    page = BeautifulSoup(client.get("/help/").content, "html.parser")
    assert page.find("form", {"action": "/accounts/logout/", "method": "post"})


def test_what_does_not_exist_says_so_and_offers_search(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert 'action="/search/"' in answer.content.decode()


def test_a_refusal_says_why_who_helps_and_what_is_kept(client: Client, at: datetime) -> None:
    from civic.access.middleware import RefusalMiddleware

    request = RequestFactory().post("/x/")
    request.at = at  # type: ignore[attr-defined]
    request.user = client.get("/help/").wsgi_request.user
    answer = RefusalMiddleware(lambda _request: HttpResponse()).process_exception(
        request, Refused(STALE, conflict=True)
    )
    text = BeautifulSoup(answer.content, "html.parser").main.text
    assert answer.status_code == 409
    assert str(STALE) in text
    assert "12345" in text


def test_a_lost_token_keeps_the_words(client: Client) -> None:
    request = RequestFactory().post("/x/")
    answer = errors.csrf_failure(request)
    assert answer.status_code == 403


def test_the_page_for_our_own_faults_needs_nothing_that_could_be_broken(settings: Any) -> None:
    settings.TEMPLATES = []
    answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "{%" not in answer.content.decode()
    assert "{{" not in answer.content.decode()


def test_static_files_can_be_collected_with_content_names(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["wagtail*", "mfa*", "account*"])
    assert list(tmp_path.glob("ui/htmx-*.min.*.js"))
