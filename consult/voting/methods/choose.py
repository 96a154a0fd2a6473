"""Choose one, or up to so many: who is named on most ballots wins."""

from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Outcome, Stage
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots, counted, first, number_of, taken_apart


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Return the ``seats`` options named most; a tie over the last seat is decided by lot."""
    said, blank = taken_apart(ballots, "choices")
    totals = counted(said, rules.ids)
    winners, ties = first(totals, rules.seats, Lots(seed, rules.ids)) if said else ((), ())
    return Outcome(
        method=rules.method,
        valid=number_of(said),
        blank=blank,
        winners=winners,
        totals=totals,
        stages=(Stage(number=1, totals=totals, elected=winners),),
        ties=ties,
    )
