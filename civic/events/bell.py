"""Telling a worker that something waits for it: off the request, one message for all that came within a moment.

A message costs as much as several statements, and nobody who reads the answer
waits for it.  What a process takes along when it ends is in the database all
the same: the sweeper finds it.
"""

import logging
import os
import threading
from queue import Empty, SimpleQueue
from time import sleep

from civic.core import tracing

logger = logging.getLogger(__name__)

PAUSE = 0.05  # seconds in which more may come
MOST = 20  # entries in one message: one worker takes them all

Ring = tuple[int, str]  # an entry, and the id of the request that wrote it
_rung: SimpleQueue[Ring] = SimpleQueue()
_guard = threading.Lock()
_ringer: tuple[int, threading.Thread] | None = None


def ring(entry_id: int) -> None:
    """Have a worker told of an entry within a moment; returns at once."""
    _rung.put((entry_id, tracing.current()))
    if _ringer is None or _ringer[0] != os.getpid():  # a process that was forked has no thread of its parent's
        _begin()


def _begin() -> None:
    global _ringer  # noqa: PLW0603 - one for each process
    with _guard:
        if _ringer is None or _ringer[0] != os.getpid():
            thread = threading.Thread(target=_run, name="bell", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # no more threads, or the process ends: what rings next tries again
                logger.warning("no worker can be told: the sweeper will find what waits", exc_info=True)
                return
            _ringer = (os.getpid(), thread)


def _run() -> None:
    while True:
        first = _rung.get()
        sleep(PAUSE)
        try:
            _tell([first, *_rest()])
        except Exception:
            logger.warning("no worker could be told: the sweeper will find what waits", exc_info=True)


def _rest() -> list[Ring]:
    found: list[Ring] = []
    try:
        while len(found) < MOST - 1:
            found.append(_rung.get_nowait())
    except Empty:
        pass
    return found


def _tell(rings: list[Ring]) -> None:
    from civic.events.tasks import deliver_entries  # noqa: PLC0415 - tasks import the bus, which rings

    deliver_entries.delay(rings)
