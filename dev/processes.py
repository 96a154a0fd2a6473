"""Starting processes that end when we end."""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(sig: int = signal.SIGTERM) -> None:
    """Ask the kernel to send this process ``sig`` when the one that started it dies."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(sig))


#: Below those the kernel takes for outgoing connections, one of which might have ours before the server does.
SERVERS_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Return a port nobody listens on at this moment."""
    for port in random.SystemRandom().sample(SERVERS_PORTS, len(SERVERS_PORTS)):
        if not is_busy(port):
            return port
    raise OSError("No port is free.")


def is_busy(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could not listen on this port."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError:
            return True
    # A server on all addresses does not always stop us from binding ours.
    with socket.socket() as sock:
        sock.settimeout(0.5)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def children_of(pid: int) -> list[int]:
    """Return the processes a process has started and that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # Behind the name in brackets, which may hold anything: the state and the parent.
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(status.parent.name))
    return sorted(found)


def is_running(pid: int) -> bool:
    """Tell whether a process is there and not only waiting to be collected."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


class Child:
    """A process with its log file, in a group of its own, that dies when we die."""

    def __init__(self, name: str, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal reaches us alone; we stop the children, once and in order.
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def is_alive(self) -> bool:
        """Tell whether the process still runs."""
        return self.process.poll() is None

    def signal_group(self, sig: int) -> None:
        """Signal the process and everything it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, sig)

    def tail(self, lines: int = 15) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def stop(children: Sequence[Child], *, grace: float = 12) -> None:
    """Ask every child to finish what it does, wait, then end what is left."""
    for child in children:
        if child.is_alive():
            child.process.terminate()
    deadline = time.monotonic() + grace
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
    for child in children:
        child.signal_group(signal.SIGKILL)
        child.process.wait()


class Stopped(BaseException):
    """We were asked to stop."""


def stop_on_signals() -> None:
    """Turn SIGTERM, SIGHUP and Ctrl-C into ``Stopped``, once; later ones are ignored while we tidy up."""

    def handler(_signum: int, _frame: FrameType | None) -> None:
        for sig in _SIGNALS:
            signal.signal(sig, signal.SIG_IGN)
        raise Stopped

    for sig in _SIGNALS:
        signal.signal(sig, handler)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
