"""A town of real processes to kill, with a database server of its own, and people who use it meanwhile."""

import fcntl
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from consult.voting.roles import creating
from dev.processes import children_of, free_port, is_running
from dev.services import PostgreSQL, postgresql_programs
from dev.site import Site, make_home
from tests.journeys import site as sites
from tests.operation.installations import Installation, Script

TOKEN = "t" * 32


@dataclass
class Town:
    """PostgreSQL, web server and worker."""

    postgresql: PostgreSQL
    site: Site
    where: Installation
    port: int

    def kill_a_web_process(self) -> None:
        """End one of the web server's workers; the server starts another in its place."""
        first = self.site.children[0].process.pid
        pid = next(pid for pid in children_of(first) if "resource_tracker" not in _command(pid))
        os.kill(pid, signal.SIGKILL)
        _wait_until(lambda: not is_running(pid))

    def kill_the_web(self) -> None:
        """End the whole web server, then start it again."""
        server = self.site.children[0]
        server.signal_group(signal.SIGKILL)
        server.process.wait()
        self.site.start("web")

    def kill_postgresql(self, *, away: float = 0.5) -> None:
        """End the database server, then start it again on what it left."""
        self.postgresql.kill()
        time.sleep(away)
        self.postgresql.start()

    def begin(self, name: str, *arguments: str) -> Script:
        """Start a function of ``tests.faults.inside`` in the town's own environment."""
        code = f"import json, sys\nfrom tests.faults import inside\nprint(json.dumps(inside.{name}(*sys.argv[1:])))"
        return self.where.python(code, *arguments)

    def ask(self, name: str, *arguments: str) -> Any:
        """Return what such a function answers."""
        return answer_of(self.begin(name, *arguments))

    def rows(self, statement: str, *parameters: object) -> list[Any]:
        """Ask the database."""
        with psycopg.connect(self.postgresql.url) as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()

    def prove(self) -> None:
        """Fail unless every counter, chain and invariant holds."""
        proved = self.where.manage("prove")
        assert (proved.returncode, proved.stderr) == (0, ""), proved.stdout


def answer_of(script: Script) -> Any:
    """Return what a function that was begun answers, once it has."""
    assert script.wait(within=300) == 0, script.told()
    return json.loads(script.told().splitlines()[-1])


@contextmanager
def town(folder: Path, shared: Path) -> Iterator[Town]:
    """The demo county in a database server of its own, and the site over it."""
    # Not among the tests' folders, which another run of the suite closes to the server's own user.
    cluster = Path(tempfile.mkdtemp(prefix="gongyi-killed-"))
    postgresql = PostgreSQL(cluster, survives_kill=True)
    home, port = folder / "home", free_port()
    original = sites._seeded("postgresql", shared)
    make_home(home)
    sites._share_static(home, shared / "static")
    shutil.copytree(original / "media", home / "media", dirs_exist_ok=True)
    postgresql.start()
    try:
        _copy(original, postgresql.url)
        limits = {"RATE_LIMIT_FACTOR": "100000", "PYTHONWARNINGS": "ignore"}
        env = sites._environment(home, port, postgresql.url) | limits
        with Site(home=home, port=port, env=env) as site:
            yield Town(postgresql, site, Installation(home, env), port)
    finally:
        postgresql.stop()
        shutil.rmtree(cluster, ignore_errors=True)


def _copy(original: Path, url: str) -> None:
    """Bring the seeded original over to another server."""
    programs = postgresql_programs()
    assert programs is not None
    base = url.rpartition("/")[0]
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE gongyi")
        for statement in creating():
            connection.execute(statement.encode())
    dump = original.parent / "to-kill.dump"
    with (original.parent / "postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # nobody can clone it meanwhile
        source = sites._postgresql_url("journey_original")
        subprocess.run([programs / "pg_dump", "-Fc", "-Z0", "-f", dump, source], check=True)
    subprocess.run([programs / "pg_restore", "-1", "-d", url, dump], check=True)


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    location: str
    text: str


class Link:
    """One person's connection."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._host = f"localhost:{port}"

    def post(self, path: str, fields: dict[str, str], session: str) -> Answer | None:
        """Send a form; return nothing when no whole answer came, whatever became of the form."""
        headers = {
            "Host": self._host,
            "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            self._connection.request("POST", path, urlencode({**fields, "csrfmiddlewaretoken": TOKEN}), headers)
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode())
        except (OSError, HTTPException):
            self.close()
            return None

    def close(self) -> None:
        """Hang up; the next form connects anew."""
        self._connection.close()


Errand = Callable[[Link], object]


class Crowd:
    """People on their errands at the same time, each over a connection of their own."""

    def __init__(self, town: Town, errands: Iterable[Errand], *, people: int = 8) -> None:
        self.done = 0
        self._failed: list[Exception] = []
        self._waiting: queue.SimpleQueue[Errand] = queue.SimpleQueue()
        for errand in errands:
            self._waiting.put(errand)
        self._turn = threading.Lock()
        self.people = people
        links = [Link(town.port) for _person in range(people)]
        self._threads = [threading.Thread(target=self._go, args=[link], daemon=True) for link in links]
        for thread in self._threads:
            thread.start()

    def wait_until_done(self, count: int, *, within: float = 180) -> None:
        """Return once so many errands are over."""
        _wait_until(lambda: self.done >= count or not any(t.is_alive() for t in self._threads), within=within)
        assert self.done >= count, self.done

    def wait(self, *, within: float = 1200) -> None:
        """Return when everybody has gone home."""
        deadline = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
            assert not thread.is_alive(), f"{self.done} errands done"
        for error in self._failed:
            raise error

    def _go(self, link: Link) -> None:
        try:
            while True:
                self._waiting.get_nowait()(link)
                with self._turn:
                    self.done += 1
        except queue.Empty:
            return
        except Exception as error:
            self._failed.append(error)
        finally:
            link.close()


def receipt_on(page: str) -> str:
    """Return the receipt a page shows, or nothing."""
    found = re.search(r'<p class="code">([0-9A-Z-]{19})</p>', page)
    return found[1] if found else ""


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")


def _wait_until(condition: Callable[[], bool], *, within: float = 120) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
