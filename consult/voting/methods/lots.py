"""Lots anyone can draw again: an order of the tied options made from a published seed."""

import hashlib
from collections.abc import Iterable, Sequence


class Lots:
    """Draws between options that nothing else can separate.

    The lot of an option is SHA-256(seed + "|" + stage + "|" + option id); the lowest comes first. The
    seed is published only after the last ballot is in, so nobody could aim at it. Without a seed, as
    for ballots of others read from a file, the order of the options stands for the lot that was drawn there.
    """

    def __init__(self, seed: bytes | None, options: Sequence[str]) -> None:
        self.seed = seed
        self.place = {option: place for place, option in enumerate(options)}
        self.by = "order" if seed is None else "lot"

    def order(self, stage: int, tied: Iterable[str]) -> list[str]:
        """Return the tied options as the lot puts them; the first one wins."""
        seed = self.seed
        if seed is None:
            return sorted(tied, key=self.place.__getitem__)
        return sorted(tied, key=lambda option: hashlib.sha256(seed + f"|{stage}|{option}".encode()).digest())
