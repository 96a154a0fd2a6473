"""What another rule would have given from the same ballots.

Only rules these ballots can honestly be counted by: a ranking says who comes first and who before whom, but not how much
is enough; names without an order say nothing about second choices.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from consult.voting.methods.ballots import BUDGETS, canonical, read
from consult.voting.methods.outcomes import Outcome
from consult.voting.methods.registry import count
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots, strict

RANKED = ("irv", "schulze")


@dataclass(frozen=True)
class Otherwise:
    """What one other rule would have given."""

    method: str
    outcome: Outcome
    same: bool

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return {"method": self.method, "winners": list(self.outcome.winners), "same": self.same}


def otherwise(rules: Rules, outcome: Outcome, ballots: Ballots, seed: bytes | None = None) -> tuple[Otherwise, ...]:
    """Return what the other rules give that fit these ballots, with the same seed; none where no other fits.

    Ranked, one seat: first choices only (``choose``), ``irv`` and ``schulze``. Ranked, more seats: first choices only.
    Budgets: the other budget rules. Score: the other of mean and median (named ``score-mean``, ``score-median``).
    """
    others: dict[str, tuple[Rules, Ballots]] = {}
    if rules.method in ("irv", "schulze", "stv"):
        others["choose"] = (replace(_plain(rules), method="choose", max_choices=None), _first_choices(ballots))
        if rules.seats == 1:
            others |= {method: (replace(_plain(rules), method=method), ballots) for method in RANKED}
    elif rules.method in BUDGETS:
        others |= {
            method: (replace(rules, method=method), ballots)
            for method in BUDGETS
            if method != "greedy-minimum" or rules.minimum_score
        }
    elif rules.method == "score":
        for score_by in ("mean", "median"):
            others[f"score-{score_by}"] = (replace(rules, score_by=score_by), ballots)
    own = f"score-{rules.score_by}" if rules.method == "score" else rules.method
    found = []
    for name, (other, counted) in others.items():
        if name != own:
            result = count(other, counted, seed)
            found.append(Otherwise(name, result, set(result.winners) == set(outcome.winners)))
    return tuple(found)


def _plain(rules: Rules) -> Rules:
    """Return the rules without a default option and what is judged apart from the count: their own method knows those."""
    return replace(rules, default=None, default_quorum=None, majority=None)


def _first_choices(ballots: Ballots) -> Mapping[bytes, int]:
    firsts: dict[bytes, int] = {}
    for ballot, number in ballots.items():
        chosen = canonical({"choices": list(strict(read(ballot)["ranking"])[:1])})
        firsts[chosen] = firsts.get(chosen, 0) + number
    return firsts
