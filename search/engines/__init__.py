"""Engines store documents and answer questions; every engine answers the same."""

from functools import lru_cache

from search.engines.base import Engine


@lru_cache(maxsize=1)
def engine() -> Engine:
    """Return the engine of this installation."""
    from search.engines.embedded import EmbeddedEngine  # noqa: PLC0415 - models are loaded only now

    return EmbeddedEngine()
