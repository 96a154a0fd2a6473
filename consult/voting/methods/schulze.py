"""Condorcet: every two options are compared; the Schulze rule settles circles by the strength of the best path.

The strength of a victory is how many ballots stand behind it, and of two equal ones that with fewer against it. With a
default option ("none of the above") the options that too few prefer to it are dropped first, as Debian's constitution
(A.5) does.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Outcome, Stage, Tie
from consult.voting.methods.pairwise import table
from consult.voting.methods.rules import Option, Rules
from consult.voting.methods.tallying import Ballots, number_of, taken_apart

Strength = tuple[int, int]  # ballots for, and ballots against counted below zero
NONE: Strength = (0, 0)


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Return the winner with the pairwise table, the strongest paths, the checks and the whole order.

    ``extra``: ``options`` (their order in the tables), ``pairwise``, ``paths`` (``[for, against]`` of the strongest
    path), ``order`` (groups nothing separates, best first), with a default option ``quorum``, ``majority``, ``dropped``.
    """
    said, blank = taken_apart(ballots, "ranking")
    pairs = table(said, rules.ids)
    places = {option: place for place, option in enumerate(rules.ids)}
    extra: dict[str, Any] = {
        "options": list(rules.ids),
        "pairwise": [[None if a == b else pairs[a][b] for b in range(len(pairs))] for a in range(len(pairs))],
    }
    dropped: set[str] = set()
    if rules.default is not None:
        checks = [_checked(rules, option, pairs, places) for option in rules.options if option.id != rules.default]
        extra["quorum"] = [check["quorum"] for check in checks]
        extra["majority"] = [check["majority"] for check in checks]
        dropped = {
            check["option"] for check in checks if not (check["quorum"]["reached"] and check["majority"]["reached"])
        }
        extra["dropped"] = [option for option in rules.ids if option in dropped]
    running = [option for option in rules.ids if option not in dropped]
    paths = _strongest_paths(running, pairs, places)
    order = _ordered(running, paths)
    extra["paths"] = {
        option: {other: [paths[option][other][0], -paths[option][other][1]] for other in running if other != option}
        for option in running
    }
    extra["order"] = order
    winners: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()
    if said:
        best = order[0]
        lots = Lots(seed, rules.ids)
        drawn = lots.order(1, best)
        winners = (drawn[0],)
        if len(best) > 1:
            ties = (Tie(stage=1, about="elect", between=tuple(best), order=tuple(drawn), by=lots.by),)
    victories = {
        option: sum(pairs[places[option]][places[other]] > pairs[places[other]][places[option]] for other in rules.ids)
        for option in rules.ids
    }
    return Outcome(
        method=rules.method,
        valid=number_of(said),
        blank=blank,
        winners=winners,
        totals=victories,
        stages=(Stage(number=1, totals=victories, elected=winners, excluded=tuple(extra.get("dropped", ()))),),
        ties=ties,
        extra=extra,
    )


def _checked(rules: Rules, option: Option, pairs: list[list[int]], places: dict[str, int]) -> dict[str, Any]:
    """Return how an option stands against the default: enough ballots, and the ratio it needs."""
    here, default = places[option.id], places[rules.default or ""]
    over, under = pairs[here][default], pairs[default][here]
    needed = rules.default_quorum
    ratio = option.over_default or Fraction(1)
    return {
        "option": option.id,
        "quorum": {
            "option": option.id,
            "over_default": over,
            "needed": None if needed is None else [needed.numerator, needed.denominator],
            "reached": needed is None or over >= needed,
        },
        "majority": {
            "option": option.id,
            "over_default": over,
            "under_default": under,
            "ratio": [ratio.numerator, ratio.denominator],
            "reached": over > under and over >= ratio * under,
        },
    }


def _strongest_paths(
    running: Sequence[str], pairs: list[list[int]], places: dict[str, int]
) -> dict[str, dict[str, Strength]]:
    """Return for every two options the strongest path: a chain of victories is as strong as its weakest."""
    paths: dict[str, dict[str, Strength]] = {}
    for option in running:
        paths[option] = {}
        for other in running:
            won, lost = pairs[places[option]][places[other]], pairs[places[other]][places[option]]
            paths[option][other] = (won, -lost) if won > lost else NONE
    for middle in running:
        onward = paths[middle]
        for option in running:
            reach = paths[option][middle]
            if option == middle or reach == NONE:
                continue
            row = paths[option]
            for other in running:
                if other not in (option, middle):
                    weaker = min(reach, onward[other]) if onward[other] != NONE else NONE
                    if weaker != NONE and (row[other] == NONE or weaker > row[other]):
                        row[other] = weaker
    return paths


def _ordered(running: Sequence[str], paths: dict[str, dict[str, Strength]]) -> list[list[str]]:
    """Return the options best first, in groups that nothing separates."""

    def beaten(option: str, among: Sequence[str]) -> bool:
        return any(_stronger(paths[other][option], paths[option][other]) for other in among if other != option)

    left = list(running)
    order = []
    while left:
        best = [option for option in left if not beaten(option, left)]
        order.append(best)
        left = [option for option in left if option not in best]
    return order


def _stronger(one: Strength, other: Strength) -> bool:
    if one == NONE:
        return False
    return other == NONE or one > other
