"""Two moderators of another office, and words to look at."""

from dataclasses import dataclass

import pytest

from civic.core.clock import Window
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from orgs.bodies.models import Membership, Organisation
from orgs.grants.domain import Holder, Scope, found_each
from tests.consult.conftest import AT, DAY, County, person, say

POWERS = ("consult:moderation:judge", "consult:moderation:appeal", "consult:moderation:slow")


@dataclass
class Moderators:
    """Who judges: two of the county office, one of the bureau that asks."""

    first: Person
    second: Person
    insider: Person


def moderator(name: str, county: County, body: Organisation) -> Person:
    """Create a moderator of a body, with the powers over the whole county."""
    who = person(name, county.here)
    Membership.objects.create(body=body, person=who, role=Membership.Role.MODERATOR, starts_at=AT - 100 * DAY)
    found_each(
        holder=Holder(person=who), powers=POWERS, scope=Scope(place=county.place),
        window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
    )  # fmt: skip
    return who


@pytest.fixture
def office(county: County) -> Organisation:
    """The office the moderators belong to; it asks nothing here."""
    return Organisation.objects.create(slug="county-office", kind="department", name="县政府办公室", place=county.place)


@pytest.fixture
def moderators(county: County, office: Organisation) -> Moderators:
    """Return them."""
    return Moderators(
        moderator("first", county, office), moderator("second", county, office),
        moderator("insider", county, county.bureau),
    )  # fmt: skip


@pytest.fixture
def said(consultation: Consultation, county: County) -> Contribution:
    """A comment that somebody may report."""
    return say(consultation, county.resident, "老王住在柳荫巷三号，去找他算账。")
