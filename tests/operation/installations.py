"""Installations to operate: a home, a database, and the environment that leads there."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.paths import ROOT
from dev.site import make_home
from tests.journeys import site as sites

_numbers = itertools.count()


@dataclass(frozen=True)
class Installation:
    """One home and one database."""

    home: Path
    env: dict[str, str]

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a management command here and return what it said."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)

    def python(self, code: str, *arguments: str) -> "Script":
        """Start a script in this installation's environment."""
        return Script(f"import django; django.setup()\n{code}", arguments, self)

    def ask(self, code: str) -> str:
        """Run a script and return what it printed."""
        script = self.python(code)
        assert script.wait() == 0, script.told()
        return script.told()


class Script:
    """A running piece of Python; what it says goes to a file."""

    def __init__(self, code: str, arguments: Sequence[str], where: Installation) -> None:
        self._output = where.home / "tmp" / f"script-{next(_numbers)}.out"
        self._output.parent.mkdir(parents=True, exist_ok=True)
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, *arguments], cwd=ROOT, env=where.env, stdout=output, stderr=output
            )

    def told(self) -> str:
        """Return what it has said so far."""
        return self._output.read_text().strip()

    def wait_until_it_says(self, words: str, *, within: float = 180) -> None:
        """Return once its output holds these words."""
        deadline = time.monotonic() + within
        while words not in self.told():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.05)

    def wait(self, *, within: float = 180) -> int:
        """Return its answer."""
        return self.process.wait(timeout=within)


@contextmanager
def installation(kind: str, folder: Path, *, seeded: bool) -> Iterator[Installation]:
    """An installation with the demo county, or one with an empty database; its database is dropped on leaving."""
    home = folder / "home"
    name = f"operation_{os.getpid()}_{abs(hash(folder)) % 10**6}"
    shared = Path(os.environ["GONGYI_HOME"]) / "journeys"
    if seeded:
        original = sites._seeded(kind, shared)
        make_home(home)
        url = sites._copy_sqlite(original, home) if kind == "sqlite" else sites._clone_postgresql(original, name)
    else:
        url = f"sqlite:///{home / 'gongyi.sqlite3'}"
        if kind == "postgresql":
            sites._psql(f'CREATE DATABASE "{name}"')
            url = sites._postgresql_url(name)
    try:
        yield Installation(home, sites._environment(home, 8000, url) | {"PYTHONWARNINGS": "ignore"})
    finally:
        if kind == "postgresql":
            sites._psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
