"""Following work into the workers: the request's id travels in the message, each task is timed and counted."""

import logging
from contextvars import Token
from time import perf_counter
from typing import Any

from celery import signals

from civic.core import metrics, tracing

logger = logging.getLogger(__name__)

_HEADER = "gongyi_request_id"
_running: dict[str, tuple[float, Token[str], bool]] = {}


@signals.before_task_publish.connect
def _hand_on(headers: dict[str, Any] | None = None, **_signal: Any) -> None:
    if headers is not None and tracing.current():
        headers[_HEADER] = tracing.current()


@signals.task_prerun.connect
def _take_up(task_id: str, task: Any, **_signal: Any) -> None:
    given = getattr(task.request, _HEADER, None)
    _running[task_id] = (perf_counter(), tracing.enter(tracing.accept(given)), given is not None)


@signals.task_postrun.connect
def _lay_down(task_id: str, task: Any, state: str | None = None, **_signal: Any) -> None:
    began, token, is_asked_for = _running.pop(task_id, (perf_counter(), None, False))
    seconds = perf_counter() - began
    outcome = (state or "unknown").lower()
    metrics.count_task(task.name, outcome, seconds)
    # The scheduler's own rounds are counted, and worth a line only when they fail.
    well = logging.INFO if is_asked_for else logging.DEBUG
    level = well if outcome == "success" else logging.ERROR
    logger.log(level, "task", extra={"task": task.name, "outcome": outcome, "ms": round(seconds * 1000)})
    if token is not None:
        tracing.leave(token)
