"""``make test``: the whole suite against real servers of its own."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dev.console import say
from dev.paths import CACHE, ROOT
from dev.processes import Stopped, die_with_parent, stop_on_signals
from dev.services import PACKAGES, PostgreSQL, Redis, install_missing

#: Files in memory: a database is cloned there in a tenth of the time, and nothing waits for a disk.
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
NAME, LONGEST = "gongyi-test-", 6 * 3600
FAILED = 1  # pytest's word for it
ROOM, SPARE = 4 * 1024**3, 8 * 1024**3


def main(args: list[str]) -> int:
    """Start the servers, run pytest, stop the servers; return pytest's answer."""
    if not install_missing(*PACKAGES):
        say("Not all packages are there or could be installed; what needs them is skipped and named below.")
    _forget_runs_that_were_killed()
    stop_on_signals()
    folder = Path(tempfile.mkdtemp(prefix=NAME, dir=MEMORY if _has_room(MEMORY) else None))
    (folder / "tmp").mkdir()
    servers: list[PostgreSQL | Redis] = []
    try:
        env = {
            **os.environ, "GONGYI_ENV": "test", "GONGYI_HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"),
            "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "ELASTICSEARCH_URL", "EMAIL_URL"):
            env.pop(name, None)
        if env.pop("PYTHONDONTWRITEBYTECODE", ""):
            # A run starts Python some hundred times; whoever wants the checkout kept clean has it compiled elsewhere.
            env["PYTHONPYCACHEPREFIX"] = str(CACHE / "bytecode")
        env |= _start(folder, servers)
        answer = _pytest(args, env)
        if answer == FAILED:
            _keep_logs(folder / "tmp")
        return answer
    except Stopped:
        return 130
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _has_room(memory: Path) -> bool:
    """Tell whether a run fits there, beside everything else the machine has to remember, and programs may lie there."""
    try:
        left = re.search(r"^MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
        if left is None or int(left[1]) * 1024 < SPARE or os.statvfs(memory).f_flag & os.ST_NOEXEC:
            return False
        return shutil.disk_usage(memory).free >= ROOM
    except OSError:
        return False


def _forget_runs_that_were_killed() -> None:
    """Give back the memory of runs that could not tidy up after themselves."""
    for folder in MEMORY.glob(f"{NAME}*"):
        with contextlib.suppress(OSError):  # somebody else was quicker
            if folder.stat().st_mtime < time.time() - LONGEST:
                shutil.rmtree(folder, ignore_errors=True)


def _keep_logs(folder: Path) -> None:
    """Save what the sites of a failed run have logged: the run's folder goes."""
    kept = Path(tempfile.mkdtemp(prefix="gongyi-test-logs-"))
    for log in folder.rglob("*.log"):
        shutil.copyfile(log, kept / "-".join(log.relative_to(folder).parts[1:]))
    say(f"The logs of its sites: {kept}")


def _start(folder: Path, servers: list[PostgreSQL | Redis]) -> dict[str, str]:
    """Start what is installed; return the variables that lead the suite there."""
    env: dict[str, str] = {}
    for kind, variable in ((PostgreSQL, "DATABASE_URL"), (Redis, "TEST_REDIS_URL")):
        try:
            server: PostgreSQL | Redis = kind(folder)
            server.start()
        except (OSError, KeyError, subprocess.CalledProcessError) as error:
            say(f"Without {kind.__name__}: {error}")
            continue
        servers.append(server)
        env[variable] = server.url
    return env


def _pytest(args: list[str], env: dict[str, str]) -> int:
    # One process per core, and one more, because journeys wait for servers and clocks a third of their time; whole
    # files stay together, because a file shares its slow fixtures.  In our own order: what takes longest comes
    # first, so that nobody waits for it at the end.
    workers = str((os.cpu_count() or 2) + 1) if not {"-n", "--pdb", "-s"} & set(args) else ""
    spread = ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"] if workers else []
    # The gate asks once more before it believes that a test failed, and names it (docs/decisions/0026).
    again = ["--reruns", "1"] if os.environ.get("CI") == "true" else []
    command = [sys.executable, "-m", "pytest", *spread, *again, *args]
    say(shlex.join(command[1:]))
    with subprocess.Popen(command, cwd=ROOT, env=env, preexec_fn=die_with_parent) as process:
        try:
            return process.wait()
        except Stopped:
            process.terminate()
            raise
