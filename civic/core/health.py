"""Whether the process is up, and whether the parts it needs answer."""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from civic.core import clock, heartbeat, metrics, redis_cache

logger = logging.getLogger(__name__)

_checks: dict[str, Callable[[], None]] = {}
_notes: dict[str, Callable[[], str]] = {}
_up_to_date: set[str] = set()


class NotReady(Exception):
    """A part answers, but not as it has to; the one word says how."""


def ready_when(name: str, check: Callable[[], None], *, note: Callable[[], str] | None = None) -> None:
    """Add a part to ``/readyz``: ``check`` returns when the part answers and raises when it does not.

    ``NotReady("late")`` shows its word, any other error shows ``down``.
    ``note`` returns a sentence for the operator, or nothing.
    """
    _checks[name] = check
    if note is not None:
        _notes[name] = note


def answers() -> dict[str, str]:
    """Ask every part; return ``ok`` or one word for what is wrong.  What went wrong in detail stays in the log."""
    found = {}
    for name, check in _checks.items():
        try:
            check()
            found[name] = "ok"
        except NotReady as how:
            found[name] = str(how)
        except Exception as error:
            logger.warning("readyz: %s does not answer: %s", name, type(error).__name__, exc_info=True)
            found[name] = "down"
    return found


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process is up; asks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say which parts answer: 200 when all do, 503 otherwise."""
    parts = answers()
    ready = all(answer == "ok" for answer in parts.values())
    notes = {name: said for name, note in _notes.items() if (said := note())}
    body = {"ready": ready, "parts": parts, **({"notes": notes} if notes else {})}
    return JsonResponse(body, status=200 if ready else 503)


def _serving() -> None:
    """Say no while the operator, or the start script after SIGTERM, is taking this process out of service."""
    if Path(settings.DRAIN_FILE).exists():
        raise NotReady("draining")


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    """Say no until everything this code knows of is applied; a newer database is no fault."""
    if connection.alias in _up_to_date:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("unapplied")
    _up_to_date.add(connection.alias)


def _queue() -> None:
    broker = settings.CELERY_BROKER_URL
    if urlsplit(broker).scheme == "filesystem":
        folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]))
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return
    from civic.celery import app  # noqa: PLC0415 - only where a broker service is used

    with app.connection_for_write(connect_timeout=2) as link:
        link.ensure_connection(max_retries=1, timeout=2)


def _cache() -> None:
    """Say no while Redis is silent and the database stands in for it, which nobody would notice otherwise."""
    redis_cache.ask_first()


def _worker() -> None:
    silent = heartbeat.age(at=clock.now())
    if silent is None or silent > heartbeat.SILENT_AFTER:
        raise NotReady("silent")


def _readiness() -> metrics.Reading:
    return [((part,), float(answer == "ok")) for part, answer in answers().items()]


def _silence() -> metrics.Reading:
    silent = heartbeat.age(at=clock.now())
    return [((), silent.total_seconds())] if silent is not None else []


ready_when("serving", _serving)
ready_when("database", _database)
ready_when("migrations", _migrations)
ready_when("queue", _queue)
ready_when("cache", _cache)
ready_when("worker", _worker)
metrics.gauge("gongyi_part_ready", "1 while the part answers /readyz", _readiness, labels=("part",))
metrics.gauge("gongyi_worker_silent_seconds", "Since the worker was last heard of", _silence)
