"""The desk of the tests' bureau: consultations that run or are over now, and a policy of its own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from civic.core import clock
from civic.people.models import Person
from civic.policies import domain as policies
from civic.policies.models import PolicyPage
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from consult.replies import domain as replies
from consult.replies.models import Reply
from tests.consult.conftest import DAY, County, Opener, say

FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")
CLAUSES = [
    {"id": FIRST, "number": "第一条", "heading": "收费时段", "text": "首次停放30分钟以内不收费。"},
    {"id": SECOND, "number": "第二条", "heading": "夜间停放", "text": "夜间道路停车按小时收费。"},
]


def signed_in(who: Person) -> Client:
    """Return a browser in which somebody has signed in."""
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def official(county: County) -> Client:
    """The browser of the one who writes answers."""
    return signed_in(county.official)


@pytest.fixture
def approver(county: County) -> Client:
    """The browser of the one who approves them."""
    return signed_in(county.approver)


@pytest.fixture
def policy(county: County) -> PolicyPage:
    """A published policy of the bureau with two clauses."""
    policies.ensure_site(at=datetime(2026, 1, 1, tzinfo=UTC))
    return policies.create_policy(
        slug="parking", author=county.official, approver=county.approver, at=datetime(2026, 2, 1, 2, tzinfo=UTC),
        title="停车管理办法", summary="管路边停车。\n前30分钟不收钱。", issuing_body=county.bureau, place=county.place,
        stage="decided", in_force_from=date(2026, 3, 1), clauses=CLAUSES,
    )  # fmt: skip


@pytest.fixture
def running(open_consultation: Opener, policy: PolicyPage) -> Consultation:
    """One on the policy that is collecting right now: views take their instant from the clock."""
    return open_consultation(opens_at=clock.now() - DAY, policy=policy, revision=policy.live_revision)


@pytest.fixture
def over(open_consultation: Opener) -> Consultation:
    """One whose participation ended an hour ago."""
    return open_consultation(opens_at=clock.now() - 15 * DAY - timedelta(hours=1), slug="over")


Sent = Callable[..., Reply]


@pytest.fixture
def send(county: County) -> Sent:
    """Return a function that sends an answer to some contributions for approval."""

    def make(consultation: Consultation, *said: Contribution, author: Person | None = None) -> Reply:
        return replies.save_draft(
            actor=author or county.official, consultation=consultation, contributions=said, outcome=Outcome.ADOPTED,
            text="照办。", version=0, send=True, at=clock.now(),
        )  # fmt: skip

    return make


def said_in(
    consultation: Consultation, county: County, text: str = "末班车能不能晚一点？", **fields: object
) -> Contribution:
    """Publish a comment an hour after the consultation opened."""
    return say(consultation, county.resident, text, at=consultation.opens_at + timedelta(hours=1), **fields)
