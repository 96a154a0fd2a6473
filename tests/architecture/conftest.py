"""One small world in which every address of the site has something to show, at a fixed instant."""

import uuid
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.utils import translation
from wagtail.documents.models import Document

from civic.audit.models import Entry
from civic.core import clock, heartbeat
from civic.core.changes import write_noted
from civic.core.clock import Window
from civic.notify.models import Message, Notice, WebhookDelivery, WebhookEndpoint
from civic.people.models import Level, Person
from civic.policies import domain as policies
from civic.policies.models import PolicyPage
from consult.consultations import domain
from consult.consultations.domain import PhasePlan
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from consult.moderation import bulk
from consult.moderation import domain as moderation
from consult.moderation.models import Appeal, Bulk
from consult.moderation.states import Act
from consult.opinions.models import StatementTally
from consult.replies import domain as replies
from consult.replies.models import Reply
from consult.reports import domain as reports
from consult.voting import closing, counting, meetings, objecting
from consult.voting import domain as voting
from consult.voting.meetings import Called, Minutes
from consult.voting.models import Poll
from orgs.bodies.models import Membership
from tests.cast import (
    County,
    a_county,
    an_office_of,
    one_suspended,
    one_whose_powers_ended,
    one_with_every_power,
    recruiting,
)
from tests.factories.bodies import a_body, a_grant, a_member
from tests.factories.people import a_person, without_factor

AT = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)  # as the fixture ``at`` has it
DAY = timedelta(days=1)
FIRST = uuid.UUID("11111111-1111-4111-8111-111111111111")
CLAUSES = [
    {"id": FIRST, "number": "第一条", "heading": "收费时段", "text": "首次停放30分钟以内不收费。"},
    {
        "id": uuid.UUID("22222222-2222-4222-8222-222222222222"),
        "number": "第二条", "heading": "夜间停放", "text": "夜间道路停车按小时收费。",
    },
]  # fmt: skip


@dataclass
class World:
    """The cast, a policy, and one consultation in each stage that matters to an address."""

    at: datetime
    here: County
    people: dict[str, Person | AnonymousUser]
    policy: PolicyPage
    # uploaded, and no page leads to it
    document: Document
    # by slug: collecting now, not announced, over, over and answered item by item, closed as answered
    consultations: dict[str, Consultation] = field(default_factory=dict)
    said: dict[str, Contribution] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    notice: Notice | None = None
    webhook: WebhookEndpoint | None = None
    appeal: Appeal | None = None
    bulk: Bulk | None = None

    def person(self, name: str) -> Person:
        """Return somebody who has an account."""
        found = self.people[name]
        assert isinstance(found, Person)
        return found


@pytest.fixture(scope="module")
def made_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, made once for each file.

    It stands in a transaction around those of the tests: each test is undone down to it, and it after the last.
    A test of such a file that asks for no world may find one; none of them may commit.
    """
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own test cases say of theirs
    with django_db_blocker.unblock(), around:
        with pytest.MonkeyPatch.context() as patch, translation.override(settings.LANGUAGE_CODE):
            patch.setattr(clock, "now", lambda: AT)
            made = make_world(AT)
        connection.run_on_commit.clear()
        with django_db_blocker.block():
            yield made
        transaction.set_rollback(True)


def end_transaction() -> None:
    """Do with what was noted what a commit does: the test itself is one transaction and never commits."""
    write_noted(connection)
    connection.run_on_commit.clear()


@pytest.fixture
def world(db: None, made_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the world; every request in it happens at ``at``."""
    monkeypatch.setattr(clock, "now", lambda: made_world.at)
    return deepcopy(made_world)


def make_world(at: datetime) -> World:
    """Make it, in the caller's transaction."""
    heartbeat.beat(at=at)
    here = a_county()
    staff, office = recruiting(here, at), an_office_of(here)
    resident, elsewhere = a_person(residence=here.district), a_person(residence=here.other_district)
    official, approver = staff("official", Membership.Role.HANDLER), staff("approver", Membership.Role.APPROVER)
    administrator = one_with_every_power(here, at)
    author = a_person(residence=here.district, display_name="作者")
    cast: dict[str, Person | AnonymousUser] = {
        "anonymous": AnonymousUser(), "resident": resident, "elsewhere": elsewhere, "author": author,
        "official": official, "approver": approver, "editor": staff("editor", Membership.Role.EDITOR),
        "moderator": staff("moderator", Membership.Role.MODERATOR, body=office),
        "moderator2": staff("moderator", Membership.Role.MODERATOR, body=office),
        "lapsed": one_whose_powers_ended(staff, at), "suspended": one_suspended(here, at),
        "administrator": administrator,
    }  # fmt: skip
    cast |= colleagues(here, staff, official, at)
    policies.ensure_site(at=datetime(2026, 1, 1, tzinfo=UTC))
    policy = policies.create_policy(
        slug="parking", author=a_person(), approver=a_person(), at=datetime(2026, 2, 1, 2, tzinfo=UTC),
        title="停车管理办法", summary="管路边停车。\n前30分钟不收钱。", issuing_body=here.department, place=here.county,
        stage="decided", in_force_from=date(2026, 3, 1), clauses=CLAUSES,
    )  # fmt: skip
    document = Document.objects.create(title="草案", file=ContentFile(b"draft", name="draft.txt"))
    made = World(at=at, here=here, people=cast, policy=policy, document=Document.objects.get(pk=document.pk))
    for slug, days in (("running", 1), ("draft", -1), ("over", 16), ("ready", 17), ("done", 18)):
        made.consultations[slug] = a_consultation(made, slug, at - days * DAY, announced=slug != "draft")
    _words(made)
    _answers(made)
    _moderated(made)
    for slug, days in (("vote-open", 1), ("vote-draft", -3), ("vote-done", 20)):
        a_poll(made, slug, at - days * DAY, announced=slug != "vote-draft")
    an_objection(made, "vote-open", "名册上没有我们三户。", at)
    for slug in ("meet-open", "meet-done"):
        a_meeting(made, slug, published=slug == "meet-done")
    entry = Entry.objects.latest("pk")
    for person in (author, resident):
        made.notice = Notice.objects.create(
            person=person, kind="consult:reply:published", entry=entry, url="/consultations/running/", created_at=at
        )
    made.webhook = WebhookEndpoint.objects.create(
        owner=here.department, url="https://hooks.test.example/", kinds=["reply.published"], secret="whsec_eHh4",
        created_by=administrator, created_at=at,
    )  # fmt: skip
    WebhookDelivery.objects.create(
        endpoint=made.webhook, kind="test", payload={}, created_at=at, due_at=at, status="failed", attempts=8
    )
    assert made.notice is not None
    Message.objects.create(notice=made.notice, channel="email", due_at=at, status="failed", attempts=6, error="down")
    return made


def colleagues(here: County, staff: Callable[..., Person], official: Person, at: datetime) -> dict[str, Person]:
    """Return the rest of the demo's accounts, and officials of another place, another body, or without their factor."""
    made = {"elder": a_person(residence=here.district, elder_mode=True), "no_factor": official}
    powers: dict[str, tuple[str, ...]] = dict.fromkeys(
        ("coordinator", "volunteer", "socialworker", "grid"), ("consult:contribution:key",)
    )
    powers["socialworker"] = ("consult:contribution:key", "consult:poll:write-for")
    powers["clerk"] = ("consult:contribution:key", "consult:poll:key", "civic:person:verify")
    powers["supervisor"] = ("consult:consultation:view", "consult:poll:view", "orgs:grant:oversee")
    powers["auditor"] = ("consult:consultation:view", "consult:poll:view", "consult:poll:certify")
    for name, actions in powers.items():
        made[name] = a_person(level=Level.IN_PERSON, residence=here.district)
        a_member(a_body(place=here.district, kind="community"), made[name], role="member", at=at)
        for action in actions:
            a_grant(action, to=made[name], place=here.county, at=at)
    a_grant("civic:record:read", to=made["auditor"], at=at)
    made["wrong_place"] = staff("official", "handler", place=here.other_district)
    made["wrong_body"] = staff("official", "handler", over=a_body(place=here.county))
    return made


def a_consultation(world: World, slug: str, opens_at: datetime, *, announced: bool) -> Consultation:
    """Return a consultation on the policy: collect 10 days, discuss 5, reply 10."""
    official, here = world.person("official"), world.here
    made = domain.create(
        actor=official, at=opens_at - DAY, slug=slug, template="general", title=f"停车收费 {slug}",
        summary="怎么收、收多少。", question="您怎么看？", place=here.county, sponsor=here.department,
        open_to=here.district, level=Level.CONTACT, policy=world.policy, revision=world.policy.live_revision,
        phases=[
            PhasePlan(PhaseKind.COLLECT, Window(opens_at, opens_at + 10 * DAY)),
            PhasePlan(PhaseKind.DISCUSS, Window(opens_at + 10 * DAY, opens_at + 15 * DAY)),
            PhasePlan(PhaseKind.REPLY, Window(opens_at + 15 * DAY, opens_at + 25 * DAY)),
        ],
    )  # fmt: skip
    if announced:
        domain.announce(consultation=made, actor=official, at=opens_at - DAY)
    return Consultation.objects.for_pages().get(pk=made.pk)


def a_poll(world: World, slug: str, opens_at: datetime, *, announced: bool) -> Poll:
    """Return a poll of the district, open for ten days; one that is over is counted."""
    official, here = world.person("official"), world.here
    choices = [voting.ChoicePlan("park", "修公园", "A park"), voting.ChoicePlan("road", "修道路", "A road")]
    made = voting.draft_poll(
        actor=official, at=opens_at - DAY, choices=choices, slug=slug, preset="advisory", title=f"先修什么 {slug}",
        question="先修什么？", method="choose", place=here.district, sponsor=here.department, opens_at=opens_at,
        closes_at=opens_at + 10 * DAY, roll_rule={"kind": "residents", "place": here.district.code, "level": 1},
    )  # fmt: skip
    if announced:
        for step in (voting.announce, voting.draw_roll, voting.open_poll):
            step(poll=made, actor=official, at=opens_at - DAY)
    if made.closes_at <= world.at:
        closing.close_due(at=made.closes_at)
        counting.count_due(at=made.closes_at)
        made.refresh_from_db()
    return made


def an_objection(world: World, slug: str, text: str, at: datetime) -> None:
    """Object to a poll, as the author of everything else here."""
    objecting.object_to(poll=Poll.objects.get(slug=slug), person=world.person("author"), text=text, at=at)


def a_meeting(world: World, slug: str, *, published: bool) -> Poll:
    """Return a meeting held an hour ago and written down; its witnesses are the author and somebody from elsewhere."""
    official, here, begins = world.person("official"), world.here, world.at - timedelta(hours=1)
    witnesses = (world.person("author"), world.person("elsewhere"))
    choices = [voting.ChoicePlan(key, key, key) for key in voting.YES_NO]
    made = meetings.draft(
        actor=official, at=begins - 12 * DAY, choices=choices, called=Called("村部二楼", 150), slug=slug,
        preset="villagers-meeting", title=f"广场装灯 {slug}", question="装不装？", method="yes-no", place=here.district,
        sponsor=here.department, opens_at=begins, closes_at=begins + timedelta(hours=3),
    )  # fmt: skip
    meetings.call(poll=made, actor=official, at=begins - 11 * DAY)
    minutes = Minutes(present=80, hands={"yes": 60, "no": 15, "abstain": 5}, witnesses=witnesses)
    version = meetings.write_down(poll=made, actor=official, minutes=minutes, version=0, at=world.at)
    if published:
        for witness in witnesses:
            meetings.confirm(poll=made, witness=witness, version=version, at=world.at)
        meetings.publish(poll=made, actor=official, at=world.at)
    return made


def _words(world: World) -> None:
    author = world.person("author")
    for slug in ("running", "over", "ready", "done"):
        asked = world.consultations[slug]
        world.said[slug] = discussion.contribute(
            person=author, consultation=asked, kind="comment", text=f"夜里能不能便宜些？{slug}", clause=FIRST,
            submission=uuid.uuid4(), at=asked.opens_at + timedelta(hours=1),
        )  # fmt: skip
    running = world.consultations["running"]
    world.said["waiting"] = discussion.contribute(
        person=author, consultation=running, kind="comment", text="先到先得。", submission=uuid.uuid4(), at=world.at
    )
    statement = Contribution.objects.create(
        consultation=running, author=author, kind=Contribution.Kind.STATEMENT, text="应当收费。",
        created_at=world.at, submission=uuid.uuid4(),
    )  # fmt: skip
    StatementTally.objects.create(statement=statement, consultation=running, agrees=3)
    world.said["statement"] = statement


def _answers(world: World) -> None:
    official, approver = world.person("official"), world.person("approver")

    def write(slug: str, *, send: bool) -> Reply:
        return replies.save_draft(
            actor=official, consultation=world.consultations[slug], contributions=[world.said[slug]],
            outcome=Outcome.ADOPTED, text="照办。", version=0, send=send, at=world.at,
        )  # fmt: skip

    world.replies["draft"] = write("running", send=False)
    world.replies["sent"] = write("over", send=True)
    for slug in ("ready", "done"):
        world.replies[slug] = write(slug, send=True)
        replies.approve_and_publish(
            reply=world.replies[slug], version=world.replies[slug].version, actor=approver, at=world.at
        )
    world.consultations["done"].refresh_from_db()
    reports.conclude(consultation=world.consultations["done"], actor=official, at=world.at)


def _moderated(world: World) -> None:
    """One comment hidden by the first moderator, whose author appeals; another hidden by an act on many."""
    author, running = world.person("author"), world.consultations["running"]
    for name in ("hidden", "spam"):
        world.said[name] = discussion.contribute(
            person=author, consultation=running, kind="comment", text=f"老王住在三号。{name}", at=world.at,
            submission=uuid.uuid4(),
        )  # fmt: skip
    ruling = moderation.judge(
        contribution=world.said["hidden"], actor=world.person("moderator"), act=Act.HIDE, rule="H1",
        sentence="写出了住址。", version=0, at=world.at,
    )  # fmt: skip
    world.appeal = moderation.appeal(ruling=ruling, person=author, text="那是公开的地址。", at=world.at)
    world.bulk, _left_out = bulk.act_on(
        picks={world.said["spam"].pk: 0}, actor=world.person("moderator"), act=Act.HIDE, rule="H6", sentence="广告。",
        at=world.at,
    )  # fmt: skip


def browser_of(world: World, who: str) -> Client:
    """Return the browser of one of the cast; a fault of ours is an answer of 500 there."""
    client, person = Client(raise_request_exception=False), world.people[who]
    if isinstance(person, Person):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return without_factor(client) if who == "no_factor" else client
