"""What is measured, in Prometheus' words (docs/decisions/0013-one-answer-from-many-processes.md).

Counters and durations are kept by each process in a memory-mapped file in
``settings.METRICS_DIR``; whichever process is asked adds them all up.  What
the database knows (what waits, what failed) is asked there when somebody
scrapes: packages declare it with ``gauge``.  Labels are names from the code:
no address, no person, nothing a visitor can make up.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from django.conf import settings
from prometheus_client import CollectorRegistry, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

logger = logging.getLogger(__name__)

Reading = Iterable[tuple[tuple[str, ...], float]]
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_gauges: dict[str, tuple[str, tuple[str, ...], Callable[[], Reading]]] = {}


def gauge(name: str, help_text: str, read: Callable[[], Reading], *, labels: tuple[str, ...] = ()) -> None:
    """Declare a value that ``read`` finds out at each scrape: (label values, number) pairs, one or two queries.

    Label values come from the code (states, channels), never from visitors.
    Declaring a name twice raises ``ValueError``.
    """
    if name in _gauges:
        raise ValueError(f"The measure {name} is declared twice.")
    _gauges[name] = (help_text, labels, read)


def count_request(route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _observe("gongyi_request_seconds", (route, str(status)), seconds)


def count_task(task: str, outcome: str, seconds: float) -> None:
    """Count one task that ended."""
    _observe("gongyi_task_seconds", (task, outcome), seconds)


def exposition() -> bytes:
    """Return everything measured, of all processes that share ``METRICS_DIR``."""
    registry = CollectorRegistry()
    if _measures() is not None:
        MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
    registry.register(_FromTheDatabase())
    return generate_latest(registry)


class _FromTheDatabase(Collector):
    """Asks every declared gauge; one that fails is left out and counted, the others stand."""

    def collect(self) -> Iterable[Metric]:
        """Yield one family for each gauge."""
        failed = 0
        for name, (help_text, labels, read) in sorted(_gauges.items()):
            family = GaugeMetricFamily(name, help_text, labels=labels)
            try:
                for at, value in read():
                    family.add_metric(at, value)
            except Exception as error:
                failed += 1
                logger.warning("measure %s could not be read: %s", name, type(error).__name__)
                continue
            yield family
        yield GaugeMetricFamily("gongyi_measures_failed", "Measures that could not be read just now", value=failed)


def _observe(name: str, labels: tuple[str, ...], seconds: float) -> None:
    measures = _measures()
    if measures is None:
        return
    try:
        measures[name].labels(*labels).observe(seconds)
    except OSError as error:  # a full disk must not turn pages into errors
        logger.warning("%s is not counted: %s", name, type(error).__name__)


@cache
def _measures() -> dict[str, Histogram] | None:
    """Return what this process counts into; None when its files cannot be made."""
    folder = Path(settings.METRICS_DIR)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _drop_files_of_the_dead(folder)
    except OSError as error:
        logger.warning("nothing is measured, METRICS_DIR cannot be written: %s", type(error).__name__)
        return None
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(_identifier)
    return {
        "gongyi_request_seconds": Histogram(
            "gongyi_request_seconds", "Answered requests", ["route", "status"], buckets=BUCKETS, registry=None
        ),
        "gongyi_task_seconds": Histogram(
            "gongyi_task_seconds", "Tasks that ended", ["task", "outcome"], buckets=BUCKETS, registry=None
        ),
    }


def _identifier() -> str:
    return _identifier_of(os.getpid())


@cache
def _identifier_of(pid: int) -> str:
    """Return a name no other process has, in other containers or after a restart: host, parent, its start, pid."""
    return f"{_host()}-{os.getppid()}-{_started(os.getppid())}-{pid}"


def _host() -> str:
    return "".join(char for char in socket.gethostname() if char.isalnum())


def _started(pid: int) -> str:
    """Return when a process started, in the kernel's ticks; ``0`` when it does not live (or is not on Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def _drop_files_of_the_dead(folder: Path) -> None:
    """Remove the files of servers that ended.

    A worker replaced by its living server keeps its file: sums that shrink
    would look like a burst of requests.
    """
    for path in folder.glob("*.db"):
        parts = path.stem.rpartition("_")[2].split("-")
        if len(parts) == 4 and parts[0] == _host() and _started(int(parts[1])) != parts[2]:
            path.unlink(missing_ok=True)
