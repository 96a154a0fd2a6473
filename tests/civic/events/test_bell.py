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
MARK = -1  # no entry's number
PATIENCE = 120  # seconds, as many as a busy machine may take


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Let nothing that was rung before a test, or in it, be told of in another."""
    all_is_told()
    yield
    all_is_told()


def all_is_told() -> None:
    """Return when everything that was rung so far has been told: what is rung last is told last."""
    told = threading.Event()

    def publish(args: Any = None, *_args: Any, **_options: Any) -> None:
        if MARK in [number for number, _id in args[0]]:
            told.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks.deliver_entries, "apply_async", publish)
        bell.ring(MARK)
        assert told.wait(PATIENCE)


@pytest.fixture
def lost() -> threading.Event:
    """Whether the first message was lost."""
    return threading.Event()


@pytest.fixture
def sent(lost: threading.Event, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What reaches the broker; before the first message it is away once."""
    messages: Sent = []

    def publish(args: Any = None, *_args: Any, **_options: Any) -> None:
        if not lost.is_set():
            lost.set()
            raise ConnectionError("no broker")
        messages.append(args[0])

    monkeypatch.setattr(tasks.deliver_entries, "apply_async", publish)
    return messages


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_so()


def test_many_rings_are_few_messages_even_after_one_was_lost(sent: Sent, lost: threading.Event) -> None:
    bell.ring(0)  # lost with the broker; the sweeper finds its row
    assert lost.wait(PATIENCE)
    rung = {number: uuid.uuid4().hex for number in range(1, 51)}
    for number, request_id in rung.items():
        with tracing.under(request_id):
            bell.ring(number)
    until(lambda: sum(map(len, sent)) == 50)
    assert dict(pair for message in sent for pair in message) == rung
    assert len(sent) < 25


def test_a_ring_does_not_wait_for_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def publish(*_args: Any, **_options: Any) -> None:
        asked.set()
        answered.wait(PATIENCE)

    monkeypatch.setattr(tasks.deliver_entries, "apply_async", publish)
    bell.ring(0)
    assert asked.wait(PATIENCE)  # and it does not answer
    for number in range(1, 100):
        bell.ring(number)
    assert not answered.is_set()
    answered.set()


def test_where_no_thread_can_begin_the_act_stands_and_the_next_ring_tries_again(
    sent: Sent, lost: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost.set()  # there is a broker
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
