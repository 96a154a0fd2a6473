"""Whether the process is up, and whether the parts it needs answer."""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)

_checks: dict[str, Callable[[], None]] = {}


def ready_when(name: str, check: Callable[[], None]) -> None:
    """Add a part to ``/readyz``: ``check`` returns when the part answers and raises when it does not."""
    _checks[name] = check


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process is up; asks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say which parts answer: 200 when all do, 503 otherwise.  What went wrong stays in the log."""
    answers = {}
    for name, check in _checks.items():
        try:
            check()
            answers[name] = "ok"
        except Exception:
            logger.warning("readyz: %s does not answer", name, exc_info=True)
            answers[name] = "down"
    ready = all(answer == "ok" for answer in answers.values())
    return JsonResponse({"ready": ready, "parts": answers}, status=200 if ready else 503)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


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


ready_when("database", _database)
ready_when("queue", _queue)
