"""The files an operator copies: whole, without default secrets, and in step with the code."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from civic.settings.site import EXAMPLE
from dev.paths import ROOT

DEPLOY = ROOT / "deploy"
SECRETS = ("SECRET_KEY", "BALLOT_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """docker-compose.yml, its anchors resolved."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def test_the_compose_file_follows_the_specification(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests" / "vendor" / "compose-spec.json").read_text())

    jsonschema.validate(compose, schema)


def test_all_parts_are_there_with_two_web_servers(compose: dict[str, Any]) -> None:
    parts = {"nginx", "web-1", "web-2", "worker", "beat", "migrate", "postgres", "redis", "elasticsearch"}

    assert set(compose["services"]) == parts
    assert compose["services"]["elasticsearch"]["profiles"] == ["elasticsearch"]


def test_every_part_has_limits_a_restart_policy_and_a_health_check(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}, name
        assert "restart" in service, name
        assert "healthcheck" in service, name
        assert name == "migrate" or service["healthcheck"]["test"], name


def test_what_must_last_is_in_named_volumes(compose: dict[str, Any]) -> None:
    named = set(compose["volumes"])
    for name, folder in {"postgres": "/var/lib/postgresql/data", "redis": "/data", "worker": "/var/lib/gongyi"}.items():
        [volume] = [v for v in compose["services"][name]["volumes"] if v.endswith(folder)]
        assert volume.split(":")[0] in named


def test_our_own_parts_run_without_power(compose: dict[str, Any]) -> None:
    for name in ("web-1", "web-2", "worker", "beat", "migrate"):
        service = compose["services"][name]
        assert (service["user"], service["read_only"], service["cap_drop"]) == ("10001", True, ["ALL"])


def test_only_nginx_can_be_reached_from_outside_and_the_data_reach_nobody(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["back"]["internal"] is True
    for name in ("postgres", "redis", "elasticsearch"):
        assert compose["services"][name]["networks"] == ["back"]


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    for name in SECRETS:
        uses = re.findall(rf"\$\{{{name}(\W[^}}]*)\}}", text)
        assert {use[:2] for use in uses} == {":?"}, name
    assert not re.findall(r"\$\{\w*(?:PASSWORD|KEY|TOKEN)\w*:-[^}]+\}", text)
    filled = re.findall(r"^(?!#)\w+=.+$", (DEPLOY / "env.example").read_text(), re.MULTILINE)
    assert filled == []


def test_the_example_of_an_environment_names_whatever_is_asked_for() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    named = set(re.findall(r"^(\w+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))

    assert asked <= named


def test_nginx_opens_no_log_that_systemd_leaves_shut_and_that_containers_do_not_pass_on() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    logs = re.findall(r"^\s*(\w+_log)\s+(\S+)", text, re.MULTILINE)

    # Under systemd /dev/stdout is a socket, which nginx refuses to open; its image leads these two to /dev/std….
    assert logs == [("error_log", "/var/log/nginx/error.log"), ("access_log", "/var/log/nginx/access.log")]


def test_the_image_is_built_without_power_or_secrets() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]

    assert sum(line.startswith("FROM ") for line in lines) == 2
    assert users == ["USER 10001"]
    assert any("uv sync --frozen --no-dev" in line for line in lines)
    assert not [line for line in lines if re.search(r"SECRET|PASSWORD", line)]


def test_the_site_reads_every_variable_the_compose_file_sets(compose: dict[str, Any]) -> None:
    read = "".join(path.read_text() for path in [*ROOT.glob("civic/settings/*.py"), *DEPLOY.glob("*.sh")]) + str(
        EXAMPLE
    )

    for name in compose["services"]["web-1"]["environment"]:
        assert f'"{name}"' in read or f"'{name}'" in read, name


def test_every_word_about_who_runs_the_site_can_be_said_in_containers(compose: dict[str, Any]) -> None:
    example = (DEPLOY / "env.example").read_text()

    for name in EXAMPLE:
        assert name in compose["services"]["web-1"]["environment"], name
        assert f"\n{name}=\n" in example, name


@pytest.mark.needs("systemd-analyze")
def test_the_units_are_well_formed(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        # What they start is not installed on the machine that checks them.
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
        text = re.sub(r"^(User|Group|WorkingDirectory|EnvironmentFile)=.*\n", "", text, flags=re.MULTILINE)
        (tmp_path / unit.name.replace("@.", "@8001.")).write_text(text)
    units = [str(path) for path in tmp_path.iterdir()]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:/lib/systemd/system"},
    )  # fmt: skip

    ours = [line for line in checked.stderr.splitlines() if "gongyi" in line]
    assert ours == [], checked.stderr


@pytest.mark.django_db
def test_every_alarm_watches_something_that_is_measured_and_stands_in_the_manual() -> None:
    from civic.core import metrics

    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    known = {*metrics._gauges, "gongyi_measures_failed"}
    known |= {f"gongyi_{kind}_seconds_{part}" for kind in ("request", "task") for part in ("count", "sum", "bucket")}
    manuals = [(ROOT / "docs" / name).read_text() for name in ("operations.md", "operations.zh-CN.md")]
    for rule in [rule for group in rules["groups"] for rule in group["rules"]]:
        assert set(re.findall(r"gongyi_\w+", rule["expr"])) <= known, rule["alert"]
        assert all(f"`{rule['alert']}`" in manual for manual in manuals), rule["alert"]


@pytest.mark.needs("promtool")
def test_the_alarms_are_well_formed() -> None:
    checked = subprocess.run(
        ["promtool", "check", "rules", str(DEPLOY / "alerts.yml")], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.needs("promtool")
def test_two_web_servers_that_tell_the_same_are_not_counted_twice(tmp_path: Path) -> None:
    half = [
        {"series": f'gongyi_{name}{{{labels}instance="{port}"}}', "values": values}
        for port in (8001, 8002)
        for name, labels, values in (
            ("database_connections", 'state="idle",', "45x20"),
            ("database_connections_most", "", "100x20"),
            ("task_seconds_count", 'task="seal",outcome="failure",', "0 0 0 0 0 0 0 0 0 0 0 0 2x8"),
            ("part_ready", 'part="database",', "1x20"),
        )
    ]
    quiet = ("GongyiConnectionsRunOut", "GongyiTasksFail", "GongyiSilent")
    asked = [{"eval_time": "18m", "alertname": name, "exp_alerts": []} for name in quiet]
    loud = {"eval_time": "3m", "alertname": "GongyiSilent", "exp_alerts": [{
        "exp_labels": {"severity": "page"},
        "exp_annotations": {"summary": "No web server tells anything: is any of them up?"},
    }]}  # fmt: skip
    told = {"interval": "1m", "input_series": half, "alert_rule_test": asked}
    nothing = {"interval": "1m", "input_series": [], "alert_rule_test": [loud]}
    rules = {"rule_files": [str(DEPLOY / "alerts.yml")], "evaluation_interval": "1m", "tests": [told, nothing]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(rules))

    checked = subprocess.run(
        ["promtool", "test", "rules", str(tmp_path / "tests.yml")], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
