"""The embedded database keeps the same promise as PostgreSQL."""

import sqlite3
from importlib import import_module

import pytest

from civic.audit.migrations import __name__ as migrations

SQLITE = import_module(f"{migrations}.0003_append_only_triggers").SQLITE


@pytest.fixture
def embedded() -> sqlite3.Connection:
    """An embedded database with one entry, guarded by the statements of the migration."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE civic_audit_entry (id INTEGER PRIMARY KEY, type TEXT)")
    for statement in SQLITE:
        database.execute(statement)
    database.execute("INSERT INTO civic_audit_entry (type) VALUES ('a')")
    return database


@pytest.mark.parametrize("statement", ["UPDATE civic_audit_entry SET type = 'x'", "DELETE FROM civic_audit_entry"])
def test_sqlite_refuses_to_change_or_delete_an_entry(embedded: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        embedded.execute(statement)

    assert embedded.execute("SELECT type FROM civic_audit_entry").fetchall() == [("a",)]
