"""Reading the county's words from ``data/``."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone
from wagtail.models import Revision

from civic.people.models import Person
from civic.places.models import Place
from civic.policies.models import PolicyPage
from orgs.bodies.models import Organisation

DATA = Path(__file__).parent / "data"


@dataclass
class County:
    """What has been seeded so far, by the keys the data files use.

    ``today`` is midnight, local time, of the day the county is drawn for; the
    files count days from it.
    """

    at: datetime
    password: str
    places: dict[str, Place] = field(default_factory=dict)
    bodies: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    residents: set[str] = field(default_factory=set)
    policies: dict[str, PolicyPage] = field(default_factory=dict)
    revisions: dict[str, list[Revision]] = field(default_factory=dict)
    consultations: dict[str, Any] = field(default_factory=dict)
    contributions: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> datetime:
        """Midnight, local time."""
        return timezone.localtime(self.at).replace(hour=0, minute=0, second=0, microsecond=0)

    def day(self, days: float, hour: int = 0, minute: int = 0) -> datetime:
        """Return an hour of the day ``days`` from today, local time."""
        return self.today + timedelta(days=days, hours=hour, minutes=minute)

    def past(self, days_ago: float, hour: int = 9, minute: int = 0) -> datetime:
        """Return an hour of a day gone by, never later than the county's own instant."""
        return min(self.day(-days_ago, hour, minute), self.at - timedelta(minutes=3))


def read(name: str) -> list[dict[str, Any]]:
    """Return the rows of a data file."""
    rows: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return rows
