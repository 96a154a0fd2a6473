"""Telling a worker: off the request, in few messages, under the id of whoever asked."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from civic.core import tracing
from civic.events import bell, tasks

Sent = list[list[tuple[int, str]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    """What reaches the broker; before the first message it is away once."""
    messages: Sent = []
    away = iter([ConnectionError("no broker")])

    def publish(args: Any = None, *_args: Any, **_options: Any) -> None:
        for error in away:
            raise error
        messages.append(args[0])

    monkeypatch.setattr(tasks.deliver_entries, "apply_async", publish)
    yield messages
    time.sleep(3 * bell.PAUSE)  # nothing of this test rings in the next


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_so()


def test_many_rings_are_few_messages_even_after_one_was_lost(sent: Sent) -> None:
    bell.ring(0)  # lost with the broker; the sweeper finds its row
    until(bell._rung.empty)
    time.sleep(2 * bell.PAUSE)
    rung = {number: uuid.uuid4().hex for number in range(1, 51)}
    for number, request_id in rung.items():
        with tracing.under(request_id):
            bell.ring(number)
    until(lambda: sum(map(len, sent)) == 50)
    assert dict(pair for message in sent for pair in message) == rung
    assert len(sent) < 10


def test_a_ring_does_not_wait_for_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(tasks.deliver_entries, "apply_async", lambda *_args, **_options: answered.wait(20))
    began = time.monotonic()
    for number in range(100):
        bell.ring(number)
    took = time.monotonic() - began
    answered.set()
    assert took < 10
    until(bell._rung.empty)
    time.sleep(2 * bell.PAUSE)


def test_where_no_thread_can_begin_the_act_stands_and_the_next_ring_tries_again(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    bell.ring(0)  # lost, as above
    until(bell._rung.empty)
    time.sleep(2 * bell.PAUSE)
    monkeypatch.setattr(bell, "_rung", SimpleQueue())
    monkeypatch.setattr(bell, "_ringer", None)  # a process that has just begun
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        bell.ring(1)
    assert sent == []
    bell.ring(2)
    until(lambda: [number for message in sent for number, _id in message] == [1, 2])


def refuse(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")
