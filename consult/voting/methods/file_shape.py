"""What every reader of files returns."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from consult.voting.methods.ballots import BUDGETS
from consult.voting.methods.rules import Option

FITTING: dict[str, tuple[str, ...]] = {
    "rankings": ("irv", "stv", "schulze"),
    "choices": ("approval",),
    "budget": ("approval", *BUDGETS),
    "points": BUDGETS,
}


class WrongFile(ValueError):
    """A file that cannot be understood; the message says where and why, in one line."""


@dataclass(frozen=True)
class Election:
    """Options, ballots by their canonical content, and what the file says about the rules.

    Money is in whole parts of a unit, ``scale`` of them to one.
    """

    kind: Literal["rankings", "choices", "budget", "points"]
    options: tuple[Option, ...]
    ballots: Counter[bytes] = field(repr=False)
    title: str = ""
    seats: int = 1
    budget: int | None = None
    scale: int = 1
    minimum_score: int | None = None


def unique(names: list[str]) -> list[str]:
    """Return the names with a number behind those that were there before."""
    taken: set[str] = set()
    result = []
    for name in names:
        number, new = 1, name
        while new in taken:
            number += 1
            new = f"{name} ({number})"
        taken.add(new)
        result.append(new)
    return result
