"""The running site: web server, worker and scheduler as child processes."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from dev.paths import ROOT, VENV_PYTHON
from dev.processes import Child, stop

FOLDERS = ("queue/in", "queue/ctl", "media", "static", "outbox", "log", "tmp")


def make_home(home: Path) -> None:
    """Create the folders a running site writes to; Celery's file transport makes none of its own."""
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)


def environment(home: Path, port: int, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of the site's processes."""
    return {
        "BASE_URL": f"http://localhost:{port}",
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "civic.settings",
        "GONGYI_HOME": str(home),
        # Queue messages are moved out of the temporary folder: it has to be on the same disk.
        "TMPDIR": str(home / "tmp"),
        "PYTHONUNBUFFERED": "1",
        **(extra or {}),
    }


class NotUp(Exception):
    """The site did not come up, or one of its parts stopped; the message names the log."""


class Site:
    """Web server and worker on one port.  Use as a context manager; leaving it stops both."""

    def __init__(self, *, home: Path, port: int, env: Mapping[str, str], host: str = "127.0.0.1", web: int = 2) -> None:
        self.home = home
        self.base_url = f"http://localhost:{port}"
        self.address = f"http://127.0.0.1:{port}"
        python = str(VENV_PYTHON)
        web_server = [
            python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(web), "--blocking-threads", "2", "--no-ws", "--respawn-failed-workers",
            "--workers-kill-timeout", "15", "--workers-max-rss", "400", "--log-level", "warning",
            "civic.wsgi:application",
        ]  # fmt: skip
        worker = [
            python, "-W", "ignore::RuntimeWarning", "-m", "celery", "--quiet", "-A", "civic", "worker",
            "-B", "-s", str(home / "beat"), "-P", "threads", "-c", "2", "-l", "WARNING",
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        ]  # fmt: skip
        self._commands = {"web": web_server, "worker": worker}
        self._env = env
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        make_home(self.home)
        try:
            for name in self._commands:
                self.start(name)
            self.wait_until_up()
        except BaseException:
            stop(self.children)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stop(self.children)

    def start(self, name: str) -> Child:
        """Start ``web`` or ``worker``; a part that has ended is replaced in ``children``."""
        child = Child(name, self._commands[name], env=self._env, cwd=ROOT, log=self.home / "log" / f"{name}.log")
        for place, former in enumerate(self.children):
            if former.name == name:
                self.children[place] = child
                return child
        self.children.append(child)
        return child

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a management command on this site's data and return what it said."""
        command = [str(VENV_PYTHON), "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=dict(self._env), capture_output=True, text=True, check=False)

    def wait_until_up(self, timeout: float = 180) -> None:
        """Return when ``/healthz`` answers; raise ``NotUp`` when it does not or a part has died."""
        deadline = time.monotonic() + timeout
        while not self._answers():
            self.check()
            if time.monotonic() > deadline:
                raise NotUp(f"No answer at {self.address}/healthz; see {self.children[0].log}.")
            time.sleep(0.1)

    def check(self) -> None:
        """Raise ``NotUp`` when a part has died."""
        for child in self.children:
            if not child.is_alive():
                raise NotUp(f"{child.name} has stopped; the end of {child.log}:\n{child.tail()}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
