"""What the tests of the lowest part share."""

import pytest

from civic.core import redis_cache


@pytest.fixture(autouse=True)
def redis_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No failure of another test keeps this one from asking Redis."""
    monkeypatch.setitem(redis_cache._rest, "until", float("-inf"))
    monkeypatch.setattr(redis_cache, "TIMEOUT", 60)  # nor does a machine with much else to do
