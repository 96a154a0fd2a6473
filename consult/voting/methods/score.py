"""Score: everybody gives points; mean and median are shown side by side and one of them decides."""

from fractions import Fraction
from typing import Any

from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Outcome, Stage
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots, counted, first, number_of, taken_apart


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Return the option with the highest mean or median of those who scored it.

    No score is no opinion, not a zero. So that one admirer cannot elect what nobody else knows, only options
    scored on at least ``scored_by`` of the valid ballots can win; when there are none, all can.
    """
    said, blank = taken_apart(ballots, "scores")
    valid = number_of(said)
    tables = {option: _table(said, option) for option in rules.ids}
    numbers = {option: sum(table.values()) for option, table in tables.items()}
    means = {
        option: Fraction(sum(s * n for s, n in table.items()), numbers[option])
        for option, table in tables.items()
        if table
    }
    medians = {option: _median(table) for option, table in tables.items() if table}
    decisive = medians if rules.score_by == "median" else means
    known = {option for option in decisive if numbers[option] >= rules.scored_by * valid}
    running = {option: value for option, value in decisive.items() if option in known or not known}
    winners, ties = first(running, rules.seats, Lots(seed, rules.ids)) if running else ((), ())
    totals = counted(said, rules.ids)
    extra: dict[str, Any] = {
        "scored": numbers,
        "mean": {option: [value.numerator, value.denominator] for option, value in means.items()},
        "median": {option: [value.numerator, value.denominator] for option, value in medians.items()},
        "scores": {option: {str(s): n for s, n in sorted(table.items())} for option, table in tables.items()},
        "too_few": sorted(set(decisive) - set(running)),
    }
    return Outcome(
        method=rules.method,
        valid=valid,
        blank=blank,
        winners=winners,
        totals=totals,
        stages=(Stage(number=1, totals=totals, elected=winners),),
        ties=ties,
        extra=extra,
    )


def _table(said: list[tuple[dict[str, int], int]], option: str) -> dict[int, int]:
    table: dict[int, int] = {}
    for scores, number in said:
        if option in scores:
            table[scores[option]] = table.get(scores[option], 0) + number
    return table


def _median(table: dict[int, int]) -> Fraction:
    """Return the middle score; of an even number, the mean of the two in the middle."""
    size = sum(table.values())
    middle = [_score_at(table, (size - 1) // 2), _score_at(table, size // 2)]
    return Fraction(sum(middle), 2)


def _score_at(table: dict[int, int], place: int) -> int:
    passed = 0
    for score in sorted(table):
        passed += table[score]
        if passed > place:
            return score
    raise AssertionError(place)
