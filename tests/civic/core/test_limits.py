import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from civic.core import clock, devices, limits, networks, redis_cache, tallies
from civic.core.limits import LIMITS, Limit, TooOften, take
from civic.core.models import Tally
from tests.factories.people import a_person

AT = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
PROXY = [ip_network("10.0.0.0/8")]


def a_request(address: str = "203.0.113.5", *, user: Any = None, at: datetime = AT, **meta: str) -> Any:
    request: Any = RequestFactory().post("/say/", {"text": "话"}, REMOTE_ADDR=address, **meta)
    request.user, request.at = user or AnonymousUser(), at
    return request


def often(name: str, make: Callable[[], Any], most: int = 1000) -> int:
    """Return how many times it went well before it was too often."""
    for done in range(most):
        try:
            take(name, make())
        except TooOften:
            return done
    return most


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of three a minute for an account, four for a device, five for a network."""
    monkeypatch.setitem(LIMITS, "test", Limit(account="3/m 5/h", device="4/m", network="5/m"))


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_has_an_amount_for_networks(name: str) -> None:
    assert limits.amounts(LIMITS[name].network)
    assert all(most > 0 for each in vars(LIMITS[name]).values() for most, _seconds in limits.amounts(each))


def test_a_view_cannot_name_a_limit_there_is_not() -> None:
    with pytest.raises(LookupError):
        limits.limited("no-such-limit")


@pytest.mark.django_db
def test_an_account_is_counted_wherever_it_comes_from(small: None) -> None:
    person, addresses = a_person(), iter(f"198.51.{n}.1" for n in range(100))
    assert often("test", lambda: a_request(next(addresses), user=person)) == 3


@pytest.mark.django_db
def test_what_was_not_fit_is_not_counted_where_it_is_spared(small: None) -> None:
    answers = iter([422] * 9 + [302] * 9)
    view = limits.limited("test", spare_unfit=True)(lambda request: HttpResponse(status=next(answers)))
    person = a_person()
    for _time in range(9):
        assert view(a_request(user=person)).status_code == 422
    for _time in range(3):
        assert view(a_request(user=person)).status_code == 302
    with pytest.raises(TooOften):
        view(a_request(user=person))


@pytest.mark.django_db
def test_asking_for_the_head_alone_is_asking(small: None) -> None:
    view = limits.limited("test", methods=("GET",))(lambda request: HttpResponse())
    person = a_person()
    for method in ("HEAD", "GET", "HEAD"):
        assert view(a_request(user=person, REQUEST_METHOD=method)).status_code == 200
    with pytest.raises(TooOften):
        view(a_request(user=person, REQUEST_METHOD="HEAD"))
    assert view(a_request(user=person)).status_code == 200  # not what is counted here


@pytest.mark.django_db
def test_two_accounts_do_not_count_for_each_other(small: None) -> None:
    for address in ("198.51.100.1", "203.0.113.1"):
        person = a_person()
        assert often("test", partial(a_request, address, user=person)) == 3


@pytest.mark.django_db
def test_a_network_is_counted_whoever_sits_in_it(small: None) -> None:
    assert often("test", a_request) == 5


@pytest.mark.django_db
def test_a_neighbourhood_has_more_room_than_a_house(small: None) -> None:
    hosts = iter(f"203.0.113.{n}" for n in range(1, 250))
    assert often("test", lambda: a_request(next(hosts))) == 5 * limits.NEIGHBOURHOOD


@pytest.mark.django_db
def test_an_ipv6_household_is_one_network_however_many_addresses_it_has(small: None) -> None:
    hosts = iter(f"2001:db8:1:2::{n:x}" for n in range(1, 250))
    assert often("test", lambda: a_request(next(hosts))) == 5


@pytest.mark.django_db
def test_an_ipv6_provider_customer_cannot_change_houses_for_ever(small: None) -> None:
    hosts = iter(f"2001:db8:1:{n:x}::1" for n in range(1, 250))
    assert often("test", lambda: a_request(next(hosts))) == 5 * limits.NEIGHBOURHOOD


@pytest.mark.django_db
def test_a_library_has_room_for_all_who_sit_in_it(small: None, settings: Any) -> None:
    settings.SHARED_NETWORKS = [ip_network("203.0.113.5/32")]
    assert often("test", a_request) == 5 * limits.SHARED


@pytest.mark.django_db
def test_a_day_everybody_comes_can_be_given_more_room(small: None, settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 10
    assert often("test", a_request) == 50


@pytest.mark.django_db
def test_a_device_is_counted_across_networks(small: None) -> None:
    first = a_request()
    take("test", first)
    addresses = iter(f"198.51.{n}.1" for n in range(100))
    assert often("test", lambda: a_request(next(addresses), HTTP_COOKIE=f"{devices.COOKIE}={first.device}")) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("sent", ["forged:value", "short", "x" * 23, ""])
def test_what_is_no_number_of_ours_is_replaced_by_one(small: None, sent: str) -> None:
    request = a_request(HTTP_COOKIE=f"{devices.COOKIE}={sent}")
    take("test", request)
    assert request.new_device == request.device != sent
    assert devices.device_of(a_request(HTTP_COOKIE=f"{devices.COOKIE}={request.device}")) == request.device


@pytest.mark.django_db
def test_what_was_too_often_is_possible_again_when_the_answer_says(small: None) -> None:
    at = AT + timedelta(seconds=13)
    assert often("test", lambda: a_request(at=at)) == 5
    with pytest.raises(TooOften) as refusal:
        take("test", a_request(at=at))
    assert refusal.value.seconds == 47
    take("test", a_request(at=at + timedelta(seconds=47)))


@pytest.mark.django_db
def test_trying_too_early_makes_nobody_wait_longer(small: None) -> None:
    often("test", a_request)
    for second in range(1, 59):
        with pytest.raises(TooOften):
            take("test", a_request(at=AT + timedelta(seconds=second)))
    take("test", a_request(at=AT + timedelta(seconds=60)))


@pytest.mark.django_db
def test_the_longer_window_holds_when_the_shorter_is_over(small: None) -> None:
    person = a_person()
    done = sum(
        often("test", partial(a_request, f"198.51.100.{minute}", user=person, at=AT + timedelta(minutes=minute)))
        for minute in range(3)
    )
    assert done == 5


@pytest.mark.django_db
def test_no_row_tells_whom_it_counts(small: None) -> None:
    take("test", a_request(user=a_person()))
    kept = " ".join(f"{row.key} {row.window} {row.count}" for row in Tally.objects.all())
    assert (Tally.objects.count() > 3, "203.0.113" in kept) == (True, False)


@pytest.mark.django_db
def test_counts_of_past_days_are_forgotten(small: None) -> None:
    take("test", a_request())
    assert tallies.forget(at=AT + timedelta(hours=1)) == 0
    assert tallies.forget(at=AT + timedelta(days=2)) > 0
    assert not Tally.objects.exists()


@pytest.mark.needs("redis")
@pytest.mark.django_db
def test_redis_counts_the_same(small: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import uuid

    settings.REDIS_URL, settings.SECRET_KEY = os.environ["TEST_REDIS_URL"], str(uuid.uuid4())
    assert often("test", a_request) == 5
    assert not Tally.objects.exists()


@pytest.mark.django_db
def test_the_database_counts_while_redis_does_not_answer(small: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert often("test", a_request) == 5


@pytest.mark.django_db
def test_a_redis_that_does_not_answer_is_not_waited_for_at_every_act(
    small: None, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(redis_cache, "REST", 3600.0)
    often("test", a_request)
    assert [record.name for record in caplog.records].count("civic.core.redis_cache") == 1


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_crowd_at_the_same_moment_is_counted_exactly(small: None) -> None:
    results: list[int] = []

    def run() -> None:
        results.append(often("test", a_request, most=4))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(results) == 5


@pytest.mark.parametrize(
    ("peer", "written", "found"),
    [
        ("203.0.113.5", "1.2.3.4", "203.0.113.5"),
        ("10.0.0.2", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.2", "9.9.9.9, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.2", "1.2.3.4, 10.0.0.9", "1.2.3.4"),
        ("10.0.0.2", "1.2.3.4:51822", "1.2.3.4"),
        ("10.0.0.2", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("::ffff:10.0.0.2", "1.2.3.4", "1.2.3.4"),
        ("fe80::1%eth0", "1.2.3.4", "fe80::1"),
        ("", "1.2.3.4", "None"),
    ],
)
def test_only_our_own_proxies_say_where_somebody_comes_from(settings: Any, peer: str, written: str, found: str) -> None:
    settings.TRUSTED_PROXIES = PROXY
    request = a_request(peer, HTTP_X_FORWARDED_FOR=written)
    assert str(networks.client_address(request)) == found


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    monkeypatch.setattr(clock, "now", lambda: AT)
    return AT  # type: ignore[return-value]


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "sentence"), [("zh-hans", "稍等"), ("en", "Try again in 1 minute")])
def test_too_often_is_answered_with_the_time_to_try_again(
    monkeypatch: pytest.MonkeyPatch, frozen: datetime, language: str, sentence: str
) -> None:
    monkeypatch.setitem(LIMITS, "search", Limit(network="2/m"))
    client = Client(headers={"accept-language": language})
    answers = [client.get("/search/?q=a") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert sentence in answers[-1].content.decode()


@pytest.mark.django_db
def test_reading_gives_nobody_a_number_and_posting_does() -> None:
    client = Client()
    client.get("/search/?q=a")
    assert devices.COOKIE not in client.cookies
    client.post("/accounts/signup/", {"by": "phone"})
    cookie = client.cookies[devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["max-age"])) == (True, "Lax", True)


@pytest.mark.django_db
def test_what_the_page_itself_put_into_a_form_is_not_shown_as_something_one_wrote(
    monkeypatch: pytest.MonkeyPatch, frozen: datetime
) -> None:
    monkeypatch.setitem(LIMITS, "sign-up", Limit(network="1/m"))
    sent = {
        "by": "email",
        "opened": "1795318793:AApLtNXjnqmD0zOzCAnTooMlbJwzdjucgjpP_-rxWHE",
        "email": "li@demo.example",
    }
    client = Client()
    client.post("/accounts/signup/", sent)
    page = client.post("/accounts/signup/", sent).content.decode()
    assert f'<input type="hidden" name="opened" value="{sent["opened"]}">' in page
    assert "<textarea" not in page


@pytest.mark.django_db
def test_what_was_typed_into_a_form_with_a_secret_is_not_put_into_a_page(
    monkeypatch: pytest.MonkeyPatch, frozen: datetime
) -> None:
    monkeypatch.setitem(LIMITS, "sign-up", Limit(network="1/m"))
    sent = {"by": "phone", "phone": "1", "password1": "my-long-password"}
    client = Client()
    client.post("/accounts/signup/", sent)
    answer = client.post("/accounts/signup/", sent)
    assert (answer.status_code, "my-long-password" in answer.content.decode()) == (429, False)


@pytest.mark.django_db
def test_allauths_own_limits_say_when_to_try_again(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "1/m/ip"}
    client = Client()
    client.post("/accounts/signup/", {"by": "phone"})
    answer = client.post("/accounts/signup/", {"by": "phone"})
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
