"""When something may be sent: quiet hours and the hour of the daily mail, in the site's time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from civic.notify.models import Hours


@dataclass(frozen=True)
class Quiet:
    """Hours in which nothing is sent: from ``since`` up to, not including, ``until``; may pass midnight."""

    since: int
    until: int

    def contains(self, at: datetime) -> bool:
        """Tell whether an instant lies in the quiet hours."""
        hour = at.astimezone(timezone.get_default_timezone()).hour
        if self.since < self.until:
            return self.since <= hour < self.until
        return hour >= self.since or hour < self.until


@dataclass(frozen=True)
class Rhythm:
    """When one person is sent something."""

    quiet: Quiet | None
    digest_hour: int

    def send_after(self, at: datetime) -> datetime:
        """Return the first instant from ``at`` on that is not quiet."""
        if self.quiet is None or not self.quiet.contains(at):
            return at
        return _next(self.quiet.until, at)

    def next_digest(self, at: datetime) -> datetime:
        """Return when the next daily mail goes: the chosen hour, today if it is still to come."""
        return _next(self.digest_hour, at)


def default_rhythm() -> Rhythm:
    """Return the rhythm of those who chose none: ``QUIET_HOURS`` and ``DIGEST_HOUR`` of the settings."""
    hours: tuple[int, int] | None = settings.QUIET_HOURS
    return Rhythm(Quiet(*hours) if hours else None, settings.DIGEST_HOUR)


def rhythm_of(hours: Hours | None) -> Rhythm:
    """Return a person's own rhythm, or the default."""
    if hours is None:
        return default_rhythm()
    quiet = None
    if hours.quiet_from is not None and hours.quiet_until is not None:
        quiet = Quiet(hours.quiet_from, hours.quiet_until)
    return Rhythm(quiet, hours.digest_hour)


def _next(hour: int, at: datetime) -> datetime:
    zone = timezone.get_default_timezone()
    here = at.astimezone(zone)
    found = datetime.combine(here.date(), time(hour), zone)
    while found <= at:
        found = datetime.combine(found.date() + timedelta(days=1), time(hour), zone)
    return found.astimezone(at.tzinfo)
