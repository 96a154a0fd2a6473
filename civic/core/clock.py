"""The only place that reads the clock, and windows of time.

Every request carries one instant, ``request.at``; everything below views takes
it as an argument, so that one request never sees two times and a test can set
any.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return timezone.now()


@dataclass(frozen=True, order=True)
class Window:
    """A half-open stretch of time: ``opens_at`` belongs to it, ``closes_at`` does not.

    ``closes_at`` of None means "until further notice".  Raises ``ValueError``
    when it would end before it starts.
    """

    opens_at: datetime
    closes_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.closes_at is not None and self.closes_at <= self.opens_at:
            raise ValueError("A window closes after it opens.")

    def is_before(self, at: datetime) -> bool:
        """Tell whether the window has not opened yet at ``at``."""
        return at < self.opens_at

    def contains(self, at: datetime) -> bool:
        """Tell whether ``at`` lies inside the window."""
        return self.opens_at <= at and (self.closes_at is None or at < self.closes_at)

    def is_over(self, at: datetime) -> bool:
        """Tell whether the window has closed at ``at``."""
        return self.closes_at is not None and at >= self.closes_at

    def overlaps(self, other: "Window") -> bool:
        """Tell whether the two windows share an instant."""
        starts_in_time = other.closes_at is None or self.opens_at < other.closes_at
        return starts_in_time and (self.closes_at is None or other.opens_at < self.closes_at)


class RequestTimeMiddleware:
    """Set ``request.at``, the one instant this request happens at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at = now()  # type: ignore[attr-defined]  # declared for views in civic.core.http
        return self.get_response(request)
