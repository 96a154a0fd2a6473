"""One migrated database of each kind; each worker's, and each site's, is a copy of it.

Migrating takes many seconds, copying a tenth of one.  It is kept per state of
the migrations, on SQLite in the run's home.  Tests that really commit get a
fresh clone afterwards, so that what the migrations put in (the CMS's root page,
for example) is there for the next test.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.test import TransactionTestCase

ROOT = Path(__file__).parents[1]

LOCK = 7263011  # any number nobody else locks


def ready(url: str) -> str:
    """Return the name of the migrated database on the server of ``url``, made when it is missing."""
    parts = urlsplit(url)
    template = f"{parts.path.strip('/')}_template_{_fingerprint()}"[:63]
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # until the connection ends
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone() is None:
            # Under another name until it is whole: an interrupted run must not leave half a template.
            unfinished = f"{template[:57]}_half"
            server.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{unfinished}"')
            _migrate(parts._replace(path=f"/{unfinished}").geturl())
            server.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')
    return template


def ready_sqlite(folder: Path) -> Path:
    """Return the folder, in which ``gongyi.sqlite3`` and its rooms are migrated; made when they are missing."""
    folder = folder / _fingerprint()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            _migrate(f"sqlite:///{folder / 'gongyi.sqlite3'}")
            (folder / "ready").touch()
    return folder


def create(connection: Any) -> None:
    """Point the connection at a fresh clone, migrating the template first when needed."""
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    template = ready(os.environ["DATABASE_URL"])
    _point_at(connection, name)
    _clone(connection, template)

    def restore(test_case: Any) -> None:
        _clone(connection, template)

    TransactionTestCase._fixture_teardown = restore  # type: ignore[attr-defined]


def drop(connection: Any) -> None:
    """Drop the clone; the template stays for the next run on this server."""
    with _server(connection) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{connection.settings_dict["NAME"]}" WITH (FORCE)')


def _clone(connection: Any, template: str) -> None:
    name = connection.settings_dict["NAME"]
    with _server(connection) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _migrate(url: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=True)


def _point_at(connection: Any, name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@contextmanager
def _server(connection: Any) -> Iterator[Any]:
    """A cursor outside the database that is being made or dropped."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        yield cursor


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("*/*/migrations/*.py"), *ROOT.glob("*/migrations/*.py"), ROOT / "uv.lock"]):
        digest.update(path.read_bytes())
    digest.update(repr(settings.INSTALLED_APPS).encode())
    return digest.hexdigest()[:12]
