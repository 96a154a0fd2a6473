"""What a count returns: who won, by which stages, and how ties were decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Totals = Mapping[str, int | str]


@dataclass(frozen=True)
class Tie:
    """Options nothing separated at a stage: ``order`` puts the preferred first, ``by`` says what decided.

    ``about`` is ``elect``, ``exclude``, ``transfer`` or ``fund``. ``by`` is ``earlier-stage`` (then
    ``earlier`` is its number), ``lot`` or ``order`` (of a file that has no seed).
    """

    stage: int
    about: str
    between: tuple[str, ...]
    order: tuple[str, ...]
    by: str
    earlier: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the tie as JSON values."""
        return {
            "stage": self.stage,
            "about": self.about,
            "between": list(self.between),
            "order": list(self.order),
            "by": self.by,
            "earlier": self.earlier,
        }


@dataclass(frozen=True)
class Stage:
    """One step of a count: the totals it ends with, who it elected or excluded, and what a method adds in ``detail``."""

    number: int
    totals: Totals
    elected: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the stage as JSON values."""
        return {
            "number": self.number,
            "totals": dict(self.totals),
            "elected": list(self.elected),
            "excluded": list(self.excluded),
            "detail": dict(self.detail),
        }


@dataclass(frozen=True)
class Outcome:
    """The whole result of a count: the same ballots, rules and seed always give the same one.

    ``valid`` counts ballots that say something, ``blank`` those that do not; ``winners`` stand in
    order of election where there is one and sorted by id otherwise.
    """

    method: str
    valid: int
    blank: int
    winners: tuple[str, ...]
    totals: Totals
    stages: tuple[Stage, ...] = ()
    ties: tuple[Tie, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values: whole numbers, text, lists and objects, no floats."""
        return {
            "method": self.method,
            "valid": self.valid,
            "blank": self.blank,
            "winners": list(self.winners),
            "totals": dict(self.totals),
            "stages": [stage.to_json() for stage in self.stages],
            "ties": [tie.to_json() for tie in self.ties],
            "extra": dict(self.extra),
        }
