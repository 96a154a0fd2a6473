"""/healthz and /readyz: what a load balancer and an operator ask."""

import pytest
from django.test import Client

from civic.core import health


def test_a_running_process_is_healthy_without_its_parts(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_when_every_part_answers(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["database"] == "ok"


@pytest.mark.django_db
def test_not_ready_when_one_part_is_silent_and_no_secret_is_told(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def silent() -> None:
        raise ConnectionError("postgres://user:secret@host")

    health.ready_when("test-part", silent)
    try:
        answer = client.get("/readyz")
    finally:
        health._checks.pop("test-part")
    assert answer.status_code == 503
    assert answer.json()["parts"]["test-part"] == "down"
    assert "secret" not in answer.content.decode()
