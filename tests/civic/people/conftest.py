import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from civic.notify import outbox, tasks


@pytest.fixture(autouse=True)
def outbox_folder(settings: Any, tmp_path: Path) -> Path:
    settings.OUTBOX = tmp_path / "outbox"
    settings.EMAIL_BACKEND = "civic.notify.outbox.EmailBackend"
    return settings.OUTBOX


@pytest.fixture
def letter() -> Callable[[], outbox.Item]:
    """Send what waits and return the newest letter."""

    def newest() -> outbox.Item:
        tasks.sweep()
        return outbox.read()[0]

    return newest


@pytest.fixture
def code(letter: Callable[[], outbox.Item]) -> Callable[[], str]:
    """Send what waits and return the code in the newest letter."""

    def read() -> str:
        found = re.search(r"\b\d{6}\b", letter().text)
        assert found, "the letter holds no code"
        return found[0]

    return read
