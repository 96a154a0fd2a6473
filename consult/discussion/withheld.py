"""The door through which ``consult.moderation`` says why words are not shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consult.discussion.models import Contribution
from consult.discussion.states import State


@dataclass(frozen=True)
class Withheld:
    """Why words are held or hidden.

    Everybody may know ``rule`` (a house rule, where it stands in ``rules_url``)
    and ``at``.  The rest is set for their author alone: ``sentence``, what
    happens next (``status``), and the page of the decision, where it can be
    appealed (``url``, ``may_appeal``).
    """

    rule: str
    rules_url: str
    at: datetime
    sentence: str = ""
    status: str = ""
    url: str = ""
    may_appeal: bool = False


Provider = Callable[[Sequence[Contribution], Any, datetime], dict[int, Withheld]]
_providers: list[Provider] = []


def plug_in(provider: Provider) -> None:
    """Add the source of reasons."""
    _providers.append(provider)


def reasons(contributions: Sequence[Contribution], person: Any, *, at: datetime) -> dict[int, Withheld]:
    """Return why those of the contributions that are held or hidden are; asks nothing when all are shown."""
    gone = [each for each in contributions if each.state in {State.HELD, State.HIDDEN}]
    found: dict[int, Withheld] = {}
    for provide in _providers if gone else ():
        found |= provide(gone, person, at)
    return found
