"""The rules of one poll as data: what may be put on a ballot and how the ballots are counted."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, Self

Majority = Literal["more-than", "at-least"]
Base = Literal["decided", "cast", "roll"]
WITH_MAJORITY = ("yes-no", "choose", "approval", "irv")


class BadRules(ValueError):
    """These rules cannot be counted by; the message says why."""


@dataclass(frozen=True)
class Option:
    """One choice. ``cost`` in whole money units for budgets; ``over_default`` is the ratio it needs over the default."""

    id: str
    cost: int | None = None
    over_default: Fraction | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the option as JSON values."""
        return {"id": self.id, "cost": self.cost, "over_default": _pair(self.over_default)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(id=data["id"], cost=data.get("cost"), over_default=_fraction(data.get("over_default")))


@dataclass(frozen=True)
class Rules:
    """Everything a count depends on besides the ballots and the seed of its lots.

    Counting: ``seats`` for stv, approval and choose; ``score_by`` mean or median, and ``scored_by``,
    the share of ballots that must have scored an option before it can win;
    ``budget``, ``max_projects`` (at most so many are funded), ``minimum_score`` (fewer votes
    or points: out) and ``raise_by`` (the step of equal shares, in money units) for budgets;
    ``default`` (the option that means "none of these") and ``default_quorum`` (so many ballots
    must rank an option above it) for schulze.
    Ballots: ``max_choices``, ``max_score``, ``ballot_within_budget``, and ``points``: budget ballots then do not
    name projects but give them points, so many in all.
    Thresholds, judged apart from the count: ``quorum`` (a share of the roll), ``quorum_count``,
    ``majority`` with what it is a share of and whether reaching it exactly is enough.
    """

    method: str
    options: tuple[Option, ...]
    seats: int = 1
    max_choices: int | None = None
    max_score: int = 5
    score_by: Literal["mean", "median"] = "mean"
    scored_by: Fraction = Fraction(1, 2)
    budget: int | None = None
    max_projects: int | None = None
    minimum_score: int | None = None
    raise_by: int = 1
    ballot_within_budget: bool = False
    points: int | None = None
    default: str | None = None
    default_quorum: Fraction | None = None
    quorum: Fraction | None = None
    quorum_count: int | None = None
    majority: Fraction | None = None
    majority_of: Base = "decided"
    majority_is: Majority = "more-than"
    ids: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what no count could follow."""
        object.__setattr__(self, "ids", tuple(option.id for option in self.options))
        if not self.options:
            raise BadRules("there is nothing to choose from")
        if len(set(self.ids)) != len(self.ids):
            raise BadRules("two options have the same id")
        if self.seats < 1:
            raise BadRules("at least one seat is to be filled")
        if self.raise_by < 1:
            raise BadRules("the step of equal shares is at least one unit of money")
        if self.default is not None and self.default not in self.ids:
            raise BadRules("the default option is none of the options")
        if self.majority is not None and self.method not in WITH_MAJORITY:
            raise BadRules(f"a majority has no meaning under {self.method}")
        if any(option.cost is not None and option.cost < 0 for option in self.options):
            raise BadRules("a cost is below zero")

    def to_json(self) -> dict[str, Any]:
        """Return every field as JSON values: what is frozen and hashed."""
        return {
            "method": self.method,
            "options": [option.to_json() for option in self.options],
            "seats": self.seats,
            "max_choices": self.max_choices,
            "max_score": self.max_score,
            "score_by": self.score_by,
            "scored_by": _pair(self.scored_by),
            "budget": self.budget,
            "max_projects": self.max_projects,
            "minimum_score": self.minimum_score,
            "raise_by": self.raise_by,
            "ballot_within_budget": self.ballot_within_budget,
            **({} if self.points is None else {"points": self.points}),
            "default": self.default,
            "default_quorum": _pair(self.default_quorum),
            "quorum": _pair(self.quorum),
            "quorum_count": self.quorum_count,
            "majority": _pair(self.majority),
            "majority_of": self.majority_of,
            "majority_is": self.majority_is,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote; a field that is missing has its default."""
        values = dict(data)
        values["options"] = tuple(Option.from_json(option) for option in values["options"])
        for name in ("scored_by", "default_quorum", "quorum", "majority"):
            if values.get(name) is not None:
                values[name] = Fraction(*values[name])
        return cls(**values)


def _pair(value: Fraction | None) -> list[int] | None:
    return None if value is None else [value.numerator, value.denominator]


def _fraction(pair: list[int] | None) -> Fraction | None:
    return None if pair is None else Fraction(*pair)
