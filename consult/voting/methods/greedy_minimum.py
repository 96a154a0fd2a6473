"""Most wanted first, but only projects that reach a minimum of votes or points; what does not fit is passed over."""

from consult.voting.methods.greedy import fill
from consult.voting.methods.outcomes import Outcome
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Fund what reached ``minimum_score``, passing over what does not fit."""
    return fill(rules, ballots, seed, minimum=rules.minimum_score or 0, stops=False)
