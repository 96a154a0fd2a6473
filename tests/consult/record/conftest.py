from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from civic.audit import sealing
from civic.core import clock
from civic.people.models import Person
from orgs.bodies.models import Membership, Organisation
from tests.consult.conftest import AT, DAY, County, person
from tests.factories.bodies import a_grant


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The instant at which every request of these tests happens."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    return AT


@pytest.fixture
def open_as() -> Callable[..., Client]:
    """Return somebody's browser."""

    def make(who: Person | None = None) -> Client:
        client = Client(headers={"accept-language": "en"})
        if who is not None:
            client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def auditor(county: County) -> Person:
    """A member of the county office who may read the whole record."""
    office = Organisation.objects.create(
        slug="county-office", kind="department", name="县政府办", name_en="County Office", place=county.place
    )
    made = person("auditor", county.here, level=3, display_name="秦伯安")
    Membership.objects.create(body=office, person=made, role="member", starts_at=AT - 100 * DAY)
    a_grant("civic:record:read", to=made, at=AT)
    return made


@pytest.fixture
def clerk(county: County) -> Person:
    """Verifies residents of one township, for the bureau."""
    made = person("clerk", county.here, level=3)
    Membership.objects.create(body=county.bureau, person=made, role="handler", starts_at=AT - 100 * DAY)
    a_grant("civic:person:verify", to=made, place=county.here, at=AT)
    return made


@pytest.fixture
def sealed() -> Callable[[], Any]:
    """Seal what waits."""
    return lambda: sealing.seal_waiting(at=AT)
