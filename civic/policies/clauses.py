"""The numbered clauses of a policy's text, as other parts read them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from civic.policies.numbers import in_english


@dataclass(frozen=True)
class Clause:
    """One clause: ``id`` stays the same through edits; Chinese is official, English a courtesy."""

    id: UUID
    number: str
    heading: str
    text: str
    heading_en: str = ""
    text_en: str = ""
    note: str = ""
    note_en: str = ""

    @property
    def number_en(self) -> str:
        """The number for English readers."""
        return in_english(self.number)


def clauses_of(source: Any) -> list[Clause]:
    """Return the clauses of a page or of one of its revisions, in reading order.

    For a revision the words are those it holds, whatever the page says today.
    """
    page = source.as_object() if hasattr(source, "as_object") else source
    return [
        Clause(id=UUID(block.id), **{name: str(block.value.get(name) or "") for name in _FIELDS})
        for block in page.clauses
        if block.block_type == "clause"
    ]


_FIELDS = ("number", "heading", "text", "heading_en", "text_en", "note", "note_en")
