"""What every engine promises."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from search.asking import Question
from search.documents import Document
from search.highlights import Fragment
from search.readers import Reader

PAGE_SIZE = 10
LAST_PAGE = 100
MOST = PAGE_SIZE * LAST_PAGE  # results that are counted and can be turned to; of more it is only said that there are


class Sort(StrEnum):
    """The two orders of results."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


class Match(StrEnum):
    """How the hits answer the question.

    ``ALL``: every word, words that were typed together standing together.
    ``APART``: every word, but apart.  ``SOME``: only some of the words.
    """

    ALL = "all"
    APART = "apart"
    SOME = "some"


@dataclass(frozen=True)
class Query:
    """A question by a reader, narrowed.

    ``place_path`` narrows to a place and all it contains; ``since`` and
    ``until`` are days on the site's calendar, both included, neither the first nor the last there is; ``language`` is
    the one fragments are preferred in.
    """

    question: Question
    reader: Reader
    kind: str = ""
    status: str = ""
    place_path: str = ""
    since: date | None = None
    until: date | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    page_size: int = PAGE_SIZE
    language: str = "zh-hans"


@dataclass(frozen=True)
class Hit:
    """One thing found.  Titles and fragments are parts, never markup; ``until`` is when its status changes next."""

    kind: str
    key: str
    url: str
    title: Fragment
    byline: str
    byline_en: str
    fragments: Sequence[Fragment]
    at: datetime
    status: str
    place_path: str
    language: str
    until: datetime | None = None


@dataclass(frozen=True)
class Hits:
    """A page of hits.

    ``total`` counts what the reader may see under all filters; ``kinds``
    counts under all but the kind, ``statuses`` under all but the status.
    ``is_more``: there are more than ``total``, and nobody counted how many.
    ``is_counted``: not so much was found that ``kinds`` and ``statuses`` were counted among the best only.
    """

    total: int
    page: int
    page_size: int
    hits: Sequence[Hit] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    match: Match = Match.ALL
    is_more: bool = False
    is_counted: bool = True

    def __len__(self) -> int:
        """How many are on this page."""
        return len(self.hits)

    def __bool__(self) -> bool:
        """Say that there is an answer, though nothing may be found."""
        return True

    @property
    def pages(self) -> int:
        """How many pages can be turned."""
        return min(LAST_PAGE, max(1, -(-self.total // self.page_size)))


class Superseded(Exception):
    """A newer rebuild has begun: this one's generation is gone."""


class Engine(Protocol):
    """Stores documents by (kind, key) and answers queries.

    ``index`` replaces, ``delete`` of something unknown does nothing.  Both
    reach the generation being read and one being built.
    """

    def index(self, documents: Iterable[Document]) -> None:
        """Store documents, replacing those of the same kind and key."""

    def delete(self, names: Iterable[tuple[str, str]]) -> None:
        """Forget documents by (kind, key)."""

    def query(self, query: Query) -> Hits:
        """Answer; totals and facets count only what the reader may find."""

    def begin(self, *, at: datetime) -> int:
        """Open a new generation and return it; an unfinished older one is dropped."""

    def fill(self, generation: int, documents: Iterable[Document]) -> None:
        """Store documents in a generation being built.  Raises ``Superseded``."""

    def switch(self, generation: int, *, at: datetime) -> int:
        """Read from this generation from now on; return how many documents it holds.  Raises ``Superseded``."""

    def sweep(self) -> None:
        """Drop the generations that are no longer read."""

    def check(self) -> None:
        """Return when the engine answers; whatever it raises otherwise says how it does not."""
