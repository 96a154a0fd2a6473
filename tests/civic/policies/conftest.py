"""A library with a parking policy in the cast's county, and the people who work in the CMS today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from civic.core import clock
from civic.people.models import Person
from civic.policies import actions, domain
from civic.policies.models import PolicyIndexPage, PolicyPage
from orgs.bodies.models import Organisation
from tests.cast import County
from tests.factories.bodies import a_grant
from tests.factories.people import a_person

FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")
THIRD = UUID("33333333-3333-4333-8333-333333333333")

CLAUSES: list[dict[str, Any]] = [
    {
        "id": FIRST, "number": "第一条", "heading": "收费时段", "heading_en": "Hours",
        "text": "首次停放30分钟以内不收费。", "text_en": "The first 30 minutes are free.",
    },
    {
        "id": SECOND, "number": "第二条", "heading": "夜间停放", "heading_en": "At night",
        "text": "夜间道路停车按小时收费。", "text_en": "At night parking is charged by the hour.",
    },
    {"id": THIRD, "number": "第三条", "heading": "施行", "text": "本办法自2026年3月1日起施行。"},
]  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """Who works in the CMS now: two editors, an approver, and what they work on."""

    library: PolicyIndexPage
    policy: PolicyPage
    author: Person
    approver: Person
    bureau: Organisation


@pytest.fixture
def library(db: None) -> PolicyIndexPage:
    """The site as ``ensure_site`` makes it."""
    return domain.ensure_site(at=datetime(2026, 1, 1, tzinfo=UTC))


MakePolicy = Callable[..., PolicyPage]


@pytest.fixture
def make_policy(library: PolicyIndexPage, here: County) -> MakePolicy:
    """Make a published policy of the bureau: ``make_policy("slug", at=…)``."""
    author, approver = a_person(level=3), a_person(level=3)

    def make(slug: str = "parking", **fields: Any) -> PolicyPage:
        defaults: dict[str, Any] = {
            "author": author,
            "approver": approver,
            "at": datetime(2026, 2, 1, 2, tzinfo=UTC),
            "title": "云澜县机动车停车管理办法",
            "title_en": "Parking rules of Yunlan County",
            "summary": "管老城区和各镇街的路边停车。\n前30分钟不收钱。",
            "summary_en": "Where you may park and what it costs.\nThe first half hour is free.",
            "number": "云政发〔2026〕3号",
            "issuing_body": here.department,
            "place": here.county,
            "stage": "decided",
            "in_force_from": date(2026, 3, 1),
            "clauses": CLAUSES,
        }
        return domain.create_policy(slug=slug, **(defaults | fields))

    return make


@pytest.fixture
def policy(make_policy: MakePolicy) -> PolicyPage:
    """The parking rules, published on 1 February 2026, in force since 1 March."""
    return make_policy()


@pytest.fixture
def desk(library: PolicyIndexPage, policy: PolicyPage, here: County) -> Desk:
    """Two people of the bureau with powers that hold now (the CMS reads the clock)."""
    at = clock.now()
    author, approver = a_person(level=3), a_person(level=3)
    for action in (actions.EDIT, actions.PUBLISH):
        # The author may approve too, only not what they wrote.
        a_grant(action, to=author, over=here.department, at=at)
    a_grant(actions.PUBLISH, to=approver, place=here.county, at=at)
    return Desk(library, policy, author, approver, here.department)


def signed_in(person: Person) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


DAY = timedelta(days=1)
