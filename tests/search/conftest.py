from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from search.asking import understand
from search.documents import Document
from search.engines.base import Engine, Hits, Query
from search.engines.embedded import EmbeddedEngine
from search.readers import Reader

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ENGINES: dict[str, Callable[[], Engine]] = {"embedded": EmbeddedEngine}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, db: None) -> Engine:
    return ENGINES[request.param]()


@pytest.fixture
def store(engine: Engine) -> Callable[..., list[str]]:
    """Index one document per text (or per dict of fields); return their keys."""

    def store(*texts: str | dict[str, Any]) -> list[str]:
        made = []
        for number, text in enumerate(texts, 1):
            fields = {"text": text} if isinstance(text, str) else text
            made.append(
                Document(
                    **{"kind": "note", "key": str(number), "url": f"/notes/{number}/", "title": "", "at": AT, **fields}
                )
            )
        engine.index(made)
        return [document.key for document in made]

    return store


@pytest.fixture
def ask(engine: Engine) -> Callable[..., Hits]:
    """Ask the engine; keys of the query are passed on."""

    def ask(typed: str, **fields: Any) -> Hits:
        return engine.query(Query(understand(typed), **{"reader": Reader(AT), **fields}))

    return ask


@pytest.fixture
def keys(ask: Callable[..., Hits]) -> Callable[..., list[str]]:
    """Ask, and return the keys found, sorted."""

    def keys(typed: str, **fields: Any) -> list[str]:
        return sorted(hit.key for hit in ask(typed, page_size=100, **fields).hits)

    return keys
