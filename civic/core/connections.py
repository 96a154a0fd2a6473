"""Kept connections to PostgreSQL, looked at before they are used again without asking anything.

Django asks ``SELECT 1`` at the beginning of every request.  A server that is
gone has said so, or closed its end: then something waits in the socket, and
only then is there anything to ask.
"""

import select
from functools import partial
from types import MethodType
from typing import Any


def look_before_asking(connection: Any, **_signal: Any) -> None:
    """Have a new connection to PostgreSQL checked by a look at its socket first."""
    if connection.vendor == "postgresql" and "is_usable" not in vars(connection):
        connection.is_usable = partial(_is_usable, connection, MethodType(type(connection).is_usable, connection))


def _is_usable(connection: Any, ask: Any) -> bool:
    # After an error, and when the server has something to say, it is asked as ever.
    if connection.connection is None or connection.errors_occurred:
        return bool(ask())
    try:
        socket = connection.connection.fileno()
    except connection.Database.Error:  # closed on this side
        return False
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return bool(ask()) if waiting.poll(0) else True
