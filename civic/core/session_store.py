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


def now() -> datetime:
    """Return the instant by the clock the ends of sessions are written by."""
    return timezone.now()


class SessionStore(db.SessionStore):
    """A cookie may hold anything, a NUL written as an escape too; PostgreSQL takes no such text."""

    @property
    def is_read(self) -> bool:
        """Whether what the session holds was looked up in this request."""
        return hasattr(self, "_session_cache")

    def go_on_with(self, data: dict[str, Any]) -> None:
        """Take what was read of this session together with something else, as if it had been looked up here."""
        self.accessed, self._session_cache = True, data

    def _validate_session_key(self, key: Any) -> bool:
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]

    def _get_session_from_db(self) -> Any:
        found = _LIVE.one(key=self.session_key, at=now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found
