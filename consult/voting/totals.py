"""What a ballot adds up to while it is filled in: money, ticks and points, used and left, in whole sentences.

The sentences have their numbers in braces: the page's program fills them in as the page says them here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from consult.voting.methods.ballots import BUDGETS
from consult.voting.methods.rules import Rules

MONEY, TICKS, POINTS = "money", "ticks", "points"


@dataclass(frozen=True)
class Part:
    """One thing that is used up: how much of it, ``other`` of it elsewhere than at the choice that is shown."""

    name: str
    used: int
    limit: int
    fits: str
    over: str
    other: int = 0

    @property
    def is_over(self) -> bool:
        """Whether more is used than there is."""
        return self.used > self.limit

    @property
    def said(self) -> str:
        """The sentence with its numbers as people read them."""
        numbers = {
            "used": self.used, "limit": self.limit, "left": self.limit - self.used, "over": self.used - self.limit,
        }  # fmt: skip
        sentence = self.over if self.is_over else self.fits
        for name, number in numbers.items():
            sentence = sentence.replace(f"{{{name}}}", f"{number:,}")
        return sentence


def of(rules: Rules, given: Mapping[str, int], here: str = "") -> list[Part]:
    """Return what these choices, each ticked or with its points, use up; ``here`` is the one the page shows alone."""
    rest = {key: number for key, number in given.items() if key != here} if here else {}
    if rules.method in BUDGETS and rules.points is not None:
        fits = _("{used} of {limit} points given, {left} left.")
        over = _("{used} points given of {limit}: take {over} away.")
        return [Part(POINTS, sum(given.values()), rules.points, fits, over, sum(rest.values()))]
    parts = []
    if rules.method in BUDGETS and rules.budget is not None:
        costs = {option.id: option.cost or 0 for option in rules.options}
        over = (
            _("{used} yuan of {limit}: {over} too much, take something away.")
            if rules.ballot_within_budget
            else _("{used} yuan: more than the {limit} there are. You may tick more than there is money for.")
        )
        parts.append(
            Part(
                MONEY, _sum(costs, given), rules.budget, _("{used} of {limit} yuan used, {left} left."), over,
                _sum(costs, rest),
            )
        )  # fmt: skip
    if rules.max_choices is not None and rules.max_choices > 1:
        fits = _("{used} of at most {limit} ticked, {left} left.")
        over = _("{used} ticked, at most {limit} allowed: take {over} away.")
        parts.append(Part(TICKS, len(given), rules.max_choices, fits, over, len(rest)))
    elif rules.method in BUDGETS and rules.max_projects is not None:
        fits = _("{used} ticked; at most {limit} are funded.")
        over = _("{used} ticked: more than the {limit} that are funded. You may tick more.")
        parts.append(Part(TICKS, len(given), rules.max_projects, fits, over, len(rest)))
    return parts


def _sum(costs: Mapping[str, int], given: Mapping[str, int]) -> int:
    return sum(costs.get(key, 0) for key in given)
