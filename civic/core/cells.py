"""Small numbers: nobody may be singled out by where they live."""

from collections.abc import Mapping
from dataclasses import dataclass

SMALLEST = 5


@dataclass(frozen=True)
class Cells:
    """A breakdown that is safe to print: ``shown`` by name, and ``merged`` names under one number.

    The merged number covers at least two names and ``SMALLEST`` people, so the
    total minus what is shown says nothing about one place.  When that cannot be
    had, nothing is shown: only the total may be printed.
    """

    shown: dict[str, int]
    merged: tuple[str, ...] = ()
    merged_count: int = 0


def safe(counts: Mapping[str, int]) -> Cells:
    """Merge cells below ``SMALLEST`` with each other and, where that is not enough, with the next larger ones."""
    rest = sorted(((count, name) for name, count in counts.items() if count > 0), reverse=True)
    merged: list[str] = []
    total = 0
    while rest and (rest[-1][0] < SMALLEST or (merged and (total < SMALLEST or len(merged) < 2))):
        count, name = rest.pop()
        merged.append(name)
        total += count
    if merged and (total < SMALLEST or len(merged) < 2):
        return Cells({})
    return Cells({name: count for count, name in rest}, tuple(sorted(merged)), total)
