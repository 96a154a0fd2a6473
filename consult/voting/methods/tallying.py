"""What several methods share: taking ballots apart, adding up, and choosing the first of a row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from consult.voting.methods.ballots import read
from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Tie

Ballots = Mapping[bytes, int]
Number = int | Fraction


def taken_apart(ballots: Ballots, *keys: str) -> tuple[list[tuple[Any, int]], int]:
    """Return each distinct content under one of ``keys`` with its number of ballots, and how many say nothing.

    A list comes back as a tuple, a list of lists as a tuple of tuples.
    """
    said: list[tuple[Any, int]] = []
    blank = 0
    for ballot, number in ballots.items():
        content = read(ballot)
        (value,) = (content[key] for key in keys if key in content)
        if value:
            said.append((_frozen(value), number))
        else:
            blank += number
    return said, blank


def _frozen(value: Any) -> Any:
    """Return lists as tuples, which the collector of garbage need not look at again and again."""
    if isinstance(value, dict):
        return value
    if isinstance(value[0], list):
        return tuple(map(tuple, value))
    return tuple(value)


def counted(said: Iterable[tuple[Any, int]], options: Sequence[str]) -> dict[str, int]:
    """Return how many ballots name each option, or the points they give it."""
    totals = dict.fromkeys(options, 0)
    for value, number in said:
        if isinstance(value, dict):
            for option, points in value.items():
                totals[option] += points * number
        else:
            for option in value:
                totals[option] += number
    return totals


def number_of(said: Iterable[tuple[Any, int]]) -> int:
    """Return how many ballots these are."""
    return sum(number for _value, number in said)


def first(
    totals: Mapping[str, Number], seats: int, lots: Lots, *, stage: int = 1
) -> tuple[tuple[str, ...], tuple[Tie, ...]]:
    """Return the ``seats`` options with the most, highest first, and the tie that decided the last seat."""
    ranked = sorted(totals, key=lambda option: (-totals[option], lots.place[option]))
    if len(ranked) <= seats:
        return tuple(ranked), ()
    edge = totals[ranked[seats - 1]]
    if totals[ranked[seats]] != edge:
        return tuple(ranked[:seats]), ()
    tied = [option for option in ranked if totals[option] == edge]
    above = [option for option in ranked if totals[option] > edge]
    order = lots.order(stage, tied)
    tie = Tie(stage=stage, about="elect", between=tuple(tied), order=tuple(order), by=lots.by)
    return tuple(above + order[: seats - len(above)]), (tie,)


def separated(
    tied: Sequence[str],
    history: Sequence[Mapping[str, int]],
    lots: Lots,
    *,
    about: str,
    choose: Callable[..., int],
) -> tuple[str, Tie]:
    """Return which of the tied it falls on, looking at earlier stages first, the latest unequal one, then by lot.

    ``history`` holds the totals of every stage so far, the present one last; ``choose`` is ``max``
    to find the one that comes first and ``min`` to find the one that goes.
    """
    left = list(tied)
    earlier = None
    for number in range(len(history) - 1, 0, -1):
        totals = history[number - 1]
        best = choose(totals[option] for option in left)
        kept = [option for option in left if totals[option] == best]
        if len(kept) < len(left):
            earlier, left = number, kept
        if len(left) == 1:
            break
    by = "earlier-stage"
    if len(left) > 1:
        order = lots.order(len(history), left)
        by = lots.by
        left = [order[0] if choose is max else order[-1]]
    fallen = left[0]
    others = [option for option in tied if option != fallen]
    order = [fallen, *others] if choose is max else [*others, fallen]
    tie = Tie(stage=len(history), about=about, between=tuple(tied), order=tuple(order), by=by, earlier=earlier)
    return fallen, tie


def strict(groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return a ranking as far as it is one: it ends where two options are ranked alike."""
    ranking = []
    for group in groups:
        if len(group) != 1:
            break
        ranking.append(group[0])
    return tuple(ranking)


def rankings(ballots: Ballots) -> tuple[list[tuple[tuple[str, ...], int]], int]:
    """Return the distinct strict rankings with their numbers, and how many ballots rank nobody."""
    blank = 0
    ranked: dict[tuple[str, ...], int] = {}
    for ballot, number in ballots.items():
        ranking = strict(read(ballot)["ranking"])
        if ranking:
            ranked[ranking] = ranked.get(ranking, 0) + number
        else:
            blank += number
    return list(ranked.items()), blank
