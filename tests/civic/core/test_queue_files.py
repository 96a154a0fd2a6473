"""A message in the queue of files is whole or not there."""

from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection

from civic.celery import app
from civic.core import queue_files

# Kombu remembers for the whole process which queues it has bound: nobody else uses this one.
NAME = "whole-messages"


@pytest.fixture
def link(tmp_path: Path) -> Connection:
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "c")}
    return Connection("filesystem://", transport_options=folders)


def test_the_application_uses_the_queue_of_whole_files() -> None:
    assert app.main == "gongyi"
    assert Connection("filesystem://").get_transport_cls() is queue_files.Transport


def test_a_worker_that_looks_while_a_message_is_written_finds_nothing(
    link: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    appear = Path.replace

    with link.SimpleQueue(NAME) as queue, link.clone().SimpleQueue(NAME) as worker:

        def look_first(source: Path, target: Path) -> Path:
            if Path(target).parent != tmp_path:
                return appear(source, target)  # another thread's, of another queue
            try:
                seen.append(worker.get(block=False).payload)
            except worker.Empty:
                seen.append(None)
            return appear(source, target)

        monkeypatch.setattr(Path, "replace", look_first)
        queue.put({"task": "heartbeat"})

        assert seen == [None]
        assert worker.get(timeout=180).payload == {"task": "heartbeat"}
        assert not list(tmp_path.glob(".*.part"))


def test_the_first_message_makes_the_folders(tmp_path: Path) -> None:
    home = tmp_path / "new" / "queue"
    folders = {
        "data_folder_in": str(home / "in"),
        "data_folder_out": str(home / "in"),
        "control_folder": str(home / "ctl"),
    }
    with Connection("filesystem://", transport_options=folders).SimpleQueue("first-message") as queue:
        queue.put({"task": "heartbeat"})
    assert len(list((home / "in").glob("*.msg"))) == 1
