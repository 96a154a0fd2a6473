from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, models

from civic.audit import types
from civic.audit.models import Entry
from civic.audit.record import record
from civic.people.models import Person
from tests.factories.people import a_person


@pytest.fixture(scope="session")
def tested() -> str:
    """An entry type that only these tests know."""
    return types.declare(
        "tests:thing:happened", "%(actor)s did %(what)s to %(subject)s.", "what", "note",
        personal={"note"}, forgotten="%(actor)s did %(what)s, words deleted.", own=True,
    )  # fmt: skip


@pytest.fixture
def somebody(db: None) -> Person:
    """A person who does things."""
    return a_person()


@pytest.fixture
def happen(tested: str, at: datetime, somebody: Person) -> Callable[..., list[Entry]]:
    """Record so many entries: ``happen(3, actor=…, subject=…)``."""

    def make(count: int = 1, **given: Any) -> list[Entry]:
        facts: dict[str, Any] = {"what": "测试", "note": "私下的话", **given.pop("facts", {})}
        subject: models.Model = given.pop("subject", somebody)
        actor = given.pop("actor", somebody)
        return [record(tested, subject=subject, actor=actor, at=at, facts=facts, **given) for _ in range(count)]

    return make


@pytest.fixture
def tamper() -> Callable[..., None]:
    """Run a statement as somebody who owns the database and has switched its guards off."""

    @contextmanager
    def unguarded() -> Any:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL session_replication_role = replica")
                yield cursor
                cursor.execute("SET LOCAL session_replication_role = origin")
                return
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'civic_audit%'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            yield cursor
            for _name, sql in triggers:
                cursor.execute(sql)

    def run(*statements: str) -> None:
        with unguarded() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return run
