"""Two who wait for each other's rows: the database ends one of them, whole (docs/decisions/0007-locks-in-one-order.md)."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

TIMES = 5
#: Deadlock and failed serialization of PostgreSQL, and SQLite's writer who came second.
_STATES = frozenset({"40P01", "40001"})
_BUSY = 5


def collided(error: BaseException) -> bool:
    """Tell whether the database ended a transaction for another one's sake: nothing of it is left, and again it may do."""
    cause = error.__cause__
    if not isinstance(error, OperationalError) or cause is None:
        return False
    return getattr(cause, "sqlstate", None) in _STATES or getattr(cause, "sqlite_errorcode", 0) & 0xFF == _BUSY


def again_if_collided(act: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Have one transaction done again, a few times, when the database ended it for another one's sake.

    For what nobody waits for at a screen.  Inside a caller's transaction it is done once: that one is over, too.
    """

    @wraps(act)
    def done(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        for _time in range(TIMES - 1):
            try:
                return act(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or not collided(error):
                    raise
        return act(*args, **kwargs)

    return done
