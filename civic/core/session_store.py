"""Sessions as Django keeps them in the database, looked up only by keys that can be ours (``SESSION_ENGINE``)."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """A cookie may hold anything, a NUL written as an escape too; PostgreSQL takes no such text."""

    def _validate_session_key(self, key: Any) -> bool:
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]
