"""How many ballots rank each option above each other one."""

from collections.abc import Sequence
from typing import Any

from consult.voting.methods.rules import BadRules

MOST_RANKS = 250


def table(said: Sequence[tuple[Any, int]], options: Sequence[str]) -> list[list[int]]:
    """Return rows of counts: ``[a][b]`` ballots rank option a above option b.

    Options of one group are equal; an option that is not ranked is below every ranked one and
    equal to the others that are not.
    """
    if len(options) > MOST_RANKS:
        raise BadRules(f"at most {MOST_RANKS} options can be compared in pairs")
    # Equal ballots come with their number. Its binary digits are taken one by one, each ballot being in the table of
    # those digits that are 1, so that a million equal ballots take no more room than one.
    rows = [[0] * len(options) for _option in options]
    digits = max((number.bit_length() for _groups, number in said), default=0)
    for digit in range(digits):
        once = _compared([groups for groups, number in said if number >> digit & 1], options)
        for row, counts in zip(rows, once, strict=True):
            for column, count in enumerate(counts):
                row[column] += count << digit
    return rows


def _compared(ballots: Sequence[Any], options: Sequence[str]) -> list[list[int]]:
    """Return the same rows for ballots that count once each."""
    # A column holds one byte for each ballot, the rank of its option. Columns become bit rows ("ranked at r",
    # "ranked at r or better"), so that one comparison of whole numbers compares all ballots at once.
    unranked = MOST_RANKS + 1
    columns = {option: bytearray([unranked]) * len(ballots) for option in options}
    for position, groups in enumerate(ballots):
        for rank, group in enumerate(groups, start=1):
            for option in group:
                columns[option][position] = rank
    ranks = {option: sorted(set(column) - {unranked}) for option, column in columns.items()}
    at = {option: {rank: _bits(columns[option], rank, rank) for rank in ranks[option]} for option in options}
    every = sorted({rank for found in ranks.values() for rank in found})
    rows = [[0] * len(options) for _option in options]
    for column, other in enumerate(options):
        upto = {rank: _bits(columns[other], 1, rank) for rank in every}
        for row, option in enumerate(options):
            if option != other:
                rows[row][column] = sum((bits & ~upto[rank]).bit_count() for rank, bits in at[option].items())
    return rows


def _bits(column: bytearray, lowest: int, highest: int) -> int:
    """Return a number with one bit for each ballot: set where the rank lies between the two."""
    if not column:
        return 0
    marks = bytes(ord("1") if lowest <= rank <= highest else ord("0") for rank in range(256))
    return int(column.translate(marks), 2)
