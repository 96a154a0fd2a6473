"""The desk's pages of webhooks and of what could not be delivered."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from civic.core import clock
from civic.events.models import Delivery
from civic.notify.models import WebhookDelivery, WebhookEndpoint
from civic.people.models import Person
from consult.desk.views.webhooks import SECRET_TAIL
from tests.cast import County
from tests.factories.bodies import a_body, a_grant, a_member
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

URL = "https://hooks.test.example/x"


@pytest.fixture
def desk(client: Client, administrator: Person, at: datetime, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(clock, "now", lambda: at)
    client.force_login(administrator)
    return client


@pytest.fixture
def endpoint(desk: Client, here: County) -> WebhookEndpoint:
    given = {"owner": here.department.pk, "url": URL, "kinds": ["reply.published"]}
    response = desk.post("/desk/webhooks/new/", given)
    made = WebhookEndpoint.objects.get()
    assert response["Location"] == f"/desk/webhooks/{made.pk}/"
    return made


def test_a_webhook_is_added_with_a_secret_of_its_own(desk: Client, endpoint: WebhookEndpoint) -> None:
    assert endpoint.secret.startswith("whsec_")
    assert endpoint.secret in desk.get(f"/desk/webhooks/{endpoint.pk}/").content.decode()
    assert endpoint.secret not in desk.get("/desk/webhooks/").content.decode()


@pytest.mark.parametrize("url", ["http://hooks.test.example/", "https://user@hooks.test.example/", "x"])
def test_an_address_we_do_not_call_is_refused_and_kept(desk: Client, here: County, url: str) -> None:
    given = {"owner": here.department.pk, "url": url, "kinds": ["reply.published"]}
    response = desk.post("/desk/webhooks/new/", given)
    assert response.status_code == 422
    assert url in response.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_a_test_is_sent_and_listed(desk: Client, endpoint: WebhookEndpoint) -> None:
    assert desk.post(f"/desk/webhooks/{endpoint.pk}/test/").status_code == 303
    assert WebhookDelivery.objects.get().kind == "test"
    assert "test" in desk.get(f"/desk/webhooks/{endpoint.pk}/").content.decode()


def test_a_new_secret_is_made_once_per_look(desk: Client, endpoint: WebhookEndpoint) -> None:
    seen = {"seen": endpoint.secret[-SECRET_TAIL:]}
    assert desk.post(f"/desk/webhooks/{endpoint.pk}/secret/", seen).status_code == 303
    assert desk.post(f"/desk/webhooks/{endpoint.pk}/secret/", seen).status_code == 409
    page = desk.get(f"/desk/webhooks/{endpoint.pk}/").content.decode()
    assert endpoint.secret in page, "the one before still signs"


def test_a_webhook_is_switched_off(desk: Client, endpoint: WebhookEndpoint) -> None:
    given = {"url": URL, "kinds": ["reply.published"]}
    assert desk.post(f"/desk/webhooks/{endpoint.pk}/", given).status_code == 303
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert desk.post(f"/desk/webhooks/{endpoint.pk}/test/").status_code == 403


def test_a_power_over_one_body_reaches_no_others(
    client: Client, endpoint: WebhookEndpoint, here: County, at: datetime
) -> None:
    other = a_body(place=here.county)
    colleague = a_person(level=3, residence=here.district)
    a_member(other, colleague, at=at)
    a_grant("civic:notify:webhooks", to=colleague, over=other, at=at)
    client.force_login(colleague)
    assert client.get(f"/desk/webhooks/{endpoint.pk}/").status_code == 404
    assert "hooks.test.example" not in client.get("/desk/webhooks/").content.decode()
    given = {"owner": here.department.pk, "url": "https://h.test.example/", "kinds": ["reply.published"]}
    assert client.post("/desk/webhooks/new/", given).status_code == 422


def test_what_was_given_up_is_listed_and_sent_again(desk: Client, endpoint: WebhookEndpoint, at: datetime) -> None:
    row = WebhookDelivery.objects.create(
        endpoint=endpoint, kind="test", payload={}, created_at=at, due_at=at, status="failed", attempts=8, error="500"
    )
    assert "hooks.test.example" in desk.get("/desk/deliveries/?show=webhooks").content.decode()
    again: dict[str, Any] = {"what": "webhooks", "number": row.pk}
    assert desk.post("/desk/deliveries/again/", again).status_code == 303
    assert desk.post("/desk/deliveries/again/", again).status_code == 409
    assert desk.post("/desk/deliveries/again/", {"what": "webhooks", "number": 10**16}).status_code == 404


@pytest.mark.parametrize("show", ["messages", "digests", "letters", "webhooks", "events", "nonsense"])
def test_every_sort_has_its_page(desk: Client, show: str) -> None:
    assert desk.get(f"/desk/deliveries/?show={show}&page=99").status_code == 200
    assert not Delivery.objects.filter(status="failed").exists()
