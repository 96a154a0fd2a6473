"""One client process: some connections, each sending its next request when the last is answered.

Reads a job as JSON on standard input, waits until ``at``, writes what it saw
as JSON.  Raw sockets and one loop, so that the client is not what is measured:
it costs about 20 µs a request.
"""

import base64
import json
import selectors
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

TRIES = 40


@dataclass
class Link:
    """One connection."""

    requests: Any
    port: int
    sock: Any = None
    got: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0

    def connect(self) -> None:
        """Open the connection."""
        self.sock = socket.create_connection(("127.0.0.1", self.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        """Send the next request."""
        self.got.clear()
        self.sent_at = time.perf_counter()
        self.sock.sendall(next(self.requests))

    def is_whole(self) -> bool:
        """Tell whether the whole answer is here."""
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.got[:end]).lower()
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None])
            return len(self.got) >= end + 4 + length
        return b"transfer-encoding: chunked" not in head or self.got.endswith(b"0\r\n\r\n")


def connect_evenly(links: list[Link], workers: list[int]) -> None:
    """Connect each link to the next worker in turn.

    The kernel gives a connection to either worker by chance, and there it stays: of eight, seven may sit with one
    worker while the other has nothing to do.  A crowd spreads by itself.
    """
    for number, link in enumerate(links):
        wanted = workers[number % len(workers)] if workers else None
        for _try in range(TRIES):
            link.connect()
            if wanted is None or _is_with(wanted, link):
                break
            link.sock.close()
        else:
            link.connect()


def _is_with(worker: int, link: Link) -> bool:
    """Tell whether this process has accepted the connection."""
    mine = link.sock.getsockname()[1]
    for _try in range(100):
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _number, local, remote, _state, *_queues, inode = line.split()[:10]
            ends = int(local.rpartition(":")[2], 16), int(remote.rpartition(":")[2], 16)
            if ends == (link.port, mine) and inode != "0":
                return f"socket:[{inode}]" in _open_files(worker)
        time.sleep(0.002)
    return False


def _open_files(process: int) -> set[str]:
    found = set()
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):
            found.add(str(file.readlink()))
    return found


def _link(requests: list[str], job: dict[str, Any]) -> Link:
    sent = [base64.b64decode(request) for request in requests]
    return Link(cycle(sent) if job["repeat"] else iter(sent), job["port"])


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Send for ``seconds``; return the times of the answers and how many had an unwanted status."""
    wanted = [str(status).encode() for status in job["statuses"]]
    chooser = selectors.DefaultSelector()
    links = [_link(requests, job) for requests in job["links"]]
    connect_evenly(links, job["workers"])
    for link in links:
        chooser.register(link.sock, selectors.EVENT_READ, link)
    time.sleep(max(0.0, job["at"] - time.time()))
    times: list[float] = []
    wrong: list[str] = []
    began = time.perf_counter()
    ends, open_ = began + job["seconds"], len(links)
    for link in links:
        link.send()
    while open_:
        for key, _events in chooser.select(timeout=30):
            link = key.data
            chunk = link.sock.recv(1 << 17)
            link.got += chunk
            if chunk and not link.is_whole():
                continue
            now = time.perf_counter()
            times.append(now - link.sent_at)
            if bytes(link.got[9:12]) not in wanted:
                wrong.append(bytes(link.got[:600]).decode("utf-8", "replace"))
            try:
                if now >= ends:
                    raise StopIteration
                if not chunk or b"connection: close" in bytes(link.got[:600]).lower():
                    chooser.unregister(link.sock)
                    link.sock.close()
                    link.connect()
                    chooser.register(link.sock, selectors.EVENT_READ, link)
                link.send()
            except StopIteration:
                chooser.unregister(link.sock)
                link.sock.close()
                open_ -= 1
    return {
        "times": times, "seconds": time.perf_counter() - began, "wrong": len(wrong), "sample": wrong[:1],
    }  # fmt: skip


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
