"""Private PostgreSQL and Redis servers on free ports, in a temporary folder."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dev import install
from dev.console import say
from dev.paths import ROOT
from dev.processes import Child, children_of, free_port, is_busy, is_running, stop


def postgresql_programs() -> Path | None:
    """Return the folder of the newest installed PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    anywhere = shutil.which("initdb")
    return Path(anywhere).resolve().parent if anywhere else None


def chromium() -> str | None:
    """Return the installed Chromium."""
    candidates = (os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    return next((path for path in candidates if path), None)


def redis() -> str | None:
    """Return the installed Redis, or its like."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


#: The Debian packages of what runs beside the site, and how each is found when it is there already.
PACKAGES: dict[str, Callable[[], object]] = {
    "postgresql": postgresql_programs,
    "redis-server": redis,
    "nginx-light": lambda: shutil.which("nginx"),
    "chromium": chromium,
    "fonts-noto-cjk": Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists,
}


def install_missing(*packages: str) -> bool:
    """Install those of ``PACKAGES`` that are not there, where that can be done; return whether all are there then."""
    missing = [package for package in packages if not PACKAGES[package]()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {', '.join(missing)} …")
        return install.debian(missing)
    return not missing


# What makes a throw-away cluster fast: nothing is kept from the machine's own end.
FAST = ("fsync=off", "full_page_writes=off")
# What outlives SIGKILL. A commit is answered when its log has been handed to the kernel (synchronous_commit=on, the
# server's own default), and killing processes takes nothing away from the kernel: fsync, which guards against the end
# of the machine, may stay off. A block of 8 KB, however, is two pages to the kernel and a kill may fall between them;
# the log repairs that from whole pages only.
SURVIVES_KILL = ("fsync=off", "full_page_writes=on", "synchronous_commit=on")


class PostgreSQL:
    """A throw-away cluster, Chinese text searchable: fast rather than crash-safe.

    With ``survives_kill`` everything it has answered with success is there again after ``kill`` and ``start``.
    """

    def __init__(self, folder: Path, *, survives_kill: bool = False) -> None:
        programs = postgresql_programs()
        if programs is None:
            raise FileNotFoundError("PostgreSQL is not installed")
        self._programs = programs
        self._folder = folder / "postgresql"
        self._settings = SURVIVES_KILL if survives_kill else FAST
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/gongyi"

    def start(self) -> None:
        """Start the cluster, creating it the first time; ready to connect on return."""
        if not (self._folder / "db").exists():
            self._create()
        settings = ["listen_addresses=127.0.0.1", "max_connections=200", *self._settings]
        options = f"-p {self.port} -k {self._folder} " + " ".join(f"-c {each}" for each in settings)
        self._run("pg_ctl", "-D", "db", "-w", "-l", "log", "-o", options, "start")

    def kill(self) -> None:
        """End every process of the server by SIGKILL; ``start`` then recovers what the log holds."""
        file = self._folder / "db" / "postmaster.pid"
        first = int(file.read_text().split()[0])
        # Stopped, it can neither start another process nor see one of them end.
        os.kill(first, signal.SIGSTOP)
        killed = [first, *children_of(first)]
        for pid in reversed(killed):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while any(is_running(pid) for pid in killed):
            if time.monotonic() > deadline:
                raise OSError("PostgreSQL does not die")
            time.sleep(0.01)
        # Where nobody collects the dead at once, its number looks taken and would keep the next one from starting.
        file.unlink(missing_ok=True)
        (self._folder / f".s.PGSQL.{self.port}.lock").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the server; its data are thrown away with the folder."""
        self._run("pg_ctl", "-D", "db", "-m", "immediate", "-w", "stop")

    def _create(self) -> None:
        self._folder.mkdir(parents=True)
        if os.geteuid() == 0:
            # The server refuses to run as root, and its user must reach the folder.
            shutil.chown(self._folder, "postgres", "postgres")
            for parent in (self._folder.parent, *self._folder.parent.parents):
                if parent.owner() == "root" and parent.stat().st_mode & 0o005 != 0o005:
                    parent.chmod(parent.stat().st_mode | 0o011)
        # C.UTF-8: under plain C the trigrams of Chinese words are empty.
        self._run("initdb", "-D", "db", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def _run(self, program: str, *args: str) -> None:
        command: Sequence[str] = (str(self._programs / program), *args)
        user: str | None = None
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres").pw_name
        # Its own session: Ctrl-C must reach us, who stop the server, and not the server.
        subprocess.run(
            command, cwd=self._folder, user=user, group=user, extra_groups=[] if user else None,
            check=True, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip


class Redis:
    """A throw-away server that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        program = redis()
        if program is None:
            raise FileNotFoundError("Redis is not installed")
        self._program = program
        self._folder = folder / "redis"
        self._children: list[Child] = []
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server; ready to connect on return."""
        self._folder.mkdir(parents=True)
        command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        child = Child("redis", [*command, "--save", ""], env=os.environ, cwd=ROOT, log=self._folder / "log")
        self._children.append(child)
        deadline = time.monotonic() + 60
        while not is_busy(self.port):
            if not child.is_alive() or time.monotonic() > deadline:
                raise OSError(f"Redis did not start:\n{child.tail()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server."""
        stop(self._children)
