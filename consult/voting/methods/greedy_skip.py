"""Most wanted first; a project that no longer fits is passed over and a cheaper one may follow."""

from consult.voting.methods.greedy import fill
from consult.voting.methods.outcomes import Outcome
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Fund by votes or points, passing over what does not fit."""
    return fill(rules, ballots, seed, minimum=0, stops=False)
