"""/metrics: what is measured, for whom, and that nothing in it tells of a person."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from civic.core import metrics


@pytest.fixture
def measured(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder of this test's own to count in."""
    settings.METRICS_DIR = tmp_path / "metrics"
    metrics._measures.cache_clear()
    yield settings.METRICS_DIR
    metrics._measures.cache_clear()


def samples(name: str) -> dict[tuple[str, ...], float]:
    """Return what is told now under a name: label values → number."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        tuple(value for key, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name == name
    }


@pytest.mark.django_db
def test_a_request_is_counted_by_route_and_status(client: Client, measured: Path) -> None:
    client.get("/consultations/?q=13800138000")
    client.get("/consultations/no-such-thing/")

    assert samples("gongyi_request_seconds_count") == {
        ("consultations", "200"): 1,
        ("consultation", "404"): 1,
    }


@pytest.mark.django_db
def test_what_machines_ask_every_few_seconds_is_no_request_that_fails(client: Client, measured: Path) -> None:
    answers = {path: client.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")}

    assert answers["/readyz"] == 503  # no worker was ever heard of
    assert samples("gongyi_request_seconds_count") == {}


@pytest.mark.django_db
def test_made_up_addresses_add_no_series(client: Client, measured: Path) -> None:
    for number in range(20):
        client.get(f"/wp-admin/{number}.php")

    assert len(samples("gongyi_request_seconds_count")) == 1


def test_one_process_answers_for_all(measured: Path, db: None) -> None:
    count = (
        "import django; django.setup(); from civic.core import metrics;"
        "metrics.count_request('home', 200, 0.1); metrics.count_task('t', 'success', 1)"
    )
    env = os.environ | {"METRICS_DIR": str(measured), "DJANGO_SETTINGS_MODULE": "civic.settings"}
    for _process in range(2):
        subprocess.run([sys.executable, "-c", count], check=True, env=env, cwd=Path(__file__).parents[3])
    metrics.count_request("home", 200, 0.1)

    assert samples("gongyi_request_seconds_count")["home", "200"] == 3
    assert samples("gongyi_task_seconds_count")["success", "t"] == 2


def test_files_of_servers_that_ended_are_dropped_and_those_of_replaced_workers_stay(measured: Path, db: None) -> None:
    measured.mkdir()
    host, parent = metrics._host(), os.getppid()
    dead = measured / f"histogram_{host}-999999999-17-5.db"
    replaced = measured / f"histogram_{host}-{parent}-{metrics._started(parent)}-5.db"
    elsewhere = measured / "histogram_otherhost-1-17-5.db"
    for path in (dead, replaced, elsewhere):
        path.touch()

    metrics.count_request("home", 200, 0.1)

    assert [path.exists() for path in (dead, replaced, elsewhere)] == [False, True, True]


def test_a_folder_that_cannot_be_written_stops_no_request(client: Client, settings: Any, measured: Path) -> None:
    measured.touch()

    assert client.get("/help/").status_code in {200, 404}


@pytest.mark.django_db
def test_a_measure_that_cannot_be_read_leaves_the_others(measured: Path) -> None:
    def broken() -> metrics.Reading:
        raise ConnectionError

    metrics.gauge("gongyi_test_broken", "broken", broken)
    try:
        told = metrics.exposition().decode()
    finally:
        metrics._gauges.pop("gongyi_test_broken")

    assert "gongyi_measures_failed 1.0" in told
    assert "gongyi_deliveries" in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "10.20.30.40", 404),
        ({}, "", 404),
        ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", 404),
        ({"Forwarded": "for=127.0.0.1"}, "127.0.0.1", 404),
        ({"Authorization": "Bearer right-token"}, "10.20.30.40", 200),
        ({"Authorization": "Bearer right-token", "X-Forwarded-For": "1.2.3.4"}, "127.0.0.1", 200),
        ({"Authorization": "Bearer wrong-token"}, "10.20.30.40", 404),
        ({"Authorization": "Bearer "}, "10.20.30.40", 404),
        ({"Authorization": "Basic right-token"}, "10.20.30.40", 404),
    ],
)
def test_measures_are_for_those_who_watch(
    client: Client, settings: Any, headers: dict[str, str], address: str, status: int
) -> None:
    settings.METRICS_TOKEN = "right-token"

    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


@pytest.mark.django_db
def test_without_a_token_nobody_holds_one(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}, REMOTE_ADDR="10.0.0.1").status_code == 404


@pytest.mark.django_db
def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="gongyi_deliveries"):
        metrics.gauge("gongyi_deliveries", "again", list)
