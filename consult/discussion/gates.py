"""The door through which ``consult.moderation`` lets new words wait before they are shown."""

from datetime import datetime
from typing import Protocol

from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution


class Gate(Protocol):
    """What may stand between writing and publishing."""

    def is_closed(self, person: Person, consultation: Consultation, *, at: datetime) -> bool:
        """Tell whether this person's new words wait here at an instant."""

    def keep(self, contribution: Contribution, *, at: datetime) -> None:
        """Take note of words that wait; runs in the transaction that wrote them."""


_gates: list[Gate] = []


def plug_in(gate: Gate) -> None:
    """Add a gate."""
    _gates.append(gate)


def closed_gate(person: Person, consultation: Consultation, *, at: datetime) -> Gate | None:
    """Return the gate at which this person's new words wait, or None when they are published at once."""
    return next((gate for gate in _gates if gate.is_closed(person, consultation, at=at)), None)
