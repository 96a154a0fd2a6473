"""How long to wait before trying again."""

import random
from datetime import timedelta

JITTER = 0.2


def pause(attempts: int, *, first: float, factor: float, most: float) -> timedelta:
    """Return the pause after ``attempts`` failed tries: ``first`` seconds, each ``factor`` times longer, up to ``most``.

    A fifth more or less by chance, so that what failed together does not come back together.
    """
    seconds = min(first * factor ** max(attempts - 1, 0), most)
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))
