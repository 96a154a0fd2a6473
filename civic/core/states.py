"""State machines as data: states, transitions, who, whether a note is needed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Transition:
    """One permitted move.

    ``action`` is the access action a person needs; ``entry`` the audit entry
    type it leaves; ``needs_note`` demands a written, public reason.
    """

    name: str
    sources: frozenset[str]
    target: str
    action: str
    entry: str
    needs_note: bool = False


@dataclass(frozen=True)
class Machine:
    """The states of one model's ``field`` and every permitted move between them."""

    name: str
    states: frozenset[str]
    transitions: tuple[Transition, ...]
    field: str = "state"

    def __post_init__(self) -> None:
        names = [t.name for t in self.transitions]
        if len(names) != len(set(names)):
            raise ValueError(f"{self.name}: two transitions share a name")
        for transition in self.transitions:
            if not (transition.sources | {transition.target}) <= self.states:
                raise ValueError(f"{self.name}: {transition.name} names an unknown state")

    def transition(self, name: str) -> Transition:
        """Return the transition called ``name``; ``KeyError`` when there is none."""
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise KeyError(f"{self.name} has no transition {name}")
