"""Whether a count decides: turnout and majority, judged apart from the method that counted."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from consult.voting.methods.outcomes import Outcome
from consult.voting.methods.rules import Rules


@dataclass(frozen=True)
class Check:
    """One number against what it must reach: ``have`` of ``base``, and ``needed`` of it."""

    name: str
    have: int
    base: int
    needed: Fraction
    strictly: bool
    reached: bool

    def to_json(self) -> dict[str, Any]:
        """Return the check as JSON values."""
        return {
            "name": self.name,
            "have": self.have,
            "base": self.base,
            "needed": [self.needed.numerator, self.needed.denominator],
            "strictly": self.strictly,
            "reached": self.reached,
        }


@dataclass(frozen=True)
class Verdict:
    """What the poll may claim.

    ``binding`` is false when too few took part: the result is then advisory only. ``carried`` says whether the winner also
    has the majority the rules ask for; it is ``None`` when they ask for none.
    """

    binding: bool
    carried: bool | None
    checks: tuple[Check, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {
            "binding": self.binding,
            "carried": self.carried,
            "checks": [check.to_json() for check in self.checks],
        }


def verdict(rules: Rules, outcome: Outcome, roll_size: int) -> Verdict:
    """Judge an outcome by the thresholds of its poll.

    Taking part is casting any ballot, a blank one too. A quorum is reached by as many as it asks for; a majority by more
    than its share, or by exactly it where the rules say ``at-least``. Its base is the ballots that decided
    (without blank ones, in a yes/no question without abstentions), all cast, or the whole roll.
    """
    cast = outcome.valid + outcome.blank
    turnout = []
    if rules.quorum is not None:
        turnout.append(Check("quorum", cast, roll_size, rules.quorum, False, cast >= rules.quorum * roll_size))
    if rules.quorum_count is not None:
        needed = Fraction(rules.quorum_count)
        turnout.append(Check("quorum-count", cast, roll_size, needed, False, cast >= needed))
    checks = list(turnout)
    carried = None
    if rules.majority is not None:
        have = _behind(rules, outcome)
        base = {"decided": _decided(rules, outcome), "cast": cast, "roll": roll_size}[rules.majority_of]
        strictly = rules.majority_is == "more-than"
        mark = rules.majority * base
        carried = base > 0 and (have > mark if strictly else have >= mark)
        checks.append(Check("majority", have, base, rules.majority, strictly, carried))
    elif rules.method == "yes-no":
        carried = outcome.winners == ("yes",)
    if rules.method == "yes-no" and outcome.winners != ("yes",):
        carried = False
    return Verdict(binding=all(check.reached for check in turnout), carried=carried, checks=tuple(checks))


def _behind(rules: Rules, outcome: Outcome) -> int:
    """Return how many ballots stand behind the winner, in a question behind yes."""
    if rules.method == "yes-no":
        return int(outcome.totals["yes"])
    if not outcome.winners:
        return 0
    winner = outcome.winners[0]
    if rules.method == "irv":
        return int(outcome.stages[-1].totals[winner])
    return int(outcome.totals[winner])


def _decided(rules: Rules, outcome: Outcome) -> int:
    if rules.method == "yes-no":
        return int(outcome.totals["yes"]) + int(outcome.totals["no"])
    return outcome.valid
