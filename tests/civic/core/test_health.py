"""/healthz and /readyz: what a load balancer and an operator ask."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from civic.core import clock, health, heartbeat, redis_cache


@pytest.fixture
def living_worker(db: None, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was heard of just now."""
    monkeypatch.setattr(clock, "now", lambda: at)
    heartbeat.beat(at=at)


def parts(client: Client) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    return answer.status_code, {part: said for part, said in answer.json()["parts"].items() if said != "ok"}


def test_a_running_process_is_healthy_without_its_parts(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.usefixtures("living_worker")
def test_ready_when_every_part_answers(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()["parts"]) == {"serving", "database", "migrations", "search", "queue", "cache", "worker"}
    assert set(answer.json()["parts"].values()) == {"ok"}


@pytest.mark.usefixtures("living_worker")
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


@pytest.mark.django_db
def test_not_ready_before_a_worker_was_heard_of(client: Client) -> None:
    from django.core.cache import cache

    cache.clear()
    assert parts(client) == (503, {"worker": "silent"})


@pytest.mark.usefixtures("living_worker")
def test_not_ready_when_the_worker_has_fallen_silent(
    client: Client, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(seconds=61))
    assert parts(client) == (503, {"worker": "silent"})


@pytest.mark.usefixtures("living_worker")
def test_not_ready_while_a_migration_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_up_to_date", set())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'search'")
    assert parts(client) == (503, {"migrations": "unapplied"})
    call_command("migrate", "search", fake=True, verbosity=0)
    assert parts(client) == (200, {})


@pytest.mark.usefixtures("living_worker")
def test_not_ready_while_draining(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.DRAIN_FILE = tmp_path / "draining"
    settings.DRAIN_FILE.touch()
    assert parts(client) == (503, {"serving": "draining"})


@pytest.mark.usefixtures("living_worker")
def test_not_ready_when_no_broker_answers(client: Client, settings: Any) -> None:
    from dev.processes import free_port

    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert parts(client) == (503, {"queue": "down"})


@pytest.mark.usefixtures("living_worker")
def test_not_ready_when_the_cache_does_not_answer_though_the_database_stands_in(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dev.processes import free_port

    monkeypatch.setitem(redis_cache._rest, "until", float("-inf"))  # and again afterwards
    redis = f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {
        "default": {"BACKEND": "civic.core.redis_cache.RedisOrDatabase", "LOCATION": redis},
        "second": settings.IN_DATABASE,
    }
    assert parts(client) == (503, {"cache": "down"})


@pytest.mark.usefixtures("living_worker")
def test_an_engine_that_is_not_built_yet_is_named_and_the_other_answers(client: Client, settings: Any) -> None:
    settings.ELASTICSEARCH_URL = "http://user:secret@elasticsearch:9200"
    answer = client.get("/readyz")
    assert answer.json()["parts"]["search"] == "ok"
    assert "ELASTICSEARCH_URL" in answer.json()["notes"]["search"]
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.usefixtures("living_worker")
def test_probes_ask_by_number_over_plain_http_and_take_no_cookie(client: Client, settings: Any, path: str) -> None:
    settings.ALLOWED_HOSTS = ["gongyi.example.gov.cn"]
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get(path, headers={"Host": "10.1.2.3:8000"})
    assert answer.status_code == 200
    assert answer.cookies == {}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
