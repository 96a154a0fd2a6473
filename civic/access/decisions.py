"""The answer to a question of access."""

from dataclasses import dataclass
from datetime import datetime

from civic.core.refusals import Reason


@dataclass(frozen=True)
class Decision:
    """Allowed or not, why not, and until when the answer holds (None: no known end).

    True in a boolean context when allowed.
    """

    allowed: bool
    reason: Reason | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        return self.allowed

    def __and__(self, other: "Decision") -> "Decision":
        """Combine two answers: the first refusal wins, otherwise the earlier end."""
        if not self.allowed:
            return self
        if not other.allowed:
            return other
        ends = [until for until in (self.until, other.until) if until is not None]
        return Decision(True, until=min(ends, default=None))


def yes(until: datetime | None = None) -> Decision:
    """Return an allowing decision."""
    return Decision(True, until=until)


def no(reason: Reason) -> Decision:
    """Return a refusing decision."""
    return Decision(False, reason)
