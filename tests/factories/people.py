"""People and what stands in their way."""

from datetime import datetime
from itertools import count
from typing import Any

from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as METHODS_OF
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS
from django.test import Client

from civic.people.models import Level, Person, Suspension
from civic.places.models import Place

_numbers = count(1)
PASSWORD = "a-long-test-password"
# Tests live at any instant; a factor shown in the year 2100 is fresh in all of them.
SHOWN_AT = 4_102_444_800.0


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


def show_factor(client: Client, person: Person, *, at: float = SHOWN_AT) -> None:
    """Let the session of a test's browser have shown the person's second factor."""
    session = client.session
    session[METHODS] = [{"method": "mfa", "type": "totp", "at": at}]
    session[METHODS_OF] = str(person.pk)
    session.save()


def without_factor(client: Client) -> Client:
    """Return the browser with a session that has not shown a second factor."""
    session = client.session
    session.pop(METHODS, None)
    session.save()
    return client
