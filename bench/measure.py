"""``make bench``: ours and the limits side by side, in turns, in one run."""

import base64
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import counting
from bench.requests import Maker
from bench.rows import INSERT, TRIVIAL, Row, rows
from dev.console import refuse, say
from dev.paths import ROOT, VENV_PYTHON
from dev.processes import Child, Stopped, free_port, is_busy, stop, stop_on_signals
from dev.services import PostgreSQL, Redis, install_missing
from dev.site import make_home

CLIENTS, PROCESSES = 8, 2  # of the limits, and of every row that says nothing else
WORKERS = 2
TARGET = ROOT / "bench" / "latest.json"


@dataclass
class Seen:
    """What the rounds of one row gave."""

    rps: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)


def main(_args: list[str]) -> int:
    """Build, measure, print the table, write ``bench/latest.json``; return 1 when a bar was missed."""
    wanted = os.environ.get("BENCH", "")
    counts = [name for name in counting.BARS if not wanted or name == wanted or name.startswith(f"{wanted}-")]
    chosen = [row for row in rows() if not wanted or row.name == wanted or row.name.startswith(f"{wanted}-")]
    if not chosen and not counts:
        names = [*(row.name for row in rows()), *counting.BARS]
        refuse(f"BENCH={wanted} names no row; rows are {', '.join(names)}.")
    counted = counting.measure(counts)
    slow = 1 if counting.show(counted) else 0
    if not chosen:
        TARGET.write_text(json.dumps({"rows": [], "counting": [asdict(row) for row in counted]}, indent=1))
        return slow
    if not install_missing("postgresql", "redis-server"):
        refuse("make bench needs PostgreSQL and Redis: apt-get install postgresql redis-server")
    rounds, seconds = int(os.environ.get("BENCH_ROUNDS") or 3), float(os.environ.get("BENCH_SECONDS") or 2)
    stop_on_signals()
    folder = Path(tempfile.mkdtemp(prefix="gongyi-bench-"))
    bench = Bench(folder)
    try:
        bench.start({row.times for row in chosen})
        table = bench.measure(chosen, rounds=rounds, seconds=seconds)
    except Stopped:
        return 130
    finally:
        bench.stop()
        shutil.rmtree(folder, ignore_errors=True)
    table["counting"] = [asdict(row) for row in counted]
    TARGET.write_text(json.dumps(table, ensure_ascii=False, indent=1))
    return show(table, chosen) or slow


class Bench:
    """The servers, and what runs on them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: list[PostgreSQL | Redis] = []
        self._web: dict[str, Child] = {}
        self._makers: dict[int, Maker] = {}
        self._env: dict[int, dict[str, str]] = {}
        self._limits_port = 0
        self._guesses: dict[str, float] = {}  # requests a second: so many are prepared

    def start(self, sizes: set[int]) -> None:
        """Start PostgreSQL and Redis, fill a database for each size, start the web processes."""
        postgresql, redis = PostgreSQL(self._folder), Redis(self._folder)
        for server in (postgresql, redis):
            server.start()
            self._servers.append(server)
        base = postgresql.url.rsplit("/", 1)[0]
        for size in sorted(sizes):
            say(f"Building the data × {size} …")
            port, home = free_port(), self._folder / f"home-{size}"
            make_home(home)
            _psql(base, f"CREATE DATABASE bench_{size}")
            env = self._env[size] = {
                **{name: value for name, value in os.environ.items() if not name.startswith(("GONGYI_", "ELASTIC"))},
                "DJANGO_SETTINGS_MODULE": "bench.settings", "GONGYI_HOME": str(home),
                "DATABASE_URL": f"{base}/bench_{size}", "REDIS_URL": f"{redis.url}/{size}",
                "CELERY_BROKER_URL": f"{redis.url}/{size}", "TMPDIR": str(home / "tmp"),
                "BASE_URL": f"http://localhost:{port}", "PYTHONUNBUFFERED": "1",
            }  # fmt: skip
            for command in (["compile_po"], ["collectstatic", "--no-input"], ["migrate", "--no-input"]):
                _run([str(VENV_PYTHON), "manage.py", *command, "-v", "0"], env)
            data = json.loads(_run([str(VENV_PYTHON), "-m", "bench.data", str(size)], env).splitlines()[-1])
            self._web[str(size)] = self._granian("civic.wsgi:application", port, env, f"web-{size}")
            self._makers[size] = Maker(port, data)
        # As on a site that has been running: nothing is left to tidy up after the filling while we measure.
        for size in sorted(sizes):
            _psql(base, "VACUUM (ANALYZE)", database=f"bench_{size}")
        _psql(base, "CREATE DATABASE bench_bare")
        env = {**os.environ, "DATABASE_URL": f"{base}/bench_bare"}
        _run([str(VENV_PYTHON), "-m", "bench.bare"], env)
        self._limits_port = free_port()
        self._web["limits"] = self._granian("bench.bare:application", self._limits_port, env, "limits")
        _psql(base, "CHECKPOINT")
        for port in [self._limits_port, *(maker.port for maker in self._makers.values())]:
            _wait(port)

    def stop(self) -> None:
        """Stop everything."""
        stop(list(self._web.values()))
        for server in self._servers:
            server.stop()

    def measure(self, chosen: list[Row], *, rounds: int, seconds: float) -> dict[str, Any]:
        """Measure all rows in turns, each that has a bar between two measurements of its limit."""
        queries = self._queries(chosen)
        say(f"Measuring {len(chosen)} rows, {rounds} rounds of {seconds:g} s …")
        found: dict[str, Seen] = defaultdict(Seen)
        self._round(chosen, defaultdict(Seen), 0.7)  # warms up: templates, connections, the pages kept
        for _round in range(rounds):
            self._round(chosen, found, seconds)
        return {
            "rows": [_line(row, found, queries) for row in chosen],
            "limits": {name: _figures(found[name]) for name in (TRIVIAL, INSERT) if found[name].rps},
            "rss_mb": self._memory(),
            "machine": {"cores": os.cpu_count(), "python": sys.version.split()[0], "load": os.getloadavg()[0]},
            "rounds": rounds, "seconds": seconds, "clients": CLIENTS, "workers": WORKERS,
        }  # fmt: skip

    def _round(self, chosen: list[Row], found: dict[str, Seen], seconds: float) -> None:
        """Measure every row once.  A machine others use, too, is twice as fast at one moment as at another."""
        limits: dict[str, list[float]] = defaultdict(list)
        for row in chosen:
            is_paired = row.bar is not None or not limits[row.limit]
            if is_paired:
                limits[row.limit] = [self._note(row.limit, found, self._limit(row.limit, seconds / 2))]
            rate = self._note(row.name, found, self._row(row, seconds))
            if is_paired:
                limits[row.limit].append(self._note(row.limit, found, self._limit(row.limit, seconds / 2)))
            found[row.name].ratios.append(rate / statistics.mean(limits[row.limit]))

    def _note(self, name: str, found: dict[str, Seen], measured: tuple[list[float], float]) -> float:
        times, took = measured
        rate = self._guesses[name] = len(times) / took
        found[name].rps.append(rate)
        found[name].times += times
        return rate

    def _limit(self, name: str, seconds: float) -> tuple[list[float], float]:
        maker, guess = Maker(self._limits_port, {}), self._guesses.get(name, 4000)
        if name == TRIVIAL:
            links = [[maker.get("/trivial/")]] * CLIENTS
            return _load(self._limits_port, links, seconds, repeat=True, workers=_workers(self._web["limits"]))
        stamp, each = time.time_ns(), int(guess * seconds * 2 / CLIENTS) + 50
        links = [[maker.get(f"/insert/?key={stamp}-{link}-{n}") for n in range(each)] for link in range(CLIENTS)]
        return _load(self._limits_port, links, seconds, repeat=False, workers=_workers(self._web["limits"]))

    def _row(self, row: Row, seconds: float) -> tuple[list[float], float]:
        maker = self._makers[row.times]
        links = maker.links(row, row.clients, seconds, self._guesses.get(row.name, 300))
        workers = _workers(self._web[str(row.times)])
        return _load(
            maker.port, links, seconds, repeat=not row.act, workers=workers, statuses=row.statuses, name=row.name
        )

    def _queries(self, chosen: list[Row]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for size, maker in self._makers.items():
            job = {
                row.name: {
                    "path": row.path.format(**maker.data), "session": maker.data[row.who][0] if row.who else "",
                }
                for row in chosen if row.times == size and not row.act
            }  # fmt: skip
            done = _run([str(VENV_PYTHON), "-m", "bench.queries"], self._env[size], given=json.dumps(job))
            counts |= json.loads(done.splitlines()[-1])
        return counts

    def _granian(self, application: str, port: int, env: Mapping[str, str], name: str) -> Child:
        command = [
            str(VENV_PYTHON), "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(WORKERS), "--blocking-threads", "2", "--no-ws", "--respawn-failed-workers",
            "--log-level", "warning", application,
        ]  # fmt: skip
        return Child(name, command, env=env, cwd=ROOT, log=self._folder / f"{name}.log")

    def _memory(self) -> dict[str, list[int]]:
        """Return the resident megabytes of each web process."""
        found = {}
        for name, child in self._web.items():
            lines = [line for pid in _workers(child) for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
            found[name] = sorted(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))
        return found


def _workers(child: Child) -> list[int]:
    """Return the worker processes of a web server."""
    kids = Path(f"/proc/{child.process.pid}/task/{child.process.pid}/children").read_text().split()
    return [int(pid) for pid in kids if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()]


def show(table: dict[str, Any], chosen: list[Row]) -> int:
    """Print the table; return 1 when a bar was missed."""
    say(f"\n{'row':<34}{'req/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'queries':>9}{'of limit':>10}{'bar':>8}")
    for name, limit in table["limits"].items():
        say(f"{name:<34}{limit['rps']:>9.0f}{limit['p50_ms']:>9.1f}{limit['p95_ms']:>9.1f}")
    missed = []
    by_name = {line["name"]: line for line in table["rows"]}
    for row in chosen:
        line = by_name[row.name]
        queries = "" if line["queries"] is None else line["queries"]
        bar = f"{row.bar:.0%}" if row.bar else ""
        say(
            f"{row.name:<34}{line['rps']:>9.1f}{line['p50_ms']:>9.1f}{line['p95_ms']:>9.1f}{queries:>9}"
            f"{line['ratio']:>10.2%}{bar:>8}"
        )
        if row.bar and line["ratio"] < row.bar:
            missed.append(row.name)
        one = by_name.get(row.name.removesuffix("-10x"))
        if row.times == 10 and one and line["p50_ms"] > 1.2 * one["p50_ms"]:
            missed.append(f"{row.name} ({line['p50_ms'] / one['p50_ms']:.2f} × the time)")
    sizes = [size for name, found in table["rss_mb"].items() if name != "limits" for size in found]
    say(f"\nWeb processes: {', '.join(map(str, sizes))} MB.  Load of the machine: {table['machine']['load']:.1f}.")
    if max(sizes, default=0) > 200:
        missed.append(f"{max(sizes)} MB in a web process")
    say(f"Below the bar: {', '.join(missed)}" if missed else "Every bar is met.")
    return 1 if missed else 0


def _line(row: Row, found: Mapping[str, Seen], queries: Mapping[str, int]) -> dict[str, Any]:
    return {
        "name": row.name, **_figures(found[row.name]), "queries": queries.get(row.name), "limit": row.limit,
        "limit_rps": round(statistics.median(found[row.limit].rps), 1),
        "ratio": round(statistics.median(found[row.name].ratios), 5),
    }  # fmt: skip


def _figures(seen: Seen) -> dict[str, float]:
    times = sorted(seen.times)
    return {
        "rps": round(statistics.median(seen.rps), 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 2),
    }


def _load(
    port: int,
    links: list[list[bytes]],
    seconds: float,
    *,
    repeat: bool,
    workers: list[int],
    statuses: tuple[int, ...] = (200,),
    name: str = "",
) -> tuple[list[float], float]:
    """Send from several processes at once; return the times of all answers and how long it took."""
    at = time.time() + 0.6 + 0.02 * len(links)  # when all are connected
    running = []
    for number in range(PROCESSES):
        job = {
            "port": port, "seconds": seconds, "at": at, "repeat": repeat, "statuses": statuses, "workers": workers,
            "links": [[base64.b64encode(each).decode() for each in link] for link in links[number::PROCESSES]],
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(job))
        process.stdin.close()
        running.append(process)
    times: list[float] = []
    took, wrong, sample = 0.0, 0, ""
    for process in running:
        assert process.stdout is not None
        seen = json.load(process.stdout)
        process.wait()
        times += seen["times"]
        took, wrong = max(took, seen["seconds"]), wrong + seen["wrong"]
        sample = sample or "".join(seen["sample"])
    if wrong:
        raise RuntimeError(f"{name}: {wrong} of {len(times)} answers were wrong, for example:\n{sample}")
    return times, took


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while not is_busy(port):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Nothing answers on port {port}.")
        time.sleep(0.1)


def _run(command: list[str], env: Mapping[str, str], given: str = "") -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=dict(env), input=given, capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def _psql(base: str, statement: str, *, database: str = "postgres") -> None:
    import psycopg  # noqa: PLC0415 - a dependency of the site, not of this command

    with psycopg.connect(f"{base}/{database}", autocommit=True) as connection:
        connection.execute(statement)  # our own words
