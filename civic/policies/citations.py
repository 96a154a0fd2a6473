"""Because of whom a text changed: contributions cited by a published version.

Replies are built above this package; they plug in here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Citation:
    """Contributions behind a change.  ``label`` is in the reader's language, for example "98 contributions"."""

    label: str
    url: str
    clause: UUID | None = None
    quote: str = ""


class Provider(Protocol):
    """What a source of citations answers, in one query."""

    def cited(self, revision_ids: Collection[int]) -> Mapping[int, list[Citation]]:
        """Return the citations behind each revision."""


_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a source of citations."""
    _providers.append(provider)


def cited(revision_ids: Collection[int]) -> dict[int, list[Citation]]:
    """Return the citations behind each of these revisions."""
    found: dict[int, list[Citation]] = {}
    for provider in _providers:
        for revision, citations in provider.cited(revision_ids).items():
            found.setdefault(revision, []).extend(citations)
    return found


def unplug(providers: Collection[Provider]) -> None:
    """Take sources out again (tests)."""
    _providers[:] = [provider for provider in _providers if provider not in providers]
