from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from civic.people.models import Person
from orgs.bodies.models import Membership
from orgs.bodies.queries import bodies_of
from tests.cast import County
from tests.factories.bodies import a_body, a_member

pytestmark = pytest.mark.django_db


def test_a_body_with_two_roles_for_one_person_is_listed_once(here: County, resident: Person, at: datetime) -> None:
    for role in (Membership.Role.HANDLER, Membership.Role.EDITOR):
        a_member(here.department, resident, role=role, at=at)

    assert bodies_of(resident, at=at) == [here.department]


def test_membership_is_half_open(here: County, resident: Person, at: datetime) -> None:
    member = a_member(a_body(place=here.county), resident, at=at, days=1)
    assert member.ends_at is not None

    found = [
        len(bodies_of(resident, at=instant))
        for instant in (
            member.starts_at - timedelta(seconds=1),
            member.starts_at,
            member.ends_at - timedelta(seconds=1),
            member.ends_at,
        )
    ]

    assert found == [0, 1, 1, 0]


def test_one_person_has_one_open_membership_per_role(here: County, resident: Person, at: datetime) -> None:
    a_member(here.department, resident, at=at)

    with pytest.raises(IntegrityError), transaction.atomic():
        a_member(here.department, resident, at=at)
