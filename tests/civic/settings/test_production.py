"""A public installation refuses to start half-configured, and says what to set."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PYTHON = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}  # where compiled code lies
KEY = "k3-Vw9q_Zr7Tn1Xs5Lb8Pd2Fg6Hj4Mc0Ye/Qa+Ui=Ow.Rt,Kz;Bx:N"
WHOLE = {
    "GONGYI_ENV": "production",
    "SECRET_KEY": KEY,
    "BALLOT_KEY": KEY[::-1],
    "ALLOWED_HOSTS": "gongyi.example.gov.cn",
    "BASE_URL": "https://gongyi.example.gov.cn",
    "DATABASE_URL": "postgres://gongyi:secret@db/gongyi",
    "REDIS_URL": "redis://redis:6379/0",
    "CELERY_BROKER_URL": "redis://redis:6379/1",
    "EMAIL_URL": "smtp+tls://gongyi:secret@mail.example.gov.cn:587",
    "DEFAULT_FROM_EMAIL": "共议 <no-reply@gongyi.example.gov.cn>",
    "SMS_GATEWAY": "civic.notify.outbox.OutboxGateway",
    "SITE_PLACE": "云澜县",
    "SITE_ORGANISER": "云澜县人民政府",
}
# Reads the settings of many environments in one process; an installation reads one.
READ = """
import json, os, sys
from importlib import import_module
from django.core.exceptions import ImproperlyConfigured
for line in sys.stdin:
    os.environ.clear(); os.environ.update(json.loads(line))
    for name in [n for n in sys.modules if n.startswith("civic.settings.") and not n.endswith(("env", "refusals"))]:
        del sys.modules[name]
    try:
        import_module("civic.settings.production"); print(json.dumps([]))
    except ImproperlyConfigured as error:
        print(json.dumps(str(error).splitlines()))
"""

#: What is changed in a whole configuration (None: left out), and how the one complaint begins.
WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"SECRET_KEY": None}, "Set SECRET_KEY to at least 50"),
    ({"BALLOT_KEY": None}, "Set BALLOT_KEY to at least 32"),
    ({"BALLOT_KEY": "short"}, "Set BALLOT_KEY to at least 32"),
    ({"BALLOT_KEY": KEY}, "BALLOT_KEY must not be SECRET_KEY"),
    ({"SECRET_KEY": ""}, "Set SECRET_KEY to at least 50"),
    ({"SECRET_KEY": KEY[:49]}, "SECRET_KEY is too easy to guess"),
    ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY is too easy to guess"),
    ({"SECRET_KEY": "local-only-key-never-used-in-production" + KEY}, "SECRET_KEY is an example"),
    ({"SECRET_KEY_FALLBACKS": f"{KEY[::-1].replace(',', '')},short"}, "SECRET_KEY_FALLBACKS takes former values"),
    ({"BOUNCE_SECRET": KEY[:31]}, "BOUNCE_SECRET is too easy to guess"),
    ({"METRICS_TOKEN": "prometheus"}, "METRICS_TOKEN is too easy to guess"),
    ({"DEBUG": "yes"}, "DEBUG shows strangers"),
    ({"GONGYI_DEMO": "yes"}, "GONGYI_DEMO gives everybody"),
    ({"ALLOWED_HOSTS": None}, "Set ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
    ({"ALLOWED_HOSTS": "other.example"}, "BASE_URL leads to gongyi.example.gov.cn"),
    ({"BASE_URL": None}, "Set BASE_URL to the public address"),
    ({"BASE_URL": "http://gongyi.example.gov.cn"}, "Set BASE_URL to the public address"),
    ({"BASE_URL": "https://"}, "Set BASE_URL to the public address"),
    ({"BASE_URL": "https://gongyi.example.gov.cn/sub"}, "BASE_URL takes the address alone"),
    ({"BASE_URL": "https://[gongyi"}, "BASE_URL cannot be read as an address"),
    ({"TRUSTED_PROXIES": "10.0.0.0/8, 0.0.0.0/0"}, "TRUSTED_PROXIES must name our own proxies"),
    ({"RATE_LIMIT_FACTOR": "0"}, "RATE_LIMIT_FACTOR must be 1 or more"),
    ({"DATABASE_URL": "postgres://gongyi:secret@db"}, "DATABASE_URL names no database"),
    ({"DATABASE_URL": "postgres://gongyi:secret@db:port/gongyi"}, "DATABASE_URL cannot be read as an address"),
    ({"DATABASE_URL": "postgres://gongyi:se[cret@db/gongyi"}, "DATABASE_URL cannot be read as an address"),
    ({"DATABASE_URL": "sqlite://", "ALLOW_SQLITE": "yes"}, "DATABASE_URL names no database"),
    ({"DATABASE_URL": None, "ALLOW_EMBEDDED": "yes"}, "Set DATABASE_URL to a PostgreSQL database, or ALLOW_SQLITE=yes"),
    ({"REDIS_URL": None}, "Set REDIS_URL to a Redis server, or ALLOW_EMBEDDED=yes"),
    ({"REDIS_URL": "http://redis"}, "REDIS_URL must start with redis://"),
    ({"REDIS_URL": "redis://redis:6379/cache"}, "REDIS_URL ends with the number of a database"),
    ({"REDIS_URL": "redis://redis:port/0"}, "REDIS_URL cannot be read as an address"),
    ({"CELERY_BROKER_URL": "redis://redis:6379/queue"}, "CELERY_BROKER_URL ends with the number of a database"),
    ({"CELERY_BROKER_URL": None}, "Set CELERY_BROKER_URL to a Redis or RabbitMQ server"),
    ({"CELERY_BROKER_URL": "http://redis"}, "CELERY_BROKER_URL must start with redis://"),
    ({"MEDIA_URL_S3": "s3://key:secret@host/bucket"}, "MEDIA_URL_S3 is not supported"),
    ({"EMAIL_URL": None}, "Set EMAIL_URL to your mail server"),
    ({"DEFAULT_FROM_EMAIL": None}, "Set DEFAULT_FROM_EMAIL"),
    ({"EMAIL_URL": "smtp://gongyi:se]cret@[mail"}, "EMAIL_URL cannot be read as an address"),
    ({"DEFAULT_FROM_EMAIL": "gongyi"}, "Set DEFAULT_FROM_EMAIL"),
    ({"BOUNCE_ADDRESS": "nobody"}, "BOUNCE_ADDRESS is no address of a mailbox"),
    ({"SMS_GATEWAY": None}, "Set SMS_HTTP_URL"),
    ({"SMS_GATEWAY": None, "SMS_HTTP_URL": "sms.example.cn/send"}, "SMS_HTTP_URL must start with https://"),
    ({"SMS_GATEWAY": "civic.nowhere.Gateway"}, "SMS_GATEWAY leads nowhere"),
    ({"SMS_GATEWAY": "OutboxGateway"}, "SMS_GATEWAY leads nowhere"),
    ({"SITE_PLACE": None}, "Set SITE_PLACE"),
    ({"SITE_ORGANISER": None}, "Set SITE_ORGANISER"),
]
RIGHT: list[dict[str, str | None]] = [
    {},
    {"DATABASE_URL": None, "REDIS_URL": None, "CELERY_BROKER_URL": None, "ALLOW_SQLITE": "yes"},
    {"REDIS_URL": None, "CELERY_BROKER_URL": None, "ALLOW_EMBEDDED": "yes"},
    {"EMAIL_URL": "outbox:"},
    {"SMS_GATEWAY": None, "SMS_HTTP_URL": "http://10.0.0.7/send", "BOUNCE_ADDRESS": "back@gongyi.example.gov.cn"},
    {"REDIS_URL": "unix:///run/redis/redis.sock?db=1", "TRUSTED_PROXIES": "private, 203.0.113.7"},
    {"ALLOWED_HOSTS": ".example.gov.cn"},
    {"CELERY_BROKER_URL": "amqps://user:secret@rabbit/gongyi"},
    {"SECRET_KEY_FALLBACKS": KEY[::-1].replace(",", "")},
    {"BOUNCE_SECRET": KEY[:32], "METRICS_TOKEN": KEY[-32:]},
]


def complaints(*changes: dict[str, str | None]) -> list[list[str]]:
    """Return what production says to each changed environment; nothing when it starts."""
    import json

    path = PYTHON | {name: os.environ[name] for name in ("PATH", "HOME", "GONGYI_HOME") if name in os.environ}
    lines = [json.dumps({k: v for k, v in (path | WHOLE | change).items() if v is not None}) for change in changes]
    run = subprocess.run(
        [sys.executable, "-c", READ],
        input="\n".join(lines),
        cwd=ROOT,
        env=path,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def answers() -> list[list[str]]:
    """What each of the wrong environments is told, from one process."""
    return complaints(*(change for change, _ in WRONG))


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[f"{'+'.join(c)}-{s[:24]}" for c, s in WRONG])
def test_each_refusal_names_the_variable_and_what_to_set(answers: list[list[str]], number: int) -> None:
    # What cannot even be read is said at once; the rest together, under a heading.
    *heading, said = answers[number]

    assert heading in ([], ["This site is not configured yet:"])
    assert said.startswith(WRONG[number][1])


def test_a_whole_configuration_starts() -> None:
    assert complaints(*RIGHT) == [[] for _ in RIGHT]


def test_everything_that_is_missing_is_said_at_once() -> None:
    [said] = complaints(dict.fromkeys(WHOLE))

    assert len(said) > 10


def test_no_secret_is_repeated_in_a_refusal() -> None:
    [said] = complaints({"SECRET_KEY": "tellnobody", "CELERY_BROKER_URL": "http://me:tellnobody@redis"})

    assert "tellnobody" not in "".join(said)


@pytest.mark.parametrize(
    "command", [[sys.executable, "manage.py", "check"], ["deploy/web.sh"], ["deploy/worker.sh"], ["deploy/beat.sh"]]
)
def test_whatever_is_started_says_it_without_a_traceback_and_ends_with_2(command: list[str], tmp_path: Path) -> None:
    env = PYTHON | {"PATH": os.environ["PATH"], "GONGYI_ENV": "production", "GONGYI_HOME": str(tmp_path)}
    env["GONGYI_PYTHON"] = sys.executable
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert "Set SECRET_KEY" in run.stderr


def test_the_demo_says_it_as_well(tmp_path: Path) -> None:
    env = PYTHON | {
        "PATH": os.environ["PATH"],
        "GONGYI_HOME": str(tmp_path),
        "DATABASE_URL": "mysql://me:tellnobody@db/x",
    }
    command = [sys.executable, "-m", "dev.prepare"]
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert run.returncode == 2
    assert run.stderr == "DATABASE_URL must start with sqlite:// or postgres://, not mysql://.\n"
