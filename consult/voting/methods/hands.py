"""A show of hands: numbers out of a hall, without ballots, and whether they decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from consult.voting.methods.outcomes import Outcome, Stage
from consult.voting.methods.thresholds import Check, Verdict

#: What hands can be raised for: a question, one of several, or each of several in turn.
BY_HANDS = ("yes-no", "choose", "approval")
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Needs:
    """Who must have come for the meeting to decide; either of the two is enough.

    ``people`` is a share of those entitled, to be exceeded or (not ``strictly``) only reached; ``households`` a
    share of the households that must have sent somebody.
    """

    people: Fraction
    strictly: bool = True
    households: Fraction | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the needs as JSON values."""
        each = self.households
        return {
            "people": [self.people.numerator, self.people.denominator], "strictly": self.strictly,
            "households": None if each is None else [each.numerator, each.denominator],
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> Self | None:
        """Read what ``to_json`` wrote; None where nobody need have come."""
        if data is None:
            return None
        each = data["households"]
        return cls(Fraction(*data["people"]), data["strictly"], Fraction(*each) if each else None)


@dataclass(frozen=True)
class Hall:
    """How many came, of how many."""

    entitled: int
    present: int
    households: int | None = None
    households_present: int | None = None


def fewest(method: str, hands: Mapping[str, int]) -> int:
    """Return how many people at least raised these hands: each has one vote, under approval one for every choice."""
    return max(hands.values(), default=0) if method == "approval" else sum(hands.values())


def outcome(method: str, hands: Mapping[str, int], hall: Hall) -> Outcome:
    """Return what the hands say.  Only what more than half of those present raised their hand for wins.

    A question that does not get there is answered no; of two choices that get there alike none wins, because a
    meeting that can vote again draws no lots.
    """
    top = max(hands.values(), default=0)
    first = [key for key, number in hands.items() if number == top]
    if method == "yes-no":
        winners: tuple[str, ...] = ("yes",) if hands["yes"] > HALF * hall.present else ("no",)
    else:
        winners = (first[0],) if len(first) == 1 and top > HALF * hall.present else ()
    raised = fewest(method, hands)
    return Outcome(
        method=method,
        valid=raised,
        blank=hall.present - raised,
        winners=winners,
        totals=dict(hands),
        stages=(Stage(number=1, totals=dict(hands), elected=winners),),
        extra={"equal": len(first) > 1},
    )


def verdict(found: Outcome, hall: Hall, needs: Needs | None) -> Verdict:
    """Judge a show of hands: was the meeting large enough, and was there a majority of those present."""
    came = [] if needs is None else list(_came(hall, needs))
    question = found.method == "yes-no"
    have = int(found.totals["yes"]) if question else max((int(n) for n in found.totals.values()), default=0)
    carried = found.winners == ("yes",) if question else bool(found.winners)
    majority = Check("hands", have, hall.present, HALF, True, have > HALF * hall.present)
    return Verdict(binding=not came or any(check.reached for check in came), carried=carried, checks=(*came, majority))


def _came(hall: Hall, needs: Needs) -> tuple[Check, ...]:
    mark = needs.people * hall.entitled
    reached = hall.present > mark if needs.strictly else hall.present >= mark
    people = Check("present", hall.present, hall.entitled, needs.people, needs.strictly, reached)
    if needs.households is None or hall.households is None or hall.households_present is None:
        return (people,)
    reached = hall.households_present >= needs.households * hall.households
    return people, Check("households", hall.households_present, hall.households, needs.households, False, reached)
