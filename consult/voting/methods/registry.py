"""Which module counts which method."""

from collections.abc import Callable

from consult.voting.methods import (
    approval,
    choose,
    equal_shares,
    greedy_minimum,
    greedy_skip,
    greedy_stop,
    irv,
    schulze,
    score,
    stv,
    yes_no,
)
from consult.voting.methods.outcomes import Outcome
from consult.voting.methods.rules import BadRules, Rules
from consult.voting.methods.tallying import Ballots

METHODS: dict[str, Callable[[Rules, Ballots, bytes | None], Outcome]] = {
    "yes-no": yes_no.count,
    "choose": choose.count,
    "approval": approval.count,
    "score": score.count,
    "irv": irv.count,
    "stv": stv.count,
    "schulze": schulze.count,
    "greedy-skip": greedy_skip.count,
    "greedy-stop": greedy_stop.count,
    "greedy-minimum": greedy_minimum.count,
    "equal-shares": equal_shares.count,
}


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Count canonical ballots, each with its number, by the method the rules name.

    Nothing depends on the order of ``ballots``. Ballots are taken as checked. Ties the method cannot
    settle go by lots drawn from ``seed``; without one, by the order of the options.
    """
    try:
        method = METHODS[rules.method]
    except KeyError:
        raise BadRules(f"no method is called {rules.method!r}") from None
    return method(rules, ballots, seed)
