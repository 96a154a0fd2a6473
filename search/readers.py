"""Who is asking: what a person's live powers open to them, as plain values an engine can match."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from civic.access.mandates import mandates_of
from civic.access.registry import rule_of
from civic.people.rules import is_person, standing
from search.documents import reading_actions


@dataclass(frozen=True, slots=True)
class Pass:
    """Opens documents whose audience is ``action`` and that lie where it reaches; nothing set: everywhere."""

    action: str
    place_path: str | None = None
    body_id: int | None = None
    matter_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who searches, at an instant.  Everybody finds what is public, passes open the rest."""

    at: datetime
    passes: frozenset[Pass] = frozenset()

    @classmethod
    def of(cls, person: Any, *, at: datetime) -> "Reader":
        """Return the reader that ``person`` (maybe anonymous) is, from their live mandates.

        A suspended person, and one below an action's level, reads like everybody else.
        """
        actions = reading_actions()
        if not actions or not is_person(person):
            return cls(at)
        held = [mandate for mandate in mandates_of(person, at=at) if mandate.action in actions]
        open_ = {
            action
            for action in {mandate.action for mandate in held}
            if standing(person, level=rule_of(action).level or 0, at=at) is None
        }
        return cls(
            at,
            frozenset(
                Pass(mandate.action, mandate.place_path, mandate.body_id, mandate.matter_id)
                for mandate in held
                if mandate.action in open_
            ),
        )
