"""Fixtures every test may use.  See ``cast.py`` for the people and ``factories/`` for everything else."""

import gc
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dev import services
from dev.site import make_home
from tests import templated_database
from tests.public_data import DATA

pytest_plugins = ["tests.cast"]

#: What a test may say it needs, and whether this run has it.
PARTS: dict[str, Callable[[], bool]] = {
    "postgresql": lambda: os.environ.get("DATABASE_URL", "").startswith("postgres"),
    "redis": lambda: bool(os.environ.get("TEST_REDIS_URL")),
    "browser": lambda: services.chromium() is not None,
    "public-data": DATA.is_dir,
    "pabutools": lambda: find_spec("pabutools") is not None,  # needs a solver that is not free
    "promtool": lambda: shutil.which("promtool") is not None,
    "systemd-analyze": lambda: shutil.which("systemd-analyze") is not None,
    # Minutes of the whole machine: before a release, and after a change of what is written when.
    "FAULTS=whole": lambda: os.environ.get("FAULTS") == "whole",
}
#: What the gate must have: there a test that goes without one of these has failed.
OF_THE_GATE = ("postgresql", "redis", "browser")
#: What takes longest comes first, so that nobody waits for it at the end.
# Two of the first three seed a county each, of another kind of database; who begins third needs none.
SLOWEST = (
    "test_open_to_all.py", "test_access_matrix.py", "test_killed.py", "test_fuzz.py", "journeys", "faults", "operation",
    "architecture",
)  # fmt: skip
_SKIPPED = "cannot be had here"
#: As many tests of the gate may need a second try: with more of them something is wrong (docs/decisions/0026).
UNSTEADY = 3


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        make_home(Path(os.environ["GONGYI_HOME"]))
        _compile_translations()
    _close_network()


def _compile_translations() -> None:
    import gettext

    from django.utils.translation import trans_real

    from civic.core.management.commands.compile_po import compile_file

    for source in Path(__file__).parents[1].glob("locale/*/LC_MESSAGES/*.po"):
        compile_file(source)
    # Settings spoke a word or two already: what was read then is read anew.
    gettext._translations.clear()  # type: ignore[attr-defined]
    trans_real._translations.clear()  # type: ignore[attr-defined]
    trans_real._default = None  # type: ignore[attr-defined]


def _close_network() -> None:
    """Let tests talk to this machine only."""
    connect = socket.socket.connect

    def guarded(sock: socket.socket, address: Any) -> None:
        local = sock.family == socket.AF_UNIX or address[0] in {"127.0.0.1", "::1", "localhost"}
        if not local:
            raise AssertionError(f"A test tried to reach {address}: the suite stays on this machine.")
        connect(sock, address)

    socket.socket.connect = guarded  # type: ignore[assignment,method-assign]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files, then the folders, that take longest."""
    items.sort(key=lambda item: next((n for n, name in enumerate(SLOWEST) if name in item.path.parts), len(SLOWEST)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking for garbage in it, over and over, takes every twentieth second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, by name, what needs a part that is missing; of the parts of the gate, under CI, that is a failure."""
    for marker in item.iter_markers("needs"):
        for part in marker.args:
            if not PARTS[part]():
                is_gate = os.environ.get("CI") == "true" and part in OF_THE_GATE
                report = pytest.fail if is_gate else pytest.skip
                report(f"{part} {_SKIPPED}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which too many tests needed a second try, though each of them passed then."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and len(reporter.stats.get("rerun", [])) > UNSTEADY:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name the parts this run went without."""
    for part in PARTS:
        count = sum(
            f"{part} {_SKIPPED}" in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])
        )
        if count:
            terminalreporter.write_line(f"NOT RUN: {count} tests, because {part} {_SKIPPED}.", yellow=True, bold=True)
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"UNSTEADY: {report.nodeid} was tried again", yellow=True)
        terminalreporter.write_line(str(report.longrepr))
    if len(terminalreporter.stats.get("rerun", [])) > UNSTEADY:
        terminalreporter.write_line(f"More than {UNSTEADY} tests were tried again: the run has failed.", red=True)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """Migrate once per run and clone the result for every worker (PostgreSQL); as usual on SQLite.

    Whoever starts a run of its own, over a database made for it, says so by ``DATABASE_IS_READY``.
    """
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    if os.environ.get("DATABASE_IS_READY"):
        yield
        return
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            templated_database.create(connection)
        else:
            created = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
            _make_rooms(connection)
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            templated_database.drop(connection)
        else:
            teardown_databases(created, verbosity=0)


def _make_rooms(connection: Any) -> None:
    """Make the roll and the ballot box where the suite runs without migrations, which alone know how."""
    from importlib import import_module

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ballot_roll.sqlite_master")
        if cursor.fetchone() == (0,):
            with connection.schema_editor() as editor:
                for statement in import_module("consult.voting.migrations.0002_roll_and_box").SQLITE:
                    editor.execute(statement, params=None)


@pytest.fixture(autouse=True)
def staff_carry_their_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody who is signed in by ``force_login`` have shown their second factor.

    ``tests.factories.people.without_factor(client)`` takes it from them again.
    """
    from django.test import Client

    from tests.factories.people import show_factor

    plain = Client.force_login

    def force_login(client: Client, user: Any, backend: str | None = None) -> None:
        plain(client, user, backend)
        show_factor(client, user)

    monkeypatch.setattr(Client, "force_login", force_login)


@pytest.fixture(autouse=True)
def everybody_begins_in_the_sites_language() -> None:
    """Forget which language the request before this test was answered in."""
    from django.conf import settings
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def nothing_is_kept_of_the_test_before() -> None:
    """Forget what this process keeps drawn or answered: a copy of the database gives the same numbers to other rows."""
    from civic.core import page_cache
    from civic.ui import fragments

    page_cache.forget_everything()
    fragments.kept.clear()


@pytest.fixture
def at() -> datetime:
    """An instant to live in: Thursday 12 November 2026, 10:00 in the county."""
    return datetime(2026, 11, 12, 2, 0, tzinfo=UTC)


@pytest.fixture
def deliver_all(db: None) -> Callable[..., int]:
    """Run, in this process, everything that waits to be delivered or sent; return how many were done.

    Call it as ``deliver_all(at)``.  Deliveries may publish entries that owe
    others, so it goes on until nothing is due.
    """

    def run(at: datetime) -> int:
        from civic.events import bus

        done = 0
        while ids := bus.waiting(at=at):
            done_now = sum(bus.deliver(pk, at=at) for pk in ids)
            if not done_now:
                break
            done += done_now
        return done

    return run


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The installed Chromium, started once per worker."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=services.chromium(), timeout=180_000)
        yield chromium
        chromium.close()
