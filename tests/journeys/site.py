"""The site the journeys walk: the real processes over a database of their own."""

import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from dev.demo import DEFAULT_PASSWORD, prepare
from dev.paths import ROOT, VENV_PYTHON
from dev.processes import free_port
from dev.site import Site, environment, make_home
from tests import templated_database

#: What of the suite's own environment a real site must not see.
OURS = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "TEST_REDIS_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")


@contextmanager
def running(kind: str, folder: Path, shared: Path, *, walked: bool = False) -> Iterator[Site]:
    """Start a freshly seeded demo county over ``kind`` of database; stop it on leaving.

    ``shared`` keeps the seeded original, made once per run and copied here.  With ``walked`` it is a copy of the
    embedded one that ``dev.pages`` has walked, so that the sessions of ``pages_of(shared)`` are good there.
    """
    original = _walked(shared) if walked else _seeded(kind, shared)
    home = folder / "home"
    make_home(home)
    _share_static(home, shared / "static")
    shutil.copytree(original / "media", home / "media", dirs_exist_ok=True)
    name = f"journey_{os.getpid()}_{abs(hash(folder)) % 10**6}"
    url = _copy_sqlite(original, home) if kind == "sqlite" else _clone_postgresql(original, name)
    port = free_port()
    env = _environment(home, port, url)
    try:
        # Several web processes, which must agree, are met on the server; the embedded database needs one.
        with Site(home=home, port=port, env=env, web=2 if kind == "postgresql" else 1) as site:
            yield site
            for child in site.children:
                child.signal_group(signal.SIGKILL)  # its data are thrown away: nobody waits for a last word
    finally:
        if kind == "postgresql":
            _psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _seeded(kind: str, shared: Path) -> Path:
    """Return the home of the seeded original, making it when no other worker has."""
    shared.mkdir(parents=True, exist_ok=True)
    original = shared / kind
    with (shared / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (original / "ready").exists():
            return original
        make_home(original)
        _share_static(original, shared / "static")
        if kind == "sqlite":
            url = _copy_sqlite(templated_database.ready_sqlite(shared.parent / "migrated"), original)
        else:
            template = templated_database.ready(os.environ["DATABASE_URL"])
            _psql(
                'DROP DATABASE IF EXISTS "journey_original" WITH (FORCE)',
                f'CREATE DATABASE "journey_original" TEMPLATE "{template}"',
            )
            url = _postgresql_url("journey_original")
        if not prepare(_environment(original, 8000, url)):
            raise RuntimeError("The demo county could not be made; see above.")
        (original / "ready").touch()
    return original


def pages_of(shared: Path) -> list[dict[str, str]]:
    """Return what ``dev.pages`` finds in the demo county, walked once per run."""
    said = (_walked(shared) / "pages.json").read_text()
    found: list[dict[str, str]] = json.loads(said.splitlines()[-1])["pages"]
    return found


def _walked(shared: Path) -> Path:
    """Return the home of a copy of the original that has been walked."""
    original, home = _seeded("sqlite", shared), shared / "walked"
    with (shared / "walked.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "pages.json").exists():
            make_home(home)
            _share_static(home, shared / "static")
            shutil.copytree(original / "media", home / "media", dirs_exist_ok=True)
            env = _environment(home, 8000, _copy_sqlite(original, home))
            command = [str(VENV_PYTHON), "-m", "dev.pages"]
            said = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, check=True)
            (home / "pages.json").write_bytes(said.stdout)
    return home


def _share_static(home: Path, static: Path) -> None:
    """Let this home serve the run's static files, which are collected once."""
    static.mkdir(exist_ok=True)
    shutil.rmtree(home / "static")
    (home / "static").symlink_to(static)


def _environment(home: Path, port: int, url: str) -> dict[str, str]:
    extra = {"GONGYI_ENV": "local", "DATABASE_URL": url, "GONGYI_DEMO_PASSWORD": DEFAULT_PASSWORD}
    env = environment(home, port, extra)
    for name in OURS:
        if name != "DATABASE_URL":
            env.pop(name, None)
    return env | {"BASE_URL": f"http://localhost:{port}"}


def _copy_sqlite(original: Path, home: Path) -> str:
    target = home / "gongyi.sqlite3"
    # The main file, and the rooms kept apart beside it.
    for file in sorted(original.glob("gongyi*.sqlite3")):
        with sqlite3.connect(file) as source, sqlite3.connect(home / file.name) as copy:
            source.backup(copy)
    source.close()
    copy.close()
    return f"sqlite:///{target}"


def _clone_postgresql(original: Path, name: str) -> str:
    with (original.parent / "postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a template must not be in use by another clone
        _psql(f'CREATE DATABASE "{name}" TEMPLATE "journey_original"')
    return _postgresql_url(name)


def _postgresql_url(name: str) -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=f"/{name}").geturl()


def _psql(*statements: str) -> None:
    import psycopg

    with psycopg.connect(_postgresql_url("postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
