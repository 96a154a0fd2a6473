"""Every list of the site costs the same number of queries with one row and with thirty, and not too many."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from civic.audit.models import Entry
from civic.audit.reads import note_read
from civic.audit.sealing import seal_waiting
from civic.events.models import Delivery
from civic.notify import outbox
from civic.notify.models import Digest, Letter, Message, Notice, WebhookDelivery, WebhookEndpoint
from civic.policies import domain as policies
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from consult.moderation import bulk
from consult.moderation import domain as moderation
from consult.moderation.states import Act
from consult.opinions.models import StatementTally
from consult.replies import domain as replies
from consult.reports import domain as reports
from consult.voting import auditing, paper
from consult.voting.models import Poll
from search.indexing import rebuild
from tests.architecture.conftest import DAY, FIRST, World, a_consultation, a_poll, an_objection, browser_of
from tests.factories.people import a_person

MANY = 30
# who looks, at what (with one row), at what (with many), at most so many queries
LISTS = [
    ("anonymous", "/", "/", 12),
    ("anonymous", "/consultations/", "/consultations/", 4),
    ("anonymous", "/consultations/?show=answering", "/consultations/?show=answering", 4),
    ("anonymous", "/consultations/running/", "/consultations/running/", 12),
    ("resident", "/consultations/running/", "/consultations/running/", 15),
    ("anonymous", "/consultations/running/text/", "/consultations/running/text/", 6),
    ("anonymous", f"/consultations/running/clauses/{FIRST}/", f"/consultations/running/clauses/{FIRST}/", 8),
    ("anonymous", "{thread}", "{thread}", 12),
    ("resident", "{thread}", "{thread}", 15),
    ("anonymous", "{thread}versions/", "{thread}versions/", 7),
    ("anonymous", "/consultations/running/statements/", "/consultations/running/statements/", 6),
    ("anonymous", "/consultations/done/result/", "/consultations/done-many/result/", 8),
    ("anonymous", "/polls/", "/polls/", 4),
    ("anonymous", "/polls/?show=done", "/polls/?show=done", 4),
    ("resident", "/polls/vote-open/", "/polls/vote-open/", 14),
    ("anonymous", "/polls/vote-done/result/", "/polls/vote-done/result/", 10),
    ("anonymous", "/polls/vote-done/bulletin/", "/polls/vote-done/bulletin/", 6),
    ("anonymous", "/polls/vote-open/notice/", "/polls/vote-open/notice/", 8),
    ("administrator", "/desk/audit/polls/", "/desk/audit/polls/", 14),
    ("administrator", "/desk/audit/polls/vote-done/", "/desk/audit/polls/vote-done/", 20),
    ("official", "/desk/polls/vote-open/objections/", "/desk/polls/vote-open/objections/", 16),
    ("resident", "/polls/meet-open/", "/polls/meet-open/", 12),
    ("author", "/polls/meet-open/witness/", "/polls/meet-open/witness/", 14),
    ("anonymous", "/polls/meet-done/minutes/", "/polls/meet-done/minutes/", 8),
    ("official", "/desk/meetings/meet-open/", "/desk/meetings/meet-open/", 14),
    ("official", "/desk/polls/", "/desk/polls/", 12),
    ("official", "/desk/polls/vote-open/", "/desk/polls/vote-open/", 18),
    ("official", "/desk/polls/vote-open/add/", "/desk/polls/vote-open/add/", 14),
    ("clerk", "/desk/paper/", "/desk/paper/", 14),
    ("official", "/desk/polls/vote-open/paper/", "/desk/polls/vote-open/paper/", 24),
    ("socialworker", "/desk/writing-for/", "/desk/writing-for/", 10),
    ("socialworker", "/desk/polls/vote-open/write-for/", "/desk/polls/vote-open/write-for/", 10),
    ("clerk", "/desk/polls/vote-open/paper/differences/", "/desk/polls/vote-open/paper/differences/", 18),
    ("official", "/desk/polls/vote-open/paper/report/", "/desk/polls/vote-open/paper/report/", 24),
    ("official", "/desk/polls/vote-open/paper/report.csv", "/desk/polls/vote-open/paper/report.csv", 18),
    ("anonymous", "/policies/", "/policies/", 14),
    ("anonymous", "/policies/feed/", "/policies/feed/", 2),
    ("anonymous", "/policies/parking/", "/policies/parking/", 20),
    ("anonymous", "/policies/parking/versions/", "/policies/parking/versions/", 7),
    ("anonymous", "/search/?q=停车", "/search/?q=停车", 8),
    ("anonymous", "/outbox/", "/outbox/", 1),
    ("resident", "/me/", "/me/", 18),
    ("resident", "/me/said/", "/me/said/", 9),
    ("resident", "/me/supported/", "/me/supported/", 10),
    ("resident", "/me/following/", "/me/following/", 8),
    ("resident", "/me/notices/", "/me/notices/", 9),
    ("resident", "/me/seen/", "/me/seen/", 8),
    ("anonymous", "/history/consultation/{running}/", "/history/consultation/{running}/", 6),
    ("anonymous", "/history/contribution/{contribution}/", "/history/contribution/{contribution}/", 6),
    # Over all kinds it is one query for each kind that has titles, two at most.
    ("administrator", "/desk/record/?kind=contribution", "/desk/record/?kind=contribution", 18),
    ("administrator", "/desk/record/?kind=consultation", "/desk/record/?kind=consultation", 18),
    ("administrator", "/desk/record/?kind=answer", "/desk/record/?kind=answer", 18),
    ("administrator", "/desk/people/", "/desk/people/", 10),
    ("resident", "/me/data/", "/me/data/", 36),
    ("resident", "/me/data/words/", "/me/data/words/", 10),
    ("resident", "/me/data/supports/", "/me/data/supports/", 10),
    ("resident", "/me/data/notices/", "/me/data/notices/", 11),
    ("resident", "/me/data/follows/", "/me/data/follows/", 10),
    ("official", "/desk/", "/desk/", 20),
    ("approver", "/desk/", "/desk/", 20),
    ("official", "/desk/consultations/", "/desk/consultations/", 11),
    ("official", "/desk/consultations/running/", "/desk/consultations/running/", 14),
    ("anonymous", "/moderation/", "/moderation/", 14),
    ("anonymous", "/moderation/rules/", "/moderation/rules/", 1),
    # one more than without: why words in it are hidden
    ("anonymous", "{moderated}", "{moderated}", 12),
    ("resident", "{moderated}", "{moderated}", 15),
    ("resident", "{moderated}report/", "{moderated}report/", 12),
    ("moderator", "/desk/moderation/", "/desk/moderation/", 16),
    ("moderator", "/desk/moderation/?show=hidden", "/desk/moderation/?show=hidden", 16),
    ("moderator", "/desk/moderation/?account={author}", "/desk/moderation/?account={author}", 16),
    ("moderator", "/desk/moderation/{said}/", "/desk/moderation/{said}/", 20),
    ("moderator2", "/desk/moderation/appeals/", "/desk/moderation/appeals/", 16),
    ("moderator", "/desk/moderation/bulk/", "/desk/moderation/bulk/", 16),
    ("official", "/desk/consultations/over/?show=submitted", "/desk/consultations/over/?show=submitted", 14),
    ("administrator", "/desk/webhooks/", "/desk/webhooks/", 11),
    ("administrator", "{webhook}", "{webhook}", 12),
    *(
        ("administrator", f"/desk/deliveries/?show={what}", f"/desk/deliveries/?show={what}", 16)
        for what in ("messages", "digests", "letters", "webhooks", "events")
    ),
]


@pytest.fixture
def site(world: World, settings: Any, tmp_path: Path) -> World:
    """The world with at least one row in every list, and an outbox."""
    settings.DEMO, settings.OUTBOX = True, tmp_path
    _add(world, 0)
    list(rebuild(at=world.at))
    return world


@pytest.mark.django_db
def test_every_list_costs_the_same_with_one_row_and_with_thirty(site: World) -> None:
    before = [_cost(site, who, few) for who, few, _many, _most in LISTS]
    for number in range(1, MANY):
        _add(site, number)
    _finish_many(site)
    seal_waiting(at=site.at)
    list(rebuild(at=site.at))
    after = [_cost(site, who, many, was=one) for (who, _few, many, _most), one in zip(LISTS, before, strict=True)]
    wrong = [
        f"{who} {path}: {one} queries with one row, {many} with {MANY}, at most {most}"
        for (who, path, _many, most), one, many in zip(LISTS, before, after, strict=True)
        if not one == many <= most
    ]
    assert not wrong, "\n".join(wrong)


def _cost(world: World, who: str, path: str, was: int = -1) -> int:
    """Return how many queries a page takes once the process is warm; what it ``was`` before tells that it is."""
    client = browser_of(world, who)
    assert world.webhook is not None
    said = world.said["waiting"]
    urls = {
        "thread": world.said["running"].get_absolute_url(), "moderated": said.get_absolute_url(),
        "webhook": reverse("desk-webhook", args=[world.webhook.pk]),
        "running": world.consultations["running"].pk, "contribution": world.said["running"].pk,
    }  # fmt: skip
    path = path.format(**urls, said=said.pk, author=said.author_id)
    for _time in ("cold", "warm"):
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(path)
        assert answer.status_code == 200, (who, path, answer.status_code)
        if len(seen) == was:
            break
    return len(seen)


def _add(world: World, number: int) -> None:
    """Put one more row into every list."""
    at, resident, author = world.at, world.person("resident"), world.person("author")
    running, thread = world.consultations["running"], world.said["running"]
    discussion.contribute(
        person=resident, consultation=running, kind="comment", text=f"停车第{number}句", clause=FIRST,
        submission=uuid.uuid4(), at=at,
    )  # fmt: skip
    theirs = discussion.contribute(
        person=author, consultation=running, kind="proposal", title=f"停车提议{number}", text="如题", at=at,
        submission=uuid.uuid4(),
    )  # fmt: skip
    discussion.support(contribution=theirs, person=resident, at=at)
    discussion.respond(person=author, parent=thread, text=f"停车补充{number}", at=at, submission=uuid.uuid4())
    _moderate(world, world.said["waiting"])
    thread.refresh_from_db()
    discussion.edit(
        contribution=thread, person=author, text=f"停车改了{number}次", title="", version=thread.version, at=at
    )
    note_read(reader=world.person("official"), person=resident, purpose="audit", subject=theirs, at=at)
    seal_waiting(at=at)
    statement = Contribution.objects.create(
        consultation=running, author=author, kind=Contribution.Kind.STATEMENT, text=f"停车{number}", created_at=at,
        submission=uuid.uuid4(),
    )  # fmt: skip
    StatementTally.objects.create(statement=statement, consultation=running, agrees=number)
    open_ = a_consultation(world, f"open-{number}", at - DAY, announced=True)
    consultations.follow(consultation=open_, person=resident, at=at)
    a_poll(world, f"vote-open-{number}", at - DAY, announced=True)
    a_poll(world, f"vote-done-{number}", at - 20 * DAY, announced=True)
    done = Poll.objects.get(slug="vote-done")
    for poll, when in ((Poll.objects.get(slug="vote-open"), at), (done, done.counted_at)):
        an_objection(world, poll.slug, f"异议{number}", when)
    auditing.recount(poll=done, actor=world.person("administrator"), at=at)
    _a_slip_read_differently(world)
    waiting = a_consultation(world, f"waiting-{number}", at - 16 * DAY, announced=True)
    for consultation in (waiting, world.consultations["over"]):
        said = discussion.contribute(
            person=author, consultation=consultation, kind="comment", text="停车", submission=uuid.uuid4(),
            at=consultation.opens_at + timedelta(hours=1),
        )  # fmt: skip
        replies.save_draft(
            actor=world.person("official"), consultation=consultation, contributions=[said], text="照办。",
            outcome=Outcome.ADOPTED, version=0, send=consultation is not waiting, at=at,
        )  # fmt: skip
    page = policies.create_policy(
        slug=f"policy-{number}", author=author, approver=resident, at=at - 9 * DAY, title=f"停车办法{number}",
        summary="管停车。", issuing_body=world.here.department, place=world.here.county, stage="decided",
    )  # fmt: skip
    assert page.live
    policies.revise_policy(
        page=world.policy, author=a_person(), approver=a_person(), at=at - DAY, change_note=f"停车第{number}版"
    )
    entry = Entry.objects.latest("pk")
    kind = "consult:reply:published"
    notice = Notice.objects.create(
        person=resident, kind=kind, entry=entry, url=running.get_absolute_url(), created_at=at
    )
    _add_failures(world, number, notice)
    outbox.write("email", "a@test.example", "题目", "正文", "", key=f"{number}")


def _a_slip_read_differently(world: World) -> None:
    """Print a pack of one slip, which two people read differently."""
    poll, official = Poll.objects.get(slug="vote-open"), world.person("official")
    made = paper.make_pack(poll=poll, actor=official, slips=1, submission=uuid.uuid4(), at=world.at)
    for who, choice in (("official", "park"), ("administrator", "road")):
        said = {"choices": [choice]}
        paper.key(poll=poll, actor=world.person(who), code=made.slips[0].code, content=said, at=world.at)


def _add_failures(world: World, number: int, notice: Notice) -> None:
    """Let one delivery of each sort fail, and add a webhook."""
    assert world.webhook is not None
    at, failed = world.at, {"status": "failed", "attempts": 6, "due_at": world.at, "error": "down"}
    Message.objects.create(notice=notice, channel="email", **failed)
    Digest.objects.create(person=notice.person, day=(at + number * DAY).date(), **failed)
    Letter.objects.create(channel="email", created_at=at, expires_at=at, **failed)
    Delivery.objects.create(entry=notice.entry, subscriber=f"nobody-{number}", **failed)
    WebhookDelivery.objects.create(endpoint=world.webhook, kind="test", payload={}, created_at=at, **failed)
    WebhookEndpoint.objects.create(
        owner=world.here.department, url=f"https://h{number}.test.example/", kinds=["reply.published"],
        secret="whsec_eHh4", created_by=world.person("administrator"), created_at=at,
    )  # fmt: skip


def _moderate(world: World, thread: Contribution) -> None:
    """Report the thread; hide a response, whose author appeals, and another one among many."""
    at, first = world.at, world.person("moderator")
    moderation.report(contribution=thread, person=a_person(), rule="H4", sentence="骂人。", at=at)
    for act in ("one", "many"):
        said = discussion.respond(
            person=world.person("author"), parent=thread, text=f"广告 {act}", at=at, submission=uuid.uuid4()
        )
        if act == "many":
            bulk.act_on(picks={said.pk: 0}, actor=first, act=Act.HIDE, rule="H6", sentence="广告。", at=at)
            continue
        ruling = moderation.judge(
            contribution=said, actor=first, act=Act.HIDE, rule="H6", sentence="广告。", version=0, at=at
        )
        moderation.appeal(ruling=ruling, person=world.person("author"), text="不是。", at=at)


def _finish_many(world: World) -> None:
    """Close one consultation with many answers."""
    made = a_consultation(world, "done-many", world.at - 18 * DAY, announced=True)
    for number in range(MANY):
        said = discussion.contribute(
            person=world.person("author"), consultation=made, kind="comment", text=f"第{number}句", clause=FIRST,
            submission=uuid.uuid4(), at=made.opens_at + timedelta(hours=1),
        )  # fmt: skip
        reply = replies.save_draft(
            actor=world.person("official"), consultation=made, contributions=[said], outcome=Outcome.ADOPTED,
            text="照办。", version=0, send=True, at=world.at,
        )  # fmt: skip
        replies.approve_and_publish(reply=reply, version=reply.version, actor=world.person("approver"), at=world.at)
    made = Consultation.objects.for_pages().get(pk=made.pk)
    reports.conclude(consultation=made, actor=world.person("official"), at=world.at)
