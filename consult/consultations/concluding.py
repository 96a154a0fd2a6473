"""The door through which other parts say that a consultation cannot be closed as answered yet."""

from collections.abc import Callable
from datetime import datetime

from civic.core.refusals import Reason
from consult.consultations.models import Consultation

Check = Callable[[Consultation, datetime], Reason | None]
_checks: list[Check] = []


def plug_in(check: Check) -> None:
    """Add something that must be over first: ``check(consultation, at)`` says what still stands in the way."""
    _checks.append(check)


def why_not_yet(consultation: Consultation, *, at: datetime) -> Reason | None:
    """Return the first thing that still stands in the way of closing, or None."""
    reasons = (check(consultation, at) for check in _checks)
    return next((reason for reason in reasons if reason is not None), None)
