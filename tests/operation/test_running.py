"""The commands of docker-compose.yml, started by hand: nginx, two web servers, worker and scheduler."""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from dev.paths import ROOT
from dev.processes import Child, free_port, stop
from tests.civic.settings.test_production import WHOLE
from tests.operation.installations import Installation, installation
from tests.operation.mail_server import MailServer

DEPLOY = ROOT / "deploy"
NAME = "gongyi.example.gov.cn"
DRAIN = 8  # long enough to be asked meanwhile, on a busy machine too
TOKEN = "a-token-of-the-tests-nobody-guesses"
pytestmark = pytest.mark.needs("postgresql", "redis")


@dataclass
class Town:
    """A running installation."""

    where: Installation
    mail: MailServer
    folder: Path
    ports: dict[str, int]
    parts: dict[str, Child] = field(default_factory=dict)

    def start(self, part: str) -> Child:
        """Start one part with the command of docker-compose.yml."""
        env = self.where.env | {
            "PORT": str(self.ports.get(part, 0)),
            "DRAIN_FILE": str(self.folder / part / "draining"),
        }
        script = "web.sh" if part.startswith("web") else f"{part}.sh"
        log = self.folder / f"{part}.log"
        self.parts[part] = Child(part, [str(DEPLOY / script)], env=env, cwd=ROOT, log=log)
        return self.parts[part]

    def get(self, path: str, *, at: str = "web-1", **headers: str) -> tuple[int, HTTPMessage, str]:
        """Ask one web server as nginx would, or through nginx (``at="nginx"``)."""
        host, port = "127.0.0.1", self.ports[at]
        link: HTTPConnection = HTTPConnection(host, port, timeout=120)
        if at == "nginx":
            link = HTTPSConnection(host, port, timeout=120, context=_trusting())
        try:
            link.request("GET", path, headers={"X-Forwarded-Proto": "https", "Host": NAME} | headers)
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            link.close()

    def head(self, path: str, *, accept_encoding: str) -> HTTPMessage:
        """Ask nginx for what it says of a page."""
        link = HTTPSConnection("127.0.0.1", self.ports["nginx"], timeout=120, context=_trusting())
        try:
            link.request("HEAD", path, headers={"Host": NAME, "Accept-Encoding": accept_encoding})
            return link.getresponse().headers
        finally:
            link.close()

    def wait_until_ready(self, part: str, *, within: float = 180) -> None:
        """Return when a web server says that everything answers."""
        deadline, said = time.monotonic() + within, ""
        while time.monotonic() < deadline:
            try:
                status, _headers, said = self.get("/readyz", at=part)
            except OSError as error:
                status, said = 0, str(error)
            if status == 200:
                return
            assert self.parts[part].is_alive(), self.parts[part].tail()
            time.sleep(0.2)
        raise AssertionError(f"{said}\n{self.parts[part].tail()}")

    def lines(self, part: str) -> list[dict[str, Any]]:
        """Return what a part has logged: every line is one JSON object, but for Celery's word of farewell."""
        # What is being written at this moment is no line yet.
        lines = (self.folder / f"{part}.log").read_text().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in lines if line and not line.startswith("worker: Warm shutdown")]


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """An installation under the settings of production, its mail server ours."""
    folder = tmp_path_factory.mktemp("town")
    with installation("postgresql", folder, seeded=True) as made:
        mail = MailServer()
        redis, database = urlsplit(os.environ["TEST_REDIS_URL"])._replace(path="").geturl(), os.getpid() % 7 * 2 + 2
        settings = WHOLE | {
            "ALLOWED_HOSTS": f"{NAME},127.0.0.1", "DATABASE_URL": made.env["DATABASE_URL"], "EMAIL_URL": mail.url,
            "REDIS_URL": f"{redis}/{database}", "CELERY_BROKER_URL": f"{redis}/{database + 1}",
            "METRICS_TOKEN": TOKEN, "METRICS_NETWORKS": "192.0.2.0/24", "DRAIN_SECONDS": str(DRAIN), "WORKER_THREADS": "1",
            "WEB_WORKERS": "1",
        }  # fmt: skip
        env = {name: value for name, value in made.env.items() if name != "GONGYI_DEMO_PASSWORD"} | settings
        shared = Path(os.environ["GONGYI_HOME"]) / "journeys" / "static"
        where = Installation(made.home, env | {"STATIC_ROOT": str(shared), "GONGYI_PYTHON": sys.executable})
        running = Town(where, mail, folder, {part: free_port() for part in ("web-1", "web-2", "nginx", "nginx-plain")})
        try:
            for part in ("web-1", "web-2", "worker", "beat"):
                running.start(part)
            running.wait_until_ready("web-1")
            running.wait_until_ready("web-2")
            yield running
        finally:
            mail.open.set()
            stop(list(running.parts.values()), grace=0)  # nothing of it is needed any more
            mail.shutdown()
            mail.server_close()


@pytest.fixture(scope="module")
def nginx(town: Town) -> Town:
    """The town behind nginx, with our configuration but for ports and paths."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx cannot be had here")
    folder = town.folder / "nginx"
    (folder / "tls").mkdir(parents=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
         "-keyout", folder / "tls" / "privkey.pem", "-out", folder / "tls" / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    changes = {
        r"/etc/gongyi/tls": str(folder / "tls"), r"\b443\b": str(town.ports["nginx"]), r"\b80\b": str(town.ports["nginx-plain"]),
        r"/run/nginx.pid": str(folder / "pid"), r"/var/log/nginx/": f"{folder}/",
        r"127\.0\.0\.1:8001": f"127.0.0.1:{town.ports['web-1']}", r"127\.0\.0\.1:8002": f"127.0.0.1:{town.ports['web-2']}",
        r"listen \[::\].*;": "", r"max_fails=2 fail_timeout=5s": "max_fails=2 fail_timeout=1s",
    }  # fmt: skip
    for name in ("nginx.conf", "proxy.conf", "upstreams.conf"):
        text = (DEPLOY / name).read_text()
        for old, new in changes.items():
            text = re.sub(old, new, text)
        (folder / name).write_text(text)
    shutil.copy("/etc/nginx/mime.types", folder)
    # Its own words: the configuration is well formed.
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    town.parts["nginx"] = Child(
        "nginx", [*command, "-g", "daemon off;"], env=os.environ, cwd=folder, log=folder / "out"
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            town.get("/healthz", at="nginx")
            return town
        except OSError:
            assert time.monotonic() < deadline, town.parts["nginx"].tail()
            time.sleep(0.1)


def test_a_page_through_nginx_is_the_sites_own_with_its_promises(nginx: Town) -> None:
    status, headers, page = nginx.get("/consultations/", at="nginx")

    assert (status, "<h1" in page) == (200, True)
    assert headers["Strict-Transport-Security"]
    assert len(headers["X-Request-ID"]) == 32
    assert "Server" not in headers or "/" not in headers["Server"]


@pytest.mark.parametrize("path", ["/consultations/", "/consultations/?page=2&_=1", "/nowhere/"])
def test_whatever_is_packed_says_that_it_may_come_unpacked(nginx: Town, path: str) -> None:
    packed = nginx.head(path, accept_encoding="gzip")
    plain = nginx.head(path, accept_encoding="identity")

    assert packed.get_all("Content-Encoding") == ["gzip"]
    assert "Content-Encoding" not in plain
    for headers in (packed, plain):
        assert "accept-encoding" in ", ".join(headers.get_all("Vary", [])).lower()


def test_plain_http_leads_to_https_and_made_up_hosts_nowhere(nginx: Town) -> None:
    status, headers, _page = nginx.get("/me/?a=b", at="nginx-plain")

    assert (status, headers["Location"]) == (301, f"https://{NAME}/me/?a=b")
    assert nginx.get("/consultations/", at="nginx", Host="evil.example")[0] == 400


def test_measures_are_read_from_inside_only(nginx: Town) -> None:
    bearer = f"Bearer {TOKEN}"

    assert nginx.get("/metrics", at="nginx", Authorization=bearer)[0] == 404
    assert nginx.get("/metrics", at="web-2")[0] == 404
    # The scheduler's own task, counted by the worker and told by a web server, as soon as it has run once.
    wanted = {
        'gongyi_task_seconds_count{outcome="success",task="civic.core.tasks.heartbeat"}',
        'gongyi_part_ready{part="worker"} 1.0',
    }
    deadline = time.monotonic() + 120
    while True:
        status, _headers, told = nginx.get("/metrics", at="web-2", Authorization=bearer)
        assert status == 200
        if all(each in told for each in wanted):
            return
        assert time.monotonic() < deadline, told
        time.sleep(0.2)


#: A task that finds nothing to do, under an id by which it is known.
NOTHING_TO_DO = """
from civic.core import tracing
from civic.notify.tasks import send_letter
with tracing.under("{request_id}"):
    send_letter.delay(0)
"""


@contextmanager
def nobody_sweeping(town: Town) -> Iterator[None]:
    """Hold the scheduler, whose sweeper may be the first at any letter; begin when the worker's queue is empty."""
    beat, request_id = town.parts["beat"], uuid.uuid4().hex
    beat.signal_group(signal.SIGSTOP)
    try:
        town.where.ask(NOTHING_TO_DO.format(request_id=request_id))
        _wait_for_the_letters_task(town, request_id)
        yield
    finally:
        beat.signal_group(signal.SIGCONT)


def _wait_for_the_letters_task(town: Town, request_id: str) -> None:
    deadline = time.monotonic() + 180
    while (request_id, "civic.notify.tasks.send_letter") not in _tasks(town):
        assert time.monotonic() < deadline, town.parts["worker"].tail()
        time.sleep(0.05)


def test_one_id_leads_from_the_page_to_the_task_to_the_mail(nginx: Town) -> None:
    with nobody_sweeping(nginx):
        request_id = _ask_for_a_code(nginx)
        # A task is over, and says so, some time after its mail was taken.
        _wait_for_the_letters_task(nginx, request_id)

    assert len(_mails_of(request_id, nginx)) == 1
    written = [line for part in ("web-1", "web-2") for line in nginx.lines(part) if line["message"] == "request"]
    assert request_id in {line["request_id"] for line in written}


def _tasks(town: Town) -> set[tuple[str, str]]:
    """Return the tasks that are over, each with the request it was asked for in."""
    return {(line["request_id"], line["task"]) for line in town.lines("worker") if line["message"] == "task"}


def _mails_of(request_id: str, town: Town) -> list[Message]:
    return [mail for mail in town.mail.mails if mail["X-Request-ID"] == request_id]


def _ask_for_a_code(town: Town) -> str:
    """Ask for a code to sign in with, as a browser does, and return the id of the request that asked."""
    path, site = "/accounts/login/code/", HTTPSConnection("127.0.0.1", town.ports["nginx"], context=_trusting())
    site.request("GET", path, headers={"Host": NAME})
    page = site.getresponse()
    cookies = "; ".join(cookie.split(";")[0] for cookie in page.headers.get_all("Set-Cookie") or [])
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.read().decode()))
    form = urlencode(hidden | {"login": "resident@demo.example", "email": "resident@demo.example"})
    headers = {"Host": NAME, "Referer": f"https://{NAME}{path}", "Cookie": cookies}
    site.request("POST", path, form, headers | {"Content-Type": "application/x-www-form-urlencoded"})
    answer = site.getresponse()
    answer.read()
    assert answer.status == 302
    site.close()
    return str(answer.headers["X-Request-ID"])


def test_sigterm_lets_a_request_finish_while_the_other_server_answers(nginx: Town) -> None:
    database = nginx.where.env["DATABASE_URL"]
    answers: list[int] = []
    slow: list[tuple[int, HTTPMessage, str]] = []
    # An address nobody asked for before: nothing of a cache answers for the database.
    page = f"/consultations/?page=1&never={time.monotonic_ns()}"
    reader = threading.Thread(target=lambda: slow.append(nginx.get(page, at="web-1")))
    with psycopg.connect(database) as lock:
        lock.execute("LOCK TABLE consult_consultations_consultation IN ACCESS EXCLUSIVE MODE")
        reader.start()
        _wait_for_a_waiting_count(database)
        leaving = nginx.parts["web-1"]
        leaving.process.send_signal(signal.SIGTERM)
        said = _said_once_leaving(nginx)
        time.sleep(DRAIN + 0.5)
        answers += [nginx.get("/healthz", at="nginx")[0] for _time in range(10)]
        still_there = leaving.is_alive()
    reader.join(timeout=120)

    assert said["parts"]["serving"] == "draining"
    assert still_there
    assert slow[0][0] == 200
    assert set(answers) == {200}
    assert leaving.process.wait(timeout=120) == 0
    nginx.start("web-1")
    nginx.wait_until_ready("web-1")


def _said_once_leaving(town: Town) -> Any:
    """Return what web-1 says of itself as soon as it says that it is leaving."""
    deadline = time.monotonic() + 60
    while True:
        said = json.loads(town.get("/readyz", at="web-1")[2])
        if said["parts"].get("serving") == "draining":
            return said
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def _wait_for_a_waiting_count(database: str) -> None:
    # The list counts its consultations first; what a worker may be waiting for at the same moment is not ours.
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'SELECT COUNT(*)%'
    """
    with psycopg.connect(database, autocommit=True) as watch:
        deadline = time.monotonic() + 120
        while not (watch.execute(waiting).fetchone() or [0])[0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)


LETTERS = """
from datetime import timedelta
from civic.core import clock
from civic.notify import domain
from django.db import transaction
with transaction.atomic():
    for number in range(4):
        domain.post(channel="email", address=f"person{number}@mail.test", at=clock.now(), lasts=timedelta(minutes=61),
                    content={"subject": f"letter {number}", "text": "-"})
"""
# A letter that was sent knows its address no more, but for how long it was good: no other is good for 61 minutes.
FATES = """
from datetime import timedelta
from django.db.models import F
from civic.notify.models import Letter
rows = Letter.objects.filter(expires_at=F("created_at") + timedelta(minutes=61)).order_by("pk")
print(" ".join(f"{letter.status}:{letter.attempts}" for letter in rows))
"""


def test_sigterm_lets_a_worker_finish_its_mail_and_give_the_others_back(town: Town) -> None:
    town.mail.keeps = "@mail.test"  # what the town itself has to send at this moment is not ours
    town.mail.open.clear()
    town.mail.offered.clear()
    worker = town.parts["worker"]
    with nobody_sweeping(town):
        # A sender waits some seconds only for the mail server, so it is not kept until the script is over.
        script = town.where.python(LETTERS)
        assert town.mail.offered.wait(120)
        worker.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        in_hand = worker.is_alive()
        town.mail.open.set()
        assert script.wait() == 0, script.told()
        assert worker.process.wait(timeout=120) == 0

    assert in_hand
    assert sorted(town.where.ask(FATES).split()) == ["sent:1", "waiting:0", "waiting:0", "waiting:0"]
    town.start("worker")
    deadline = time.monotonic() + 300
    # Each is marked as sent a moment after the mail server has taken it.
    while (fates := town.where.ask(FATES).split()) != ["sent:1"] * 4:
        assert time.monotonic() < deadline, fates
    # The town is shared: a letter somebody else asked for may have come in between.
    letters = [mail["Subject"] for mail in town.mail.mails if mail["To"].endswith("@mail.test")]
    assert sorted(letters) == [f"letter {number}" for number in range(4)]


def test_every_line_of_the_log_is_json_and_tells_of_nobody(town: Town) -> None:
    for part in ("web-1", "web-2", "worker", "beat"):
        told = json.dumps(town.lines(part), ensure_ascii=False)
        for personal in ("demo.example", "mail.test", "resident@", "person1"):
            assert personal not in told, part
