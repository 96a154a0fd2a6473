from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from civic.access.questions import MANDATE_ENDED, NO_MANDATE, holders, may, require, visible
from civic.core.clock import Window
from civic.core.refusals import SIGN_IN, Refused
from civic.people.models import Person
from civic.people.rules import SUSPENDED, VERIFY_CONTACT
from civic.places.models import Place
from orgs.bodies.models import Membership
from tests.cast import County
from tests.factories.bodies import a_body, a_grant, a_member
from tests.factories.people import a_person, a_suspension
from tests.factories.places import a_place

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def fresh(person: Person) -> Person:
    """Return the person as a new request would load them: answers are kept per object."""
    return Person.objects.get(pk=person.pk)


def answers(person: Any, action: str, place: Place, at: datetime) -> tuple[bool, bool, bool]:
    """Return what the three questions say about one person and one place."""
    if isinstance(person, Person):
        person = fresh(person)
    return (
        bool(may(person, action, place, at=at)),
        visible(person, action, Place.objects.filter(pk=place.pk), at=at).exists(),
        isinstance(person, Person) and holders(action, place, at=at).filter(pk=person.pk).exists(),
    )


YES, NO = (True, True, True), (False, False, False)


def test_an_undeclared_action_is_an_error(here: County, resident: Person, at: datetime) -> None:
    for ask in (
        lambda: may(resident, "tests:place:unheard-of", here.district, at=at),
        lambda: visible(resident, "tests:place:unheard-of", Place.objects.all(), at=at),
        lambda: holders("tests:place:unheard-of", here.district, at=at),
    ):
        with pytest.raises(LookupError, match="unheard-of"):
            ask()


def test_reading_is_open_to_visitors_and_to_the_suspended(
    here: County, anonymous: AnonymousUser, suspended: Person, actions: Any, at: datetime
) -> None:
    assert may(anonymous, actions.read, here.district, at=at)
    assert may(suspended, actions.read, here.district, at=at)


def test_writing_asks_a_visitor_to_sign_in_and_a_newcomer_for_a_code(
    here: County, anonymous: AnonymousUser, newcomer: Person, suspended: Person, actions: Any, at: datetime
) -> None:
    reasons = [may(who, actions.write, here.district, at=at).reason for who in (anonymous, newcomer, suspended)]

    assert reasons == [SIGN_IN, VERIFY_CONTACT, SUSPENDED]


def test_the_first_no_decides_standing_then_place_then_moment(
    here: County, newcomer: Person, resident: Person, resident_elsewhere: Person, actions: Any, at: datetime
) -> None:
    def reason(person: Person, place: Place) -> str:
        found = may(person, actions.speak, place, at=at).reason
        return found.code if found else "allowed"

    assert reason(newcomer, here.county) == "verify-resident"
    assert reason(resident_elsewhere, here.district) == "not-yours"
    assert reason(resident, here.county) == "too-small"
    assert reason(resident, here.district) == "allowed"


def test_require_raises_what_may_answers(here: County, newcomer: Person, actions: Any, at: datetime) -> None:
    with pytest.raises(Refused) as refusal:
        require(newcomer, actions.write, here.district, at=at)

    assert refusal.value.reason == VERIFY_CONTACT
    assert not refusal.value.conflict


def test_without_a_grant_all_three_questions_say_no(here: County, resident: Person, actions: Any, at: datetime) -> None:
    assert answers(resident, actions.sweep, here.district, at) == NO
    assert may(resident, actions.sweep, here.district, at=at).reason == NO_MANDATE


def test_a_grant_over_a_place_reaches_what_it_contains_and_nothing_beside_it(
    here: County, resident: Person, actions: Any, at: datetime
) -> None:
    a_grant(actions.sweep, to=resident, place=here.district, at=at)

    assert answers(resident, actions.sweep, here.district, at) == YES
    assert answers(resident, actions.sweep, here.other_district, at) == NO
    assert may(fresh(resident), actions.sweep, here.other_district, at=at).reason == MANDATE_ENDED


def test_a_grant_over_the_county_or_the_site_reaches_every_district(
    here: County, resident: Person, resident_elsewhere: Person, actions: Any, at: datetime
) -> None:
    a_grant(actions.sweep, to=resident, place=here.county, at=at)
    a_grant(actions.sweep, to=resident_elsewhere, at=at)
    abroad = a_place(inside=a_place())

    assert answers(resident, actions.sweep, here.district, at) == YES
    assert answers(resident_elsewhere, actions.sweep, here.district, at) == YES
    assert answers(resident, actions.sweep, abroad, at) == NO
    assert answers(resident_elsewhere, actions.sweep, abroad, at) == YES


def test_a_grant_does_not_bend_the_moment(here: County, resident: Person, actions: Any, at: datetime) -> None:
    a_grant(actions.sweep, to=resident, at=at)

    assert answers(resident, actions.sweep, here.county, at) == NO


def test_a_grant_holds_from_its_start_to_just_before_its_end(
    here: County, resident: Person, actions: Any, at: datetime
) -> None:
    window = Window(at, at + DAY)
    a_grant(actions.sweep, to=resident, place=here.district, at=at, window=window)

    found = [answers(resident, actions.sweep, here.district, i) for i in (at - SECOND, at, at + DAY - SECOND, at + DAY)]

    assert found == [NO, YES, YES, NO]
    assert may(fresh(resident), actions.sweep, here.district, at=at).until == at + DAY


def test_a_power_held_through_a_role_ends_with_the_membership(
    here: County, resident: Person, actions: Any, at: datetime
) -> None:
    a_grant(actions.sweep, body=here.department, role=Membership.Role.HANDLER, place=here.county, at=at)
    a_member(here.department, resident, role=Membership.Role.HANDLER, at=at, days=3)

    assert answers(resident, actions.sweep, here.district, at) == YES
    assert may(fresh(resident), actions.sweep, here.district, at=at).until == at + 3 * DAY
    assert answers(resident, actions.sweep, here.district, at + 3 * DAY) == NO


def test_another_role_or_another_body_does_not_carry_the_power(
    here: County, resident: Person, resident_elsewhere: Person, actions: Any, at: datetime
) -> None:
    a_grant(actions.sweep, body=here.department, role=Membership.Role.HANDLER, place=here.county, at=at)
    a_member(here.department, resident, role=Membership.Role.MEMBER, at=at)
    a_member(a_body(place=here.county), resident_elsewhere, role=Membership.Role.HANDLER, at=at)

    assert answers(resident, actions.sweep, here.district, at) == NO
    assert answers(resident_elsewhere, actions.sweep, here.district, at) == NO


def test_a_body_whose_admission_ran_out_carries_no_power(
    here: County, resident: Person, actions: Any, at: datetime
) -> None:
    society = a_body(place=here.county, kind="social_organisation", admitted_until=at + DAY)
    a_grant(actions.sweep, body=society, role=Membership.Role.COORDINATOR, place=here.county, at=at)
    a_member(society, resident, role=Membership.Role.COORDINATOR, at=at)

    assert answers(resident, actions.sweep, here.district, at) == YES
    assert may(fresh(resident), actions.sweep, here.district, at=at).until == at + DAY
    assert answers(resident, actions.sweep, here.district, at + DAY) == NO


def test_a_suspended_holder_holds_nothing(here: County, resident: Person, actions: Any, at: datetime) -> None:
    a_grant(actions.sweep, to=resident, place=here.county, at=at)
    a_suspension(resident, starts_at=at)

    assert answers(resident, actions.sweep, here.district, at - SECOND) == YES
    assert answers(resident, actions.sweep, here.district, at) == NO


def test_an_inactive_holder_holds_nothing(here: County, actions: Any, at: datetime) -> None:
    left = a_person(is_active=False)
    a_grant(actions.sweep, to=left, place=here.county, at=at)

    assert answers(left, actions.sweep, here.district, at) == NO


def test_what_is_public_is_seen_by_all_and_drafts_by_holders(
    here: County, anonymous: AnonymousUser, resident: Person, resident_elsewhere: Person, actions: Any, at: datetime
) -> None:
    a_grant(actions.draft, to=resident, place=here.county, at=at)

    def sees(person: Any) -> tuple[list[Place], list[bool]]:
        ours = Place.objects.within(here.county)
        return list(visible(person, actions.draft, ours, at=at)), [
            bool(may(person, actions.draft, place, at=at)) for place in ours
        ]

    everything, districts = list(Place.objects.within(here.county)), [here.district, here.other_district]
    assert sees(resident) == (everything, [True, True, True])
    assert sees(resident_elsewhere) == (districts, [False, True, True])
    assert sees(anonymous) == (districts, [False, True, True])


def test_a_grant_over_the_site_opens_every_draft(
    here: County, resident_elsewhere: Person, actions: Any, at: datetime
) -> None:
    a_grant(actions.draft, to=resident_elsewhere, at=at)
    everything = Place.objects.within(here.county)
    assert list(visible(resident_elsewhere, actions.draft, everything, at=at)) == list(everything)


def test_asking_who_holds_what_everybody_holds_is_an_error(here: County, actions: Any, at: datetime) -> None:
    with pytest.raises(ValueError, match="needs no grant"):
        holders(actions.write, here.district, at=at)


def test_asking_often_costs_two_queries(
    here: County, resident: Person, actions: Any, at: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    a_grant(actions.sweep, to=resident, place=here.county, at=at)
    person = fresh(resident)

    with django_assert_num_queries(2):  # suspension, mandates
        for place in (here.district, here.other_district) * 20:
            assert may(person, actions.sweep, place, at=at)


def test_a_list_of_what_one_may_costs_three_queries_however_long(
    here: County, resident: Person, actions: Any, at: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    a_grant(actions.sweep, to=resident, place=here.county, at=at)
    for _ in range(30):
        a_place(inside=here.county)
    person = fresh(resident)

    with django_assert_num_queries(3):  # suspension, mandates, the rows
        assert len(visible(person, actions.sweep, Place.objects.all(), at=at)) == 32
