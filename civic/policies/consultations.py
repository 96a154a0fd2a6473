"""What a policy may say about the consultations held on it.

Consultations are built above this package; they plug in here and the policy's
pages show what they answer.  Nothing plugged in: nothing shown.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Q


@dataclass(frozen=True)
class Asked:
    """One consultation on a policy, as a policy page shows it.  ``title`` is in the reader's language."""

    title: str
    url: str
    is_running: bool
    opens_at: datetime
    closes_at: datetime
    contributions: int = 0
    revision_id: int | None = None
    status: str = "open"
    status_text: str = ""
    result_url: str = ""


@dataclass(frozen=True)
class ClauseTalk:
    """How much was said about a clause, and where to read it or to speak."""

    count: int
    url: str


class Provider(Protocol):
    """What a source of consultations answers, each in a constant number of queries."""

    def of_page(self, page_id: int, *, at: datetime) -> list[Asked]:
        """Return the public consultations on a policy, newest first."""

    def talk(self, page_id: int, *, at: datetime) -> Mapping[UUID, ClauseTalk]:
        """Return what was said per clause, in the running consultation or else the last one."""

    def running(self, *, at: datetime) -> Q:
        """Return the condition on ``PolicyPage`` that a consultation on it is running."""


_providers: list[Provider] = []


def plug_in(provider: Provider) -> None:
    """Add a source of consultations."""
    _providers.append(provider)


def of_page(page_id: int, *, at: datetime) -> list[Asked]:
    """Return the public consultations on a policy, newest first."""
    return [asked for provider in _providers for asked in provider.of_page(page_id, at=at)]


def talk(page_id: int, *, at: datetime) -> dict[UUID, ClauseTalk]:
    """Return what was said about each clause of a policy."""
    return {clause: said for provider in _providers for clause, said in provider.talk(page_id, at=at).items()}


def running(*, at: datetime) -> Q:
    """Return the condition on ``PolicyPage`` that somebody is asking about it now."""
    conditions = [provider.running(at=at) for provider in _providers]
    if not conditions:
        return Q(pk__in=[])
    either = conditions[0]
    for condition in conditions[1:]:
        either |= condition
    return either


def unplug(providers: Collection[Provider]) -> None:
    """Take sources out again (tests)."""
    _providers[:] = [provider for provider in _providers if provider not in providers]
