"""Doing things at the same moment, each over a connection of its own, with and without what protects the rows."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections, models, transaction

from civic.core import proofs
from civic.core.asking import Question
from civic.core.refusals import Refused

Act = Callable[[], object]


class Meeting:
    """Where so many wait for each other, as often as they come; once somebody has left, nobody waits."""

    def __init__(self, people: int) -> None:
        self._barrier = threading.Barrier(people)

    def come(self) -> None:
        """Return when the others are here too."""
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait(120)

    def leave(self) -> None:
        """Come no more."""
        self._barrier.abort()


def all_at_once(acts: Iterable[Act], meeting: Meeting | None = None) -> Counter[str]:
    """Do everything in threads that start together; count how each ended: "done", a reason's code, or an error."""
    acts = list(acts)
    ended: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: Act) -> None:
        try:
            connection.ensure_connection()
            start.wait(120)
            act()
            ended.append("done")
        except Refused as refusal:
            ended.append("conflict" if refusal.conflict else refusal.reason.code)
        except Exception as error:
            ended.append(repr(error))
        finally:
            if meeting is not None:
                meeting.leave()
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act], daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    return Counter(ended)


def while_written(first: Act, second: Act) -> str:
    """Do ``second`` while ``first`` is written and not yet committed; return how the second one ended.

    The first is committed as soon as the second waits for it, or has ended without waiting: no clock decides.
    """
    written, over = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                first()
                written.set()
                while not over.wait(0.01) and not waited_for():
                    pass
        finally:
            written.set()
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    written.wait(120)
    [ended] = all_at_once([second])
    over.set()
    thread.join(180)
    return ended


def while_halfway(first: Act, second: Act, *, before: str) -> tuple[str, str]:
    """Do ``second`` while ``first`` has stopped before a statement that begins so; return how each ended.

    The first goes on as soon as the second waits for it, or has ended without waiting: no clock decides.
    """
    halfway, over = threading.Event(), threading.Event()

    def stop(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(before) and not halfway.is_set():
            halfway.set()
            while not over.wait(0.01) and not waited_for():
                pass
        return execute(sql, params, many, context)

    def stopping() -> None:
        try:
            with connection.execute_wrapper(stop):
                first()
        finally:
            halfway.set()

    def following() -> None:
        halfway.wait(120)
        try:
            second()
        finally:
            over.set()

    ended: dict[Act, str] = {}

    def run(act: Act) -> None:
        [ended[act]] = all_at_once([act])

    threads = [threading.Thread(target=run, args=[act], daemon=True) for act in (stopping, following)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    return ended[stopping], ended[following]


def waited_for() -> bool:
    """Tell whether another connection waits for what this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        (waited_for,) = cursor.fetchone()
    return bool(waited_for)


def faults() -> list[str]:
    """Return what every proof complains of."""
    return [line for name in proofs.names() for line in proofs.faults(name)]


def take_locks_away(monkeypatch: pytest.MonkeyPatch, *, people: int = 1) -> Meeting:
    """Let ``select_for_update`` lock nothing, and so many people meet where each would have waited for the others."""
    meeting = Meeting(people)

    def unlocked(rows: Any, **_options: Any) -> Any:
        meeting.come()
        return rows.all()

    monkeypatch.setattr(models.QuerySet, "select_for_update", unlocked)
    # What was compiled with a lock is asked anew, and nothing is compiled without one for whoever comes later.
    monkeypatch.setattr(Question, "_rows", lambda question, values: question._make(**values))
    return meeting


def take_constraint_away(model: type[models.Model], name: str) -> None:
    """Drop one constraint, or the unique index of one column, from this test's own copy of the database."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
        found = [
            each for each, what in constraints.items() if each == name or (what["unique"] and what["columns"] == [name])
        ]
        assert found, f"{table} has no {name}"
        for each in found:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{each}"')
            cursor.execute(f'DROP INDEX IF EXISTS "{each}"')
