"""A power for one hour: purposeful, public, watched, and over by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from civic.access.questions import may
from civic.audit.models import Entry
from civic.core import clock
from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.notify.models import Notice
from civic.people.models import Person
from consult.consultations.actions import MANAGE
from orgs.grants import actions, domain, elevating
from orgs.grants.models import Grant
from tests.cast import County
from tests.factories.bodies import a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PURPOSE = "系统迁移期间代为延长一项征集"


@pytest.fixture
def chief(here: County, at: datetime) -> Person:
    """May take powers for an hour in the county, and give powers there."""
    person = a_person()
    for action in (actions.ELEVATE, actions.ISSUE):
        a_grant(action, to=person, place=here.county, at=at)
    return person


@pytest.fixture
def watcher(here: County, at: datetime) -> Person:
    person = a_person()
    a_grant(actions.OVERSEE, to=person, place=here.county, at=at)
    return person


@pytest.fixture
def take(chief: Person, here: County, at: datetime) -> Callable[..., Grant]:
    def run(**changes: object) -> Grant:
        asked = {
            "actor": Person.objects.get(pk=chief.pk), "action": MANAGE, "scope": domain.Scope(place=here.district),
            "purpose": PURPOSE, "at": at,
        }  # fmt: skip
        return elevating.elevate(**(asked | changes))

    return run


def reason_of(take: Callable[..., Grant], **changes: object) -> object:
    with pytest.raises(Refused) as refusal:
        take(**changes)
    return refusal.value.reason


def test_it_opens_the_power_and_ends_after_an_hour_by_itself(
    take: Callable[..., Grant], chief: Person, watcher: Person, here: County, at: datetime
) -> None:
    assert not may(chief, MANAGE, here.district, at=at)
    take()
    for later, allowed in ((timedelta(0), True), (HOUR - timedelta(seconds=1), True), (HOUR, False)):
        assert bool(may(Person.objects.get(pk=chief.pk), MANAGE, here.district, at=at + later)) is allowed


def test_it_reaches_no_further_than_asked(
    take: Callable[..., Grant], chief: Person, watcher: Person, here: County, at: datetime
) -> None:
    take()
    assert not may(Person.objects.get(pk=chief.pk), MANAGE, here.other_district, at=at)


def test_it_stands_in_the_record_and_others_are_told(
    take: Callable[..., Grant], watcher: Person, at: datetime, deliver_all: Callable[..., int]
) -> None:
    grant = take()
    entry = Entry.objects.about(grant).get()
    assert entry.facts["reason"] == PURPOSE
    deliver_all(clock.now())
    assert Notice.objects.filter(person=watcher, entry=entry).count() == 1


def test_nobody_takes_a_power_unwatched(take: Callable[..., Grant]) -> None:
    assert reason_of(take) == elevating.NOBODY_TOLD


def test_without_the_right_to_it_nothing_is_taken(
    take: Callable[..., Grant], watcher: Person, official: Person
) -> None:
    assert reason_of(take, actor=official)
    assert not Grant.objects.filter(for_an_hour=True).exists()


@pytest.mark.parametrize("action", sorted(elevating.NEVER))
def test_powers_that_make_powers_are_not_taken(take: Callable[..., Grant], watcher: Person, action: str) -> None:
    assert reason_of(take, action=action) == elevating.NOT_FOR_AN_HOUR


@pytest.mark.parametrize("purpose", ["", "急", "            急          "])
def test_it_needs_a_purpose(take: Callable[..., Grant], watcher: Person, purpose: str) -> None:
    assert reason_of(take, purpose=purpose) == elevating.SAY_WHY


def test_the_same_purpose_serves_once(take: Callable[..., Grant], watcher: Person, at: datetime) -> None:
    take()
    assert reason_of(take) == elevating.STILL_OPEN
    later = at + 2 * HOUR
    assert reason_of(take, at=later, purpose=f"  {PURPOSE}。") == elevating.SAME_PURPOSE
    assert take(at=later, purpose="另一件事：核对补充材料清单").starts_at == later


def test_what_was_taken_for_an_hour_is_not_passed_on(
    take: Callable[..., Grant], chief: Person, watcher: Person, here: County, at: datetime
) -> None:
    take()
    with pytest.raises(Refused) as refusal:
        domain.issue(
            actor=Person.objects.get(pk=chief.pk), holder=domain.Holder(person=a_person()), action=MANAGE,
            scope=domain.Scope(place=here.district), window=Window(at, at + HOUR), reason="留着", at=at,
        )  # fmt: skip
    assert refusal.value.reason == domain.TOO_WIDE
