"""Webhooks after the Standard Webhooks specification, against a real server."""

import base64
import hmac
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from civic.audit import types
from civic.audit.models import Entry
from civic.core.refusals import Refused, Unfit
from civic.core.sms import Unavailable
from civic.events import tasks
from civic.events.bus import publish
from civic.notify import endpoints, outgoing, webhooks, wire
from civic.notify.models import WebhookDelivery, WebhookEndpoint
from civic.people.models import Person
from tests.cast import County
from tests.civic.notify.receivers import Receiver, receiving

OPENED = types.declare("tests:notify:opened", gettext_noop("It opened."), "secret")


def _facts(entry: Entry) -> Mapping[str, Any] | None:
    return None if entry.facts.get("secret") else {"title": "公交", "url": "http://localhost:8000/x/"}


EVENT = webhooks.declare("tests.opened", "opened", entry=OPENED, facts=_facts)

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_INSIDE = True
    with receiving() as found:
        yield found


@pytest.fixture
def endpoint(here: County, administrator: Person, receiver: Receiver, at: datetime) -> WebhookEndpoint:
    return endpoints.add(owner=here.department, url=receiver.url, kinds=[EVENT], actor=administrator, at=at)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Which deliveries the workers are told of, as soon as they are."""
    numbers: list[int] = []
    monkeypatch.setattr(webhooks, "wake", numbers.extend)
    return numbers


@pytest.fixture
def opens(administrator: Person, at: datetime, deliver_all: Callable[..., int]) -> Callable[..., Entry]:
    """Let the event happen and the bus run."""

    def happen(**facts: Any) -> Entry:
        with transaction.atomic():
            entry = publish(OPENED, subject=administrator, actor=None, at=at, facts=facts)
        from civic.core import clock

        deliver_all(clock.now())
        return entry

    return happen


def _expected(secret: str, key: str, timestamp: str, body: bytes) -> str:
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(raw, f"{key}.{timestamp}.".encode() + body, sha256).digest()).decode()


def test_the_signature_is_that_of_the_specification() -> None:
    # the example of the specification's reference libraries
    made = webhooks.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", key="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )  # fmt: skip
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_reaches_the_endpoint_signed(
    endpoint: WebhookEndpoint, receiver: Receiver, opens: Any, at: datetime
) -> None:
    opens()
    row = WebhookDelivery.objects.get()
    assert webhooks.send(row.pk, at=at)
    (got,) = receiver.got
    assert got.path == "/hook?x=1"
    assert json.loads(got.body) == {
        "type": EVENT, "timestamp": at.isoformat(), "data": {"title": "公交", "url": "http://localhost:8000/x/"},
    }  # fmt: skip
    key, timestamp = got.headers["webhook-id"], got.headers["webhook-timestamp"]
    assert key == f"msg_{row.key.hex}"
    assert timestamp == str(int(at.timestamp()))
    assert got.headers["webhook-signature"] == _expected(endpoint.secret, key, timestamp, got.body)
    row.refresh_from_db()
    assert (row.status, row.response_status) == ("sent", 204)
    assert not webhooks.send(row.pk, at=at + timedelta(days=1)), "once"


def test_an_event_is_owed_once_however_often_it_is_delivered(endpoint: WebhookEndpoint, opens: Any) -> None:
    entry = opens()
    webhooks.owe(entry)
    row = WebhookDelivery.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookDelivery.objects.create(
            endpoint=endpoint, entry=entry, kind=EVENT, payload={}, created_at=row.created_at, due_at=row.due_at
        )


def test_what_is_not_public_or_not_wanted_goes_nowhere(endpoint: WebhookEndpoint, opens: Any) -> None:
    opens(secret=True)
    WebhookEndpoint.objects.update(kinds=["another"])
    opens()
    WebhookEndpoint.objects.update(kinds=[EVENT], is_active=False)
    opens()
    assert not WebhookDelivery.objects.exists()


def test_after_a_new_secret_both_sign_for_a_day(
    endpoint: WebhookEndpoint, administrator: Person, receiver: Receiver, opens: Any, at: datetime
) -> None:
    before = endpoint.secret
    endpoints.rotate(endpoint=endpoint, seen=before[-8:], actor=administrator, at=at)
    opens()
    webhooks.send(WebhookDelivery.objects.get().pk, at=at + timedelta(hours=23))
    endpoint.refresh_from_db()
    got = receiver.got[0]
    key, timestamp = got.headers["webhook-id"], got.headers["webhook-timestamp"]
    assert got.headers["webhook-signature"].split() == [
        _expected(secret, key, timestamp, got.body) for secret in (endpoint.secret, before)
    ]
    assert endpoint.secrets_at(at + timedelta(hours=24)) == [endpoint.secret]


def test_of_two_new_secrets_one_wins(endpoint: WebhookEndpoint, administrator: Person, at: datetime) -> None:
    seen = endpoint.secret[-8:]
    endpoints.rotate(endpoint=endpoint, seen=seen, actor=administrator, at=at)
    with pytest.raises(Refused) as caught:
        endpoints.rotate(endpoint=endpoint, seen=seen, actor=administrator, at=at)
    assert caught.value.conflict


def test_a_failing_receiver_is_tried_with_growing_pauses_under_the_same_id(
    endpoint: WebhookEndpoint, receiver: Receiver, opens: Any, at: datetime
) -> None:
    receiver.status = 500
    opens()
    row, pauses = WebhookDelivery.objects.get(), []
    for _ in range(webhooks.MAX_ATTEMPTS):
        assert not webhooks.send(row.pk, at=at)
        row.refresh_from_db()
        pauses.append(row.due_at - at)
        at = row.due_at
    assert row.status == "failed"
    assert "500" in row.error
    assert pauses[0] < pauses[1] < pauses[2] < pauses[3]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len(receiver.got) == webhooks.MAX_ATTEMPTS


def test_a_receiver_that_wants_nothing_more_is_switched_off(
    endpoint: WebhookEndpoint, receiver: Receiver, opens: Any, at: datetime
) -> None:
    receiver.status = 410
    opens()
    webhooks.send(WebhookDelivery.objects.get().pk, at=at)
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert Entry.objects.filter(type="civic:webhook:refused").count() == 1


def test_no_redirect_is_followed_and_little_is_read(
    endpoint: WebhookEndpoint, receiver: Receiver, opens: Any, at: datetime
) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.headers = 307, {"Location": elsewhere.url}
        opens()
        assert not webhooks.send(WebhookDelivery.objects.get().pk, at=at)
        assert elsewhere.got == []
    with receiving(status=200, body=b"x" * 1_000_000) as talkative:
        assert len(wire.post(talkative.url, b"", {}, inside=True).text) == wire.READ


def test_a_receiver_that_dawdles_is_hung_up_on(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "DEADLINE", 0.3)
    receiver.delay = 30
    with pytest.raises(Unavailable):
        wire.post(receiver.url, b"", {}, inside=True)


def test_a_receiver_that_dawdles_is_sent_one_thing_at_a_time_and_the_next_follows(
    endpoint: WebhookEndpoint, receiver: Receiver, opens: Any, at: datetime, told: list[int]
) -> None:
    opens(), opens(), opens()
    first, second, third = WebhookDelivery.objects.order_by("pk")
    WebhookDelivery.objects.filter(pk=first.pk).update(status="sending", due_at=at + outgoing.LEASE)
    told.clear()

    assert not webhooks.send(second.pk, at=at)
    second.refresh_from_db()
    assert (second.status, second.attempts, receiver.got, told) == ("waiting", 0, [], [])

    WebhookDelivery.objects.filter(pk=first.pk).update(status="sent")
    assert webhooks.send(second.pk, at=at)
    assert told == [third.pk]


def test_one_that_dawdles_holds_up_no_other(
    endpoint: WebhookEndpoint, here: County, administrator: Person, opens: Any, at: datetime
) -> None:
    with receiving() as quick:
        other = endpoints.add(owner=here.department, url=quick.url, kinds=[EVENT], actor=administrator, at=at)
        opens()
        WebhookDelivery.objects.filter(endpoint=endpoint).update(status="sending", due_at=at + outgoing.LEASE)
        assert webhooks.send(other.deliveries.get().pk, at=at)
        assert len(quick.got) == 1


def test_who_died_while_sending_holds_up_nothing_for_long(
    endpoint: WebhookEndpoint, receiver: Receiver, opens: Any, at: datetime
) -> None:
    opens(), opens()
    first, second = WebhookDelivery.objects.order_by("pk")
    WebhookDelivery.objects.filter(pk=first.pk).update(status="sending", due_at=at + outgoing.LEASE)
    later = at + outgoing.LEASE
    assert webhooks.send(second.pk, at=later)
    assert webhooks.send(first.pk, at=later)


def test_what_an_act_brings_about_waits_for_no_receiver(
    endpoint: WebhookEndpoint, administrator: Person, at: datetime
) -> None:
    """The bus writes rows: a receiver that takes no call at all delays nothing that comes in the same message."""
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:
        deaf.setblocking(False)
        WebhookEndpoint.objects.update(url=f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        with transaction.atomic():
            entries = [publish(OPENED, subject=administrator, actor=None, at=at) for _ in range(20)]
        assert tasks.deliver_entries([(entry.pk, "") for entry in entries]) == 20
        with pytest.raises(BlockingIOError):
            deaf.accept()
    assert WebhookDelivery.objects.filter(status="waiting", attempts=0).count() == 20


def test_a_test_is_sent_to_one_endpoint_only(
    endpoint: WebhookEndpoint, administrator: Person, receiver: Receiver, at: datetime
) -> None:
    row = endpoints.test(endpoint=endpoint, actor=administrator, at=at)
    assert webhooks.send(row.pk, at=at)
    assert json.loads(receiver.got[0].body)["type"] == "test"
    WebhookEndpoint.objects.update(is_active=False)
    with pytest.raises(Refused):
        endpoints.test(endpoint=endpoint, actor=administrator, at=at)


# --- no way inside -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001:0:1::1", "x",
    ],
)  # fmt: skip
def test_no_address_of_the_inside_is_public(address: str) -> None:
    assert not wire.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "223.5.5.5", "2400:3200::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet_are(address: str) -> None:
    assert wire.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.test.example/", "ftp://hooks.test.example/", "https://", "https:///x", "javascript:alert(1)",
        "https://user:pass@hooks.test.example/", "https://hooks.test.example/#x", "https://[::1", "https://a b/",
        "https://h:99999/", "file:///etc/passwd", "//hooks.test.example/", "https://h/\r\nX: y",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(
    here: County, administrator: Person, at: datetime, url: str
) -> None:
    with pytest.raises(Unfit):
        endpoints.add(owner=here.department, url=url, kinds=[EVENT], actor=administrator, at=at)


@pytest.mark.parametrize("url", ["https://10.0.0.1/hook", "https://127.0.0.1/", "https://[::1]:8443/"])
def test_a_number_of_a_private_network_is_refused_when_it_is_typed(
    here: County, administrator: Person, at: datetime, settings: Any, url: str
) -> None:
    settings.WEBHOOKS_INSIDE = False
    with pytest.raises(Unfit) as refused:
        endpoints.add(owner=here.department, url=url, kinds=[EVENT], actor=administrator, at=at)
    assert "内部网络" in str(refused.value)


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["169.254.169.254"]], ids=lambda found: found[-1]
)
def test_a_name_that_leads_inside_is_not_called(
    endpoint: WebhookEndpoint, receiver: Receiver, opens: Any, at: datetime, settings: Any,
    monkeypatch: pytest.MonkeyPatch, answers: list[str],
) -> None:  # fmt: skip
    settings.WEBHOOKS_INSIDE = False
    WebhookEndpoint.objects.update(url=receiver.url.replace("http:", "https:").replace("127.0.0.1", "h.test.example"))
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", (a, 443)) for a in answers])
    opens()
    row = WebhookDelivery.objects.get()
    assert not webhooks.send(row.pk, at=at)
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("failed", 1)
    assert receiver.got == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]"])
def test_other_ways_to_write_this_machine_lead_nowhere(receiver: Receiver, host: str) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    with pytest.raises((wire.Forbidden, Unavailable)):
        wire.post(f"https://{host}:{port}/", b"", {}, inside=False)
    assert receiver.got == []


# --- who may -------------------------------------------------------------------------------------------------------


def test_only_who_holds_the_power_over_the_body_adds_one(here: County, official: Person, at: datetime) -> None:
    with pytest.raises(Refused):
        endpoints.add(owner=here.department, url="https://h.test.example/", kinds=[EVENT], actor=official, at=at)


def test_a_body_has_one_webhook_to_an_address(endpoint: WebhookEndpoint, administrator: Person, at: datetime) -> None:
    with pytest.raises(Unfit):
        endpoints.add(owner=endpoint.owner, url=endpoint.url, kinds=[EVENT], actor=administrator, at=at)


def test_an_unknown_event_is_refused(here: County, administrator: Person, at: datetime) -> None:
    for kinds in ([], ["nothing"]):
        with pytest.raises(Unfit):
            endpoints.add(owner=here.department, url="https://h.test.example/", kinds=kinds, actor=administrator, at=at)
