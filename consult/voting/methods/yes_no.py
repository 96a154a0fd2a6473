"""Yes, no or abstain: the question is carried when more say yes than no; equal numbers do not carry it."""

from consult.voting.methods.outcomes import Outcome, Stage
from consult.voting.methods.rules import BadRules, Rules
from consult.voting.methods.tallying import Ballots, counted, number_of, taken_apart


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Return ``yes`` or ``no`` as the winner; nobody draws lots over a question, so equal numbers mean no."""
    if not {"yes", "no"} <= set(rules.ids):
        raise BadRules("a question to say yes or no to has the options yes and no")
    said, blank = taken_apart(ballots, "choices")
    totals = counted(said, rules.ids)
    carried = totals["yes"] > totals["no"]
    valid = number_of(said)
    winners = (("yes",) if carried else ("no",)) if valid else ()
    return Outcome(
        method=rules.method,
        valid=valid,
        blank=blank,
        winners=winners,
        totals=totals,
        stages=(Stage(number=1, totals=totals, elected=winners),),
        extra={"equal": totals["yes"] == totals["no"]},
    )
