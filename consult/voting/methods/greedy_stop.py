"""Most wanted first; the first project that no longer fits ends the list."""

from consult.voting.methods.greedy import fill
from consult.voting.methods.outcomes import Outcome
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Fund by votes or points until one does not fit."""
    return fill(rules, ballots, seed, minimum=0, stops=True)
