"""One click stops a kind of mail (RFC 8058): headers, a page that asks, a post that does it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from civic.audit.models import Entry
from civic.notify import digests, outbox, sending, unsubscribing
from civic.notify.domain import tell, wish
from civic.notify.models import Digest, Message, Wish
from civic.people.models import Person

pytestmark = pytest.mark.django_db

ANSWERED, TEXTED, BINDING = "tests:notify:answered", "tests:notify:texted", "tests:notify:binding"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}

Happening = Callable[[], Entry]


@pytest.fixture
def strict() -> Client:
    """A mail program: it has no cookie and no page before this one, and forgery is checked."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link(resident: Person) -> str:
    return _path(unsubscribing.address(resident.pk, ANSWERED))


def _path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def _sent(person: Person, kind: str, entry: Entry, at: datetime) -> outbox.Item:
    tell(kind=kind, entry=entry, recipients=[(person, {"title": "路灯"}, "/x/")], at=at)
    assert sending.send_message(Message.objects.latest("pk").pk, at=at)
    return outbox.read()[0]


def test_a_mail_carries_the_two_headers(resident: Person, happening: Happening, at: datetime, strict: Client) -> None:
    mail = _sent(resident, ANSWERED, happening(), at)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<(http.+)>", mail.headers["List-Unsubscribe"])
    assert found
    assert found.group(1) in mail.text
    assert strict.post(_path(found.group(1)), ONE_CLICK).status_code == 200
    assert Wish.objects.get().timing == "never"


def test_one_click_stops_this_kind_and_no_other(
    resident: Person, link: str, strict: Client, happening: Happening, at: datetime
) -> None:
    response = strict.post(link, ONE_CLICK)
    assert response.status_code == 200
    assert "text/plain" in response["Content-Type"]
    for kind in (ANSWERED, TEXTED):
        tell(kind=kind, entry=happening(), recipients=[(resident, {}, "/x/")], at=at)
    assert list(Message.objects.values_list("notice__kind", flat=True)) == [TEXTED]


def test_looking_at_the_page_changes_nothing(link: str, strict: Client) -> None:
    page = strict.get(link)
    assert page.status_code == 200
    assert "“…” …" in page.content.decode(), "it names the kind"
    assert "no-store" in page["Cache-Control"]
    assert not Wish.objects.exists()


def test_whoever_confirms_is_shown_how_to_return(link: str, strict: Client) -> None:
    assert strict.post(link, {"do": "stop"}).status_code == 303
    assert Wish.objects.get().timing == "never"
    page = strict.get(link).content.decode()
    assert 'value="resume"' in page
    assert "/me/preferences/" in page
    assert strict.post(link, {"do": "resume"}).status_code == 303
    assert Wish.objects.get().timing == "now"


def test_stopping_twice_changes_nothing(link: str, strict: Client) -> None:
    for _ in range(2):
        assert strict.post(link, ONE_CLICK).status_code == 200
    assert Wish.objects.count() == 1


@pytest.mark.parametrize("token", ["x", "W10:x", "W10:x:y"])
def test_a_forged_token_is_nothing(strict: Client, token: str) -> None:
    assert strict.get(f"/notices/stop/{token}/").status_code == 404
    assert strict.post(f"/notices/stop/{token}/", ONE_CLICK).status_code == 404


def test_a_token_cannot_be_bent_to_another_person(resident: Person, link: str, strict: Client) -> None:
    other = _path(unsubscribing.address(resident.pk + 1, ANSWERED))
    mixed = other.rsplit(":", 1)[0] + ":" + link.rsplit(":", 1)[1]
    assert strict.post(mixed, ONE_CLICK).status_code == 404


def test_what_binds_has_no_such_link(resident: Person, happening: Happening, at: datetime, strict: Client) -> None:
    mail = _sent(resident, BINDING, happening(), at)
    assert "List-Unsubscribe" not in mail.headers
    assert "/notices/stop/" not in mail.text + mail.html
    assert strict.get(_path(unsubscribing.address(resident.pk, BINDING))).status_code == 404


def test_codes_have_no_such_link(at: datetime) -> None:
    from civic.notify.domain import post
    from civic.notify.models import Letter

    post(channel="email", address="a@test.example", content={"subject": "x", "text": "1"}, at=at, lasts=timedelta(1))
    sending.send_letter(Letter.objects.get().pk, at=at)
    assert "List-Unsubscribe" not in outbox.read()[0].headers


def test_the_daily_mail_stops_as_a_whole(resident: Person, happening: Happening, at: datetime, strict: Client) -> None:
    wish(person=resident, timings={(ANSWERED, "email"): "daily"})
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=at)
    at += timedelta(hours=2)
    digests.gather(at=at)
    assert sending.send_digest(Digest.objects.get().pk, at=at)
    url = outbox.read()[0].headers["List-Unsubscribe"].strip("<>")
    assert strict.post(_path(url), ONE_CLICK).status_code == 200
    assert Wish.objects.get(kind=ANSWERED).timing == "never"
    assert not Wish.objects.filter(kind=TEXTED).exists(), "what comes at once is not touched"
    assert strict.get(_path(url)).status_code == 200


def test_a_person_who_left_has_no_link(resident: Person, link: str, strict: Client) -> None:
    resident.is_active = False
    resident.save()
    assert strict.get(link).status_code == 404
