from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from civic.access.questions import holders, may
from civic.access.registry import Rule, declare
from civic.audit.models import Entry
from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.people.models import Person
from civic.policies.models import PolicyPage
from orgs.bodies.models import Membership
from orgs.grants import actions, domain
from orgs.grants.models import Grant
from tests.cast import County
from tests.factories.bodies import a_grant, a_member
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)

MEND = declare(Rule("tests:road:mend", "mend a road", mandate=True))
CLOSE = declare(Rule("tests:road:close", "close a road", mandate=True))


@pytest.fixture
def head(here: County, at: datetime) -> Person:
    """May give powers in the district, and holds one there until thirty days from now."""
    person = a_person()
    window = Window(at - DAY, at + 30 * DAY)
    for action in (actions.ISSUE, MEND):
        a_grant(action, to=person, place=here.district, at=at, window=window)
    return person


Give = Callable[..., Grant]


@pytest.fixture
def give(here: County, head: Person, resident: Person, at: datetime) -> Give:
    def run(**changes: object) -> Grant:
        offer = {
            "actor": Person.objects.get(pk=head.pk),
            "holder": domain.Holder(person=resident),
            "action": MEND,
            "scope": domain.Scope(place=here.district),
            "window": Window(at, at + DAY),
            "reason": "代班",
            "at": at,
        }
        return domain.issue(**(offer | changes))

    return run


def test_a_power_can_be_passed_on_within_what_one_holds(
    give: Give, here: County, head: Person, resident: Person, at: datetime
) -> None:
    grant = give()

    assert may(resident, MEND, here.district, at=at)
    assert grant.granted_by == head
    entry = Entry.objects.about(grant).get()
    assert (entry.type, entry.actor, entry.facts["action"]) == (actions.ISSUED, head, MEND)


def test_a_power_given_twice_would_outlive_its_end_and_is_given_once(give: Give, at: datetime, head: Person) -> None:
    first = give()
    with pytest.raises(Refused) as refusal:
        give()
    assert (refusal.value.reason.code, refusal.value.conflict) == ("grant-held-already", True)
    assert give(window=Window(at, at + 2 * DAY)).pk != first.pk  # for longer
    domain.end(grant=first, actor=Person.objects.get(pk=head.pk), note="完", at=at)
    assert Grant.objects.filter(action=MEND, person=first.person).in_force(at).count() == 1


def test_a_power_that_begins_later_is_given_once_too(give: Give, at: datetime) -> None:
    later = Window(at + DAY, at + 2 * DAY)
    give(window=later)
    with pytest.raises(Refused) as refusal:
        give(window=later)
    assert refusal.value.reason == domain.HELD_ALREADY


def test_nobody_gives_more_wider_or_longer_than_they_hold(give: Give, here: County, at: datetime) -> None:
    attempts = {
        "wider": {"scope": domain.Scope(place=here.county)},
        "elsewhere": {"scope": domain.Scope(place=here.other_district)},
        "everywhere": {"scope": domain.Scope()},
        "another kind": {"scope": domain.Scope(body=here.department)},
        "longer": {"window": Window(at, at + 31 * DAY)},
    }
    for name, change in attempts.items():
        with pytest.raises(Refused):
            give(**change)
        assert not Grant.objects.filter(reason="代班").exists(), name


def test_nobody_gives_a_power_to_themselves(give: Give, head: Person) -> None:
    with pytest.raises(Refused) as refused:
        give(holder=domain.Holder(person=Person.objects.get(pk=head.pk)))
    assert refused.value.reason == domain.OWN_GIFT


def test_what_one_does_not_hold_cannot_be_given(give: Give) -> None:
    with pytest.raises(Refused) as refusal:
        give(action=CLOSE)

    assert refusal.value.reason == domain.TOO_WIDE


def test_holding_a_power_is_not_the_power_to_give_it(give: Give, here: County, resident: Person, at: datetime) -> None:
    a_grant(MEND, to=resident, at=at)

    with pytest.raises(Refused):
        give(actor=resident)


def test_a_power_has_an_end(give: Give, at: datetime) -> None:
    with pytest.raises(ValueError, match="has an end"):
        give(window=Window(at))


def test_a_power_nobody_declared_cannot_be_given(give: Give) -> None:
    with pytest.raises(LookupError):
        give(action="tests:road:unheard-of")


def test_a_power_given_to_a_role_is_held_by_its_members(
    give: Give, here: County, resident_elsewhere: Person, at: datetime
) -> None:
    a_member(here.department, resident_elsewhere, role=Membership.Role.HANDLER, at=at)

    give(holder=domain.Holder(body=here.department, role=Membership.Role.HANDLER))

    assert may(resident_elsewhere, MEND, here.district, at=at)


def test_what_lies_with_no_body_is_not_within_every_power_over_a_place(
    here: County, resident: Person, at: datetime
) -> None:
    a_grant(MEND, to=resident, place=here.other_district, at=at)
    assert not holders(MEND, PolicyPage(place=here.district), at=at).exists()
    assert list(holders(MEND, PolicyPage(place=here.other_district), at=at)) == [resident]


def test_an_ended_power_is_gone_at_that_instant_and_its_row_stays(
    give: Give, here: County, head: Person, resident: Person, at: datetime
) -> None:
    grant = give()
    ending = at + timedelta(hours=1)

    domain.end(grant=grant, actor=Person.objects.get(pk=head.pk), note="回来上班了", at=ending)
    domain.end(grant=grant, actor=Person.objects.get(pk=head.pk), note="再点一次", at=ending)

    answers = [
        bool(may(Person.objects.get(pk=resident.pk), MEND, here.district, at=instant))
        for instant in (ending - timedelta(seconds=1), ending)
    ]
    assert answers == [True, False]
    assert Grant.objects.filter(pk=grant.pk, ended_by=head).exists()
    assert Entry.objects.about(grant).filter(type=actions.ENDED).count() == 1


def test_who_may_not_give_may_not_end(give: Give, resident_elsewhere: Person, at: datetime) -> None:
    grant = give()

    with pytest.raises(Refused):
        domain.end(grant=grant, actor=resident_elsewhere, note="", at=at)

    assert not Grant.objects.filter(pk=grant.pk).exclude(ended_at=None).exists()


@pytest.mark.parametrize(
    "wrong",
    ["no holder", "two holders", "role without body", "two scopes", "no scope of its kind", "ends before it starts"],
)
def test_the_database_refuses_a_grant_that_means_nothing(
    give: Give, here: County, resident: Person, at: datetime, wrong: str
) -> None:
    grant = give()
    change = {
        "no holder": {"person": None},
        "two holders": {"body": here.department, "role": "handler"},
        "role without body": {"role": "handler"},
        "two scopes": {"scope_body": here.department},
        "no scope of its kind": {"scope": "body"},
        "ends before it starts": {"ends_at": grant.starts_at},
    }[wrong]

    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(**change)


def test_a_scope_names_its_kind(here: County) -> None:
    scope = domain.Scope(place=here.county)

    assert (scope.kind, replace(scope, place=None).kind) == ("place", "site")
