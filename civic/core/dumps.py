"""Reading a whole database into a file, and back: each kind in its own form."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction

from civic.core import attached


class Unusable(Exception):
    """A backup cannot be made or used; the message says why, in one line."""


class Dump(Protocol):
    """One kind of database."""

    kind: str
    file: str

    def server(self) -> str:
        """Return the server's version."""

    def is_filled(self) -> bool:
        """Tell whether the database holds a table."""

    def write(self, path: Path, *, leaving_out: Sequence[str]) -> list[str]:
        """Write everything but the rows of those tables, as of one moment; return the migrations applied then."""

    def read(self, path: Path) -> None:
        """Fill the empty database, wholly or not at all."""


def dump_of(connection: Any) -> Dump:
    """Return the way to dump this connection's database."""
    return PostgreSQL(connection) if connection.vendor == "postgresql" else SQLite(connection)


class PostgreSQL:
    """``pg_dump`` and ``pg_restore``, which every administrator knows and can use without us."""

    kind = "postgresql"
    file = "database.dump"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def server(self) -> str:
        """Return the server's version."""
        return str(self._ask("SHOW server_version")[0][0]).split(" ")[0]

    def is_filled(self) -> bool:
        """Tell whether the database holds a table."""
        return bool(self._connection.introspection.table_names())

    def write(self, path: Path, *, leaving_out: Sequence[str]) -> list[str]:
        """Dump the state of one snapshot; who writes meanwhile is neither stopped nor seen."""
        with transaction.atomic():
            self._ask("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", rows=False)
            snapshot = self._ask("SELECT pg_export_snapshot()")[0][0]
            migrations = [f"{app}.{name}" for app, name in self._ask("SELECT app, name FROM django_migrations")]
            without = [f"--exclude-table-data={table}" for table in leaving_out]
            self._run("pg_dump", "--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges",
                      *without, f"--file={path}")  # fmt: skip
        return sorted(migrations)

    def read(self, path: Path) -> None:
        """Restore in one transaction."""
        self._run("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(path))

    def _ask(self, statement: str, *, rows: bool = True) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if rows else []

    def _run(self, program: str, *options: str) -> None:
        if shutil.which(program) is None:
            raise Unusable(f"{program} is not installed: install postgresql-client of the server's version")
        to = self._connection.settings_dict
        where = {"PGHOST": to["HOST"], "PGPORT": to["PORT"], "PGUSER": to["USER"], "PGPASSWORD": to["PASSWORD"]}
        # Options of the URL that these programs know by a variable.
        where |= {f"PG{name.upper()}": str(to["OPTIONS"].get(name, "")) for name in ("sslmode", "sslrootcert")}
        env = os.environ | {name: value for name, value in where.items() if value}
        database = [f"--dbname={to['NAME']}"]
        done = subprocess.run([program, *database, *options], env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr)
            raise Unusable(f"{program} failed: {said.strip()[:300]}")


class SQLite:
    """``VACUUM INTO``: a whole, compact copy of one moment, while writers go on."""

    kind = "sqlite"
    file = "database.sqlite3"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def server(self) -> str:
        """Return the library's version."""
        return sqlite3.sqlite_version

    def is_filled(self) -> bool:
        """Tell whether the database holds a table."""
        there = self._connection.is_in_memory_db() or self._path().exists()
        return there and bool(self._connection.introspection.table_names())

    def write(self, path: Path, *, leaving_out: Sequence[str]) -> list[str]:
        """Copy the state of one moment, then empty what is left out.

        Writers wait while the files are copied: several of them have no moment in common otherwise.
        """
        with self._quiet(), self._connection.cursor() as cursor:
            cursor.execute("VACUUM main INTO %s", [str(path)])
            for room in settings.ROOMS:
                cursor.execute(f'VACUUM "{room}" INTO %s', [str(attached.path(path, room))])
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            found = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for table in found.intersection(leaving_out):
                copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of our own tables
            copy.execute("VACUUM")
            rows = copy.execute("SELECT app, name FROM django_migrations").fetchall()
        return sorted(f"{app}.{name}" for app, name in rows)

    def read(self, path: Path) -> None:
        """Put the copy in place once it has proved whole; the main file last, which says that there is one."""
        target = self._path()
        copies = [(attached.path(path, room), attached.path(target, room)) for room in settings.ROOMS]
        # A backup of a release without these rooms has no files for them; migrating makes them.
        copies = [(source, place) for source, place in copies if source.exists()] + [(path, target)]
        try:
            for source, place in copies:
                shutil.copyfile(source, _unfinished(place))
                with closing(sqlite3.connect(_unfinished(place))) as copy:
                    if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                        raise Unusable("the backup is damaged: SQLite finds it inconsistent")
            for _source, place in copies:
                for leftover in ("-wal", "-shm"):
                    place.with_name(place.name + leftover).unlink(missing_ok=True)
                _unfinished(place).replace(place)
        except sqlite3.DatabaseError as error:
            raise Unusable(f"the backup is damaged: {error}") from None
        finally:
            for _source, place in copies:
                _unfinished(place).unlink(missing_ok=True)

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        if self._connection.is_in_memory_db():
            yield
            return
        with closing(sqlite3.connect(self._path(), isolation_level=None, timeout=20)) as watch:
            for room in settings.ROOMS:
                watch.execute(f'ATTACH DATABASE ? AS "{room}"', [str(attached.path(self._path(), room))])
            watch.execute("BEGIN IMMEDIATE")
            yield
            watch.execute("ROLLBACK")

    def _path(self) -> Path:
        return Path(self._connection.settings_dict["NAME"])


def _unfinished(place: Path) -> Path:
    return place.with_name(f"{place.name}.restoring")
