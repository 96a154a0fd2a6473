"""One migrated PostgreSQL database per state of the migrations; each worker's is a clone of it.

Migrating takes eight seconds, cloning a tenth of one.  Tests that really
commit get a fresh clone afterwards, so that what the migrations put in (the
CMS's root page, for example) is there for the next test.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import TransactionTestCase

LOCK = 7263011  # any number nobody else locks


def create(connection: Any) -> None:
    """Point the connection at a fresh clone, migrating the template first when needed."""
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    template = f"{settings.DATABASES['default']['NAME']}_template_{_fingerprint()}"[:63]
    with _server(connection) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if cursor.fetchone() is None:
            _migrate(connection, cursor, template)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
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


def _migrate(connection: Any, cursor: Any, template: str) -> None:
    # Under another name until it is whole: an interrupted run must not leave half a template.
    unfinished = f"{template[:57]}_half"
    cursor.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{unfinished}"')
    _point_at(connection, unfinished)
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()
    cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')


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
    root = Path(__file__).parents[1]
    for path in sorted([*root.glob("*/*/migrations/*.py"), *root.glob("*/migrations/*.py"), root / "uv.lock"]):
        digest.update(path.read_bytes())
    digest.update(repr(settings.INSTALLED_APPS).encode())
    return digest.hexdigest()[:12]
