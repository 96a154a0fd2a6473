"""People and what stands in their way."""

from datetime import datetime
from itertools import count
from typing import Any

from civic.people.models import Level, Person, Suspension
from civic.places.models import Place

_numbers = count(1)
PASSWORD = "a-long-test-password"


def a_person(*, level: int = Level.RESIDENT, residence: Place | None = None, email: str = "", **fields: Any) -> Person:
    """Return a verified resident with an e-mail address and ``PASSWORD``."""
    number = next(_numbers)
    return Person.objects.create_user(
        email=email or f"person{number}@test.example",
        password=PASSWORD,
        display_name=fields.pop("display_name", f"居民{number}"),
        level=level,
        residence=residence,
        **fields,
    )


def a_suspension(person: Person, *, starts_at: datetime, ends_at: datetime | None = None) -> Suspension:
    """Suspend a person."""
    return Suspension.objects.create(
        person=person, starts_at=starts_at, ends_at=ends_at, reason="重复张贴广告", imposed_by=None
    )
