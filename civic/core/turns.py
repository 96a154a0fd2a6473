"""One thing after another, none of which may hold up the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


def each(things: Iterable[T], deed: Callable[[T], int]) -> int:
    """Do the same to each thing and return the sum; the last error, if any, is raised when all have been tried."""
    done, failed = 0, None
    for thing in things:
        try:
            done += deed(thing)
        except Exception as error:
            name, number = getattr(deed, "__qualname__", type(deed).__name__), getattr(thing, "pk", thing)
            if not isinstance(number, int):
                number = getattr(thing, "__qualname__", type(thing).__name__)
            logger.exception("%s failed for %s", name, number)
            failed = error
    if failed is not None:
        raise failed
    return done
