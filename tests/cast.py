"""The fixed cast: who is who in every test of access.

Everybody lives in the county ``here`` and its district unless said otherwise.
The powers of an office are those the actions declare with ``mandate=True``;
who holds which is written down in ``OFFICES``, so that the access matrix, the
journeys and the rules speak about the same people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from civic.access.registry import all_rules
from civic.core.clock import Window
from civic.people.models import Person
from civic.places.models import Place
from orgs.bodies.models import Membership, Organisation
from tests.factories.bodies import a_body, a_member, some_grants
from tests.factories.people import a_person, a_suspension
from tests.factories.places import a_place


@dataclass(frozen=True)
class County:
    """The ground the cast stands on."""

    county: Place
    district: Place
    other_district: Place
    department: Organisation


@pytest.fixture
def here(db: None) -> County:
    """A county with two districts and its transport bureau."""
    return a_county()


def a_county() -> County:
    """Return a county with two districts and its transport bureau."""
    county = a_place(name="云澜县")
    return County(
        county=county,
        district=a_place(inside=county, name="城关镇"),
        other_district=a_place(inside=county, name="石桥镇"),
        department=a_body(place=county, name="云澜县交通运输局", name_en="Yunlan Transport Bureau"),
    )


@pytest.fixture
def anonymous() -> AnonymousUser:
    """A visitor who has not signed in."""
    return AnonymousUser()


@pytest.fixture
def resident(here: County) -> Person:
    """A verified resident of the district."""
    return a_person(residence=here.district)


@pytest.fixture
def resident_elsewhere(here: County) -> Person:
    """A verified resident of the other district."""
    return a_person(residence=here.other_district)


@pytest.fixture
def newcomer(here: County) -> Person:
    """An account nobody has verified: no code entered, no residence shown."""
    return a_person(level=0)


@pytest.fixture
def powers() -> "Powers":
    """The actions of each office; see ``Powers``."""
    return Powers()


class Powers:
    """Which actions with a mandate belong to which office, by what they are called."""

    def of(self, office: str) -> list[str]:
        """Return every declared action an office of this kind holds."""
        return [rule.action for rule in all_rules() if rule.mandate and _belongs(rule.action, office)]


def _belongs(action: str, office: str) -> bool:
    approves = "approve" in action or action in {"civic:policy:publish", "consult:reply:publish"}
    if office == "administrator":
        return True
    if office == "approver":
        return approves
    if office == "editor":
        return ":policy:" in action and not approves
    if office == "moderator":
        return ":moderation:" in action or "moderate" in action or "hide" in action
    if office == "official":
        return action.startswith("consult:") and not approves and not _belongs(action, "moderator")
    raise LookupError(office)


@pytest.fixture
def staff(here: County, at: datetime) -> Callable[..., Person]:
    """Make a member of the bureau holding an office's powers over the county: ``staff("official", role)``.

    ``place`` or ``over`` (the matters of a body) puts the powers elsewhere.
    """
    return recruiting(here, at)


def recruiting(here: County, at: datetime) -> Callable[..., Person]:
    """Return what makes members of the bureau of ``here``; see ``staff``."""
    powers = Powers()

    def make(
        office: str, role: str, window: Window | None = None, body: Organisation | None = None, **reach: Any
    ) -> Person:
        person = a_person(level=3, residence=here.district)
        a_member(body or reach.get("over") or here.department, person, role=role, at=at)
        some_grants(powers.of(office), to=person, at=at, window=window, **(reach or {"place": here.county}))
        return person

    return make


@pytest.fixture
def official(staff: Callable[..., Person]) -> Person:
    """Handles the bureau's consultations: opens them and writes answers."""
    return staff("official", Membership.Role.HANDLER)


@pytest.fixture
def approver(staff: Callable[..., Person]) -> Person:
    """Approves what a colleague of the same bureau wrote."""
    return staff("approver", Membership.Role.APPROVER)


@pytest.fixture
def editor(staff: Callable[..., Person]) -> Person:
    """Writes and revises policies."""
    return staff("editor", Membership.Role.EDITOR)


@pytest.fixture
def county_office(here: County) -> Organisation:
    """The office the moderators belong to: they do not judge what is said to their own."""
    return an_office_of(here)


def an_office_of(here: County) -> Organisation:
    """Return the county's own office."""
    return a_body(place=here.county, name="云澜县人民政府办公室", name_en="Yunlan County Office")


@pytest.fixture
def moderator(staff: Callable[..., Person], county_office: Organisation) -> Person:
    """Holds and hides contributions, with a reason."""
    return staff("moderator", Membership.Role.MODERATOR, body=county_office)


@pytest.fixture
def moderator2(staff: Callable[..., Person], county_office: Organisation) -> Person:
    """A second one, for appeals."""
    return staff("moderator", Membership.Role.MODERATOR, body=county_office)


@pytest.fixture
def lapsed_official(staff: Callable[..., Person], at: datetime) -> Person:
    """An official whose powers ran out yesterday; still a member of the bureau."""
    return one_whose_powers_ended(staff, at)


def one_whose_powers_ended(staff: Callable[..., Person], at: datetime) -> Person:
    """Return an official whose powers ran out a day before ``at``."""
    window = Window(at - timedelta(days=365), at - timedelta(days=1))
    return staff("official", Membership.Role.HANDLER, window)


@pytest.fixture
def suspended(here: County, at: datetime) -> Person:
    """A verified resident who may read but not write for a week more."""
    return one_suspended(here, at)


def one_suspended(here: County, at: datetime) -> Person:
    """Return a verified resident suspended from a day before ``at`` to a week after it."""
    person = a_person(residence=here.district)
    a_suspension(person, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=7))
    return person


@pytest.fixture
def administrator(here: County, at: datetime) -> Person:
    """Holds every power over the whole site."""
    return one_with_every_power(here, at)


def one_with_every_power(here: County, at: datetime) -> Person:
    """Return somebody who holds every power over the whole site."""
    person = a_person(level=3, residence=here.district)
    some_grants(Powers().of("administrator"), to=person, at=at)
    return person
