"""Sessions as Django keeps them in the database, looked up only by keys that can be ours (``SESSION_ENGINE``)."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from civic.core.asking import Question

_LIVE: Question[Any] = Question(
    lambda key, at: SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=at),
    key=str, at=datetime,
)  # fmt: skip


class SessionStore(db.SessionStore):
    """A cookie may hold anything, a NUL written as an escape too; PostgreSQL takes no such text."""

    def _validate_session_key(self, key: Any) -> bool:
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]

    def _get_session_from_db(self) -> Any:
        # As Django's, by the clock it writes the end of a session by.
        found = _LIVE.one(key=self.session_key, at=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found
