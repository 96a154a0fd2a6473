"""Text messages by HTTP, against a real server."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from civic.core.sms import Rejected, Unavailable
from civic.notify import sending, wire
from civic.notify.domain import post
from civic.notify.gateways import HttpGateway
from civic.notify.models import Letter
from tests.civic.notify.receivers import Receiver, receiving


@pytest.fixture
def provider(settings: Any) -> Iterator[Receiver]:
    with receiving(status=200) as receiver:
        settings.SMS_HTTP_URL, settings.SMS_HTTP_TOKEN = receiver.url, "t0ken"
        settings.SMS_GATEWAY = "civic.notify.gateways.HttpGateway"
        yield receiver


def _send() -> None:
    HttpGateway().send(to="+8613800000001", text="您的验证码是 123456", key="k1")


def test_a_message_is_handed_over_with_its_key(provider: Receiver) -> None:
    _send()
    (got,) = provider.got
    assert json.loads(got.body) == {"to": "+8613800000001", "text": "您的验证码是 123456", "key": "k1"}
    assert got.headers["authorization"] == "Bearer t0ken"
    assert got.headers["idempotency-key"] == "k1"


@pytest.mark.parametrize("status", [400, 410, 413, 422])
def test_what_will_never_be_taken_is_rejected(provider: Receiver, status: int) -> None:
    provider.status, provider.body = status, b"bad number"
    with pytest.raises(Rejected, match="bad number"):
        _send()


@pytest.mark.parametrize("status", [301, 401, 403, 404, 408, 429, 500, 503])
def test_everything_else_is_tried_again(provider: Receiver, status: int) -> None:
    provider.status, provider.headers = status, {"Retry-After": "120", "Location": provider.url}
    with pytest.raises(Unavailable) as caught:
        _send()
    assert caught.value.after == timedelta(seconds=120)
    assert len(provider.got) == 1, "no redirect is followed"


def test_a_silent_gateway_is_given_up_in_time(provider: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "TIMEOUT", 0.2)
    provider.delay = 30
    with pytest.raises(Unavailable):
        _send()


def test_a_gateway_that_is_down_is_tried_again(settings: Any) -> None:
    settings.SMS_HTTP_URL, settings.SMS_HTTP_TOKEN = "http://127.0.0.1:1/", ""
    with pytest.raises(Unavailable):
        _send()


@pytest.mark.django_db
def test_a_code_goes_through_the_gateway_and_waits_as_long_as_it_is_asked(provider: Receiver, at: datetime) -> None:
    provider.status, provider.headers = 429, {"Retry-After": "300"}
    post(channel="sms", address="+8613800000001", content={"text": "123456"}, at=at, lasts=timedelta(minutes=10))
    letter = Letter.objects.get()
    assert not sending.send_letter(letter.pk, at=at)
    letter.refresh_from_db()
    assert letter.due_at == at + timedelta(seconds=300)
    provider.status = 202
    assert sending.send_letter(letter.pk, at=letter.due_at)
    assert [got.headers["idempotency-key"] for got in provider.got] == [str(letter.key)] * 2


@pytest.mark.django_db
def test_a_rejected_message_is_not_tried_again(provider: Receiver, at: datetime) -> None:
    provider.status, provider.body = 422, b"unknown number +8613800000001"
    post(channel="sms", address="+8613800000001", content={"text": "123456"}, at=at, lasts=timedelta(minutes=10))
    letter = Letter.objects.get()
    assert not sending.send_letter(letter.pk, at=at)
    letter.refresh_from_db()
    assert (letter.status, letter.attempts) == ("failed", 1)
    assert "13800000001" not in letter.error, "no number is kept in the error"
