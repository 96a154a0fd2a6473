"""After somebody is erased, nothing they ever put in can be found anywhere; everything else is as it was.

A mark is planted in every text of every row that leads to one person, found by
asking the models, so that a new model or field is planted, and looked for, by
itself.  It is looked for in a dump of every table, in what is packed inside
(sessions, cache), in every file of the installation, and in the log.
"""

import base64
import io
import json
import pickle
import uuid
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.apps import apps
from django.conf import settings as configured
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from wagtail.admin.models import EditingSession, FormState
from wagtail.models import Comment, CommentReply, PageSubscription, UploadedFile
from wagtail.users.models import UserProfile

from civic.notify import domain as notify
from civic.notify import tasks as sending
from civic.notify.models import Bounce, Digest, Hours, Message, Preference, Wish
from civic.people import personal
from civic.people.models import Person, Suspension, Verification
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation, Follow
from consult.discussion import domain as discussion
from consult.discussion import drafts
from consult.discussion.models import Contribution, Draft, Support
from consult.discussion.states import Outcome
from consult.moderation import domain as moderation
from consult.moderation.models import Case
from consult.moderation.states import Act
from consult.opinions.models import Opinion, StatementTally
from consult.replies import domain as replies
from consult.reports import domain as reports
from consult.voting import objecting, observing
from consult.voting.models import Poll
from search.indexing import index_now
from tests.architecture.conftest import DAY, World, a_consultation
from tests.embedded import run_on_embedded
from tests.factories.people import PASSWORD, a_person

MARK = "zqplant"  # in no word of any language we print
NUMBER = "+8613987654321"

# Texts of a person's rows that hold a word of the site, never one of theirs.
OF_THE_SITE = {
    "civic_notify.Notice.kind": "one of the declared kinds",
    "consult_discussion.Contribution.clause_number": "the text's",
    "consult_discussion.Contribution.language": "chosen by the form",
    "consult_discussion.Contribution.words_hash": "empty while there are words",
    "consult_discussion.Draft.token": "empty for a person's draft",
    "consult_voting.Objection.answer": "the office's own words, in public under the objection",
    "consult_voting.Objection.salt": "drawn by chance; goes with the words",
}


@pytest.fixture
def site(world: World, settings: Any, tmp_path: Path) -> World:
    """The world with files of its own."""
    settings.OUTBOX, settings.MEDIA_ROOT = tmp_path / "outbox", str(tmp_path / "media")
    settings.EMAIL_BACKEND = "civic.notify.outbox.EmailBackend"
    cache.clear()
    return world


@pytest.fixture
def planted(site: World, deliver_all: Callable[..., int]) -> Person:
    """Somebody who has used every part of the site, with a mark in every text of theirs."""
    person = a_person(
        email=f"{MARK}@test.example", phone=NUMBER, phone_verified=True, display_name=f"{MARK}-name",
        residence=site.here.district, language="zh-hans", last_login=site.at, elder_mode=True,
    )  # fmt: skip
    _speak(site, person)
    deliver_all(site.at)
    _be_told(site, person)
    _hold_rows(site, person)
    _browse(site, person)
    sending.sweep()
    for name in _reached():
        _mark(name, person)
    for pk in Contribution.objects.filter(author=person).values_list("pk", flat=True):
        index_now("contribution", pk)
    return person


@pytest.mark.django_db
def test_nothing_of_a_person_is_left_anywhere(
    site: World,
    planted: Person,
    deliver_all: Callable[..., int],
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    there = set(_find(planted))
    assert {
        "civic_people_person", "account_emailaddress", "consult_discussion_contribution", "consult_discussion_version",
        "consult_discussion_draft", "civic_notify_notice", "civic_notify_letter", "django_session (unpacked)",
        "search_document", "wagtailusers_userprofile", "media", "outbox",
    } <= there  # fmt: skip
    caplog.clear()

    with django_capture_on_commit_callbacks(execute=True):
        call_command("erase_person", str(planted.pk))
    deliver_all(site.at + DAY)
    sending.sweep()

    assert set(_find(planted)) == set()
    assert not any(trace in caplog.text for trace in _traces(planted))


@pytest.mark.django_db
def test_what_others_said_and_what_was_counted_stays(site: World, planted: Person) -> None:
    assert _prove() == ""
    response = Contribution.objects.get(text="我也这么想。")
    before = {each.pk: _totals(each) for each in Consultation.objects.all()}
    backed = dict(Contribution.objects.values_list("pk", "num_vote_up"))
    shape = set(Contribution.objects.values_list("pk", "parent", "root", "response_count"))
    tallies = list(StatementTally.objects.order_by("pk").values_list("pk", "agrees", "disagrees", "passes"))
    waiting = Contribution.objects.published().roots().filter(author=planted, consultation__slug="running")
    assert set(waiting.values_list("outcome", flat=True)) == {Outcome.WAITING}
    leaving, running = waiting.count(), site.consultations["running"].pk

    call_command("erase_person", str(planted.pk))

    response.refresh_from_db()
    assert response.text == "我也这么想。"
    assert dict(Contribution.objects.values_list("pk", "num_vote_up")) == backed
    assert set(Contribution.objects.values_list("pk", "parent", "root", "response_count")) == shape
    assert list(StatementTally.objects.order_by("pk").values_list("pk", "agrees", "disagrees", "passes")) == tallies
    # Only words nobody has answered yet leave the count: nobody could answer them any more.
    before[running] = (before[running][0] - leaving, *before[running][1:])
    assert {each.pk: _totals(each) for each in Consultation.objects.all()} == before
    assert _prove() == ""


@pytest.mark.django_db
def test_a_person_takes_along_everything_before(site: World, planted: Person) -> None:
    client = Client()
    client.force_login(planted, backend="allauth.account.auth_backends.AuthenticationBackend")
    with ZipFile(io.BytesIO(b"".join(client.post("/me/data/download/")))) as archive:
        data = json.loads(archive.read("data.json"))
        page = archive.read("index.html").decode()
        names = archive.namelist()
    sections = {section["name"]: section["records"] for section in data["sections"]}
    assert sections.keys() == {section.name for section in personal.sections()}
    for name in ("account", "addresses", "residence", "words", "versions", "supports", "opinions", "drafts", "notices"):
        assert sections[name], f"{name} is empty"
    assert sections["account"][0]["email"] == planted.email
    texts = [record["text"] for record in sections["words"] if record["text"]]
    assert texts
    assert all(text in page for text in texts)
    assert any(name.startswith("files/") for name in names)


@pytest.mark.needs("postgresql")
def test_all_this_holds_on_the_embedded_database_too(tmp_path: Path) -> None:
    run_on_embedded(__file__, folder=tmp_path)


# -- planting -----------------------------------------------------------------


def _speak(site: World, person: Person) -> None:
    """Say, back and answer something in a running consultation and in one that is closed with its result."""
    running = site.consultations["running"]
    friend = a_person(residence=site.here.district, display_name="朋友")
    closing = a_consultation(site, "closing", site.at - 18 * DAY, announced=True)
    for asked in (running, closing):
        at = asked.opens_at + timedelta(hours=2)
        said = discussion.contribute(
            person=person, consultation=asked, kind="proposal", title=f"{MARK} title", text=f"{MARK} text",
            submission=uuid.uuid4(), at=at,
        )  # fmt: skip
        discussion.edit(
            contribution=said, person=person, text=f"{MARK} second text", title=f"{MARK} title", version=1, at=at
        )
        discussion.respond(
            person=friend,
            parent=said,
            text="我也这么想。" if asked is closing else "是的。",
            at=at,
            submission=uuid.uuid4(),
        )
        discussion.support(contribution=said, person=friend, at=at)
        theirs = discussion.contribute(
            person=friend, consultation=asked, kind="comment", text="朋友的话。", submission=uuid.uuid4(), at=at
        )
        mine = discussion.respond(person=person, parent=theirs, text=f"{MARK} response", at=at, submission=uuid.uuid4())
        discussion.support(contribution=mine, person=friend, at=at)
        discussion.support(contribution=theirs, person=person, at=at)
        if asked is closing:
            _close(site, closing, [said, theirs])
    _be_moderated(site, person, friend)
    _object(site, person)
    statement = site.said["statement"]
    Opinion.objects.create(person=person, statement=statement, value=1, at=site.at)
    StatementTally.objects.filter(statement=statement).update(
        agrees=Opinion.objects.filter(statement=statement).count()
    )
    consultations.follow(consultation=site.consultations["over"], person=person, at=site.at)
    drafts.save(
        owner=drafts.Owner(person), consultation=running, box="proposal", text=f"{MARK} draft", title=f"{MARK} draft",
        version=0, at=site.at,
    )  # fmt: skip


def _object(site: World, person: Person) -> None:
    """Observe a poll, object to it, be answered, and have the words hidden."""
    poll, auditor = Poll.objects.get(slug="vote-open"), site.person("administrator")
    observing.observe(poll=poll, person=person, at=site.at)
    made = objecting.object_to(poll=poll, person=person, text=f"{MARK} objection", at=site.at)
    objecting.answer(objection=made, actor=auditor, text="已核对。", at=site.at)
    objecting.hide(objection=made, actor=auditor, reason=f"{MARK} hidden", at=site.at)


def _be_moderated(site: World, person: Person, friend: Person) -> None:
    """Report somebody and be reported, have words hidden and appeal."""
    moderation.report(
        contribution=site.said["running"], person=person, rule="H6", sentence=f"{MARK} report", at=site.at
    )
    for text in ("hidden", "waiting for a moderator"):
        said = discussion.contribute(
            person=person, consultation=site.consultations["running"], kind="comment", text=f"{MARK} {text}",
            submission=uuid.uuid4(), at=site.at,
        )  # fmt: skip
        moderation.report(contribution=said, person=friend, rule="H6", sentence=f"他说“{MARK}”。", at=site.at)
        if text == "hidden":
            ruling = moderation.judge(
                contribution=said, actor=site.person("moderator"), act=Act.HIDE, rule="H6", sentence=f"{MARK} why",
                version=Case.objects.get(contribution=said).version, at=site.at,
            )  # fmt: skip
            moderation.appeal(ruling=ruling, person=person, text=f"{MARK} appeal", at=site.at)


def _close(site: World, asked: Consultation, said: list[Contribution]) -> None:
    reply = replies.save_draft(
        actor=site.person("official"), consultation=asked, contributions=said, outcome=Outcome.ADOPTED, text="照办。",
        version=0, send=True, at=site.at,
    )  # fmt: skip
    replies.approve_and_publish(reply=reply, version=reply.version, actor=site.person("approver"), at=site.at)
    asked.refresh_from_db()
    reports.conclude(consultation=asked, actor=site.person("official"), at=site.at)


def _be_told(site: World, person: Person) -> None:
    """Have letters sent, waiting and failed."""
    content = {"subject": f"{MARK} subject", "text": f"{MARK} letter"}
    for address, channel in ((person.email, "email"), (NUMBER, "sms")):
        notify.post(channel=channel, address=str(address), content=content, at=site.at, lasts=DAY)
    sending.sweep()
    later = site.at + DAY
    notify.post(channel="email", address=str(person.email), content=content, at=later, lasts=DAY)
    failed = apps.get_model("civic_notify.Letter").objects.create(
        channel="email", address="", content={}, created_at=site.at, due_at=site.at, expires_at=site.at,
        status="failed", error=f"550 {person.email} unknown",
    )  # fmt: skip
    assert failed.pk


def _hold_rows(site: World, person: Person) -> None:
    """One row in every other model that leads to the person."""
    address = EmailAddress.objects.create(user=person, email=f"{MARK}-2@test.example", verified=True)
    EmailConfirmation.objects.create(email_address=address, key=f"{MARK}-key")
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": encrypt(f"{MARK}-secret")})
    Verification.objects.create(person=person, level=1, method="email", at=site.at)
    Suspension.objects.create(
        person=person, starts_at=site.at - 9 * DAY, ends_at=site.at - 8 * DAY, reason=f"{MARK} reason"
    )
    Preference.objects.create(person=person, group="own", channel="email", wanted=True)
    Wish.objects.create(person=person, kind="consult:outcome", channel="email", timing="now")
    Hours.objects.create(person=person, digest_hour=8)
    digest = Digest.objects.create(
        person=person, day=site.at.date(), due_at=site.at, sent_at=site.at, status="sent", error=f"550 {MARK}"
    )
    daily = Message.objects.filter(notice__person=person, channel="email")
    assert daily.update(digest=digest, is_daily=True)
    Bounce.objects.create(
        person=person, channel="email", mark="m", source="s", is_hard=True, reason=f"550 {person.email}", at=site.at
    )
    UserProfile.objects.create(user=person, avatar=ContentFile(f"{MARK} picture".encode(), name=f"{MARK}.png"))
    UploadedFile.objects.create(
        uploaded_by_user=person, file=ContentFile(f"{MARK} upload".encode(), name=f"{MARK}-upload.txt")
    )
    about = {"content_type_id": 1, "object_id": "1"}
    EditingSession.objects.create(user=person, last_seen_at=site.at, **about)
    FormState.objects.create(user=person, last_updated_at=site.at, data=MARK, **about)
    PageSubscription.objects.create(user=person, page=site.policy, comment_notifications=True)
    comment = Comment.objects.create(user=person, page=site.policy, text=f"{MARK} note", contentpath="title")
    CommentReply.objects.create(user=person, comment=comment, text=f"{MARK} answer")
    assert Follow.objects.filter(person=person).exists()
    assert Draft.objects.filter(person=person).exists()
    assert Support.objects.filter(user=person).exists()


def _browse(site: World, person: Person) -> None:
    """Be signed in, have failed to, and have stopped half way."""
    Client().force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    Client().post("/accounts/login/", {"login": person.email, "password": "wrong-words"})
    Client().post("/accounts/login/code/", {"login": person.email})
    Client().post("/accounts/login/", {"login": NUMBER, "password": PASSWORD})


def _mark(name: str, person: Person) -> None:
    """Plant the mark in every text of the rows that lead to the person, where it is not there yet."""
    label, path = name.rsplit(".", 1)
    rows = apps.get_model(label)._base_manager.filter(**{path: person})
    assert rows.exists(), f"Plant a row of {label} that leads to the person ({path})."
    for field in rows.model._meta.local_concrete_fields:
        if not _is_free_text(field) or f"{label}.{field.name}" in OF_THE_SITE:
            continue
        if any(MARK in str(value) for value in rows.values_list(field.name, flat=True)):
            continue
        value: Any = {"mine": MARK} if isinstance(field, models.JSONField) else MARK
        for row in rows:  # some columns are unique
            text = value if isinstance(value, dict) else f"{MARK}{row.pk}"[: field.max_length or None]
            type(row)._base_manager.filter(pk=row.pk).update(**{field.name: text})


def _is_free_text(field: models.Field) -> bool:
    kinds = (models.CharField, models.TextField, models.JSONField)
    short = field.max_length is not None and field.max_length < len(MARK)
    return isinstance(field, kinds) and not field.choices and not short


def _reached() -> list[str]:
    return [name for section in personal.sections() for name in section.reaches]


# -- looking ------------------------------------------------------------------


def _traces(person: Person) -> list[str]:
    return [MARK, NUMBER, NUMBER.removeprefix("+86")]


def _find(person: Person) -> Iterator[str]:
    """Yield where something of the person stands."""
    traces = _traces(person)
    for where, text in _everything():
        if any(trace in text.lower() for trace in traces):
            yield where


def _everything() -> Iterator[tuple[str, str]]:
    """Yield every table and file of the installation as text, and once more what is packed inside."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield table, " ".join(_readable(value) for value in row)
                for value in row:
                    if (packed := _unpacked(value)) is not None:
                        yield f"{table} (unpacked)", packed
    folders = {"outbox": configured.OUTBOX, "media": configured.MEDIA_ROOT, "home": configured.HOME / "queue"}
    for name, folder in folders.items():
        for path in Path(folder).rglob("*"):
            yield name, str(path.relative_to(folder))
            if path.is_file() and not _is_letter_to_another(path):
                yield name, path.read_bytes().decode(errors="replace")


def _is_letter_to_another(path: Path) -> bool:
    """Tell whether this stands for a mail in somebody else's mailbox, which nobody can take back."""
    return path.suffix == ".json" and json.loads(path.read_text()).get("to", MARK).startswith("person")


def _readable(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


def _unpacked(value: Any) -> str | None:
    """Return what a session (signed, base64, perhaps deflated) or a cached value (pickled, base64) holds."""
    if not isinstance(value, str) or len(value) < 16:
        return None
    body = value.split(":")[0].removeprefix(".")
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except ValueError:
        return None
    for unpack in (zlib.decompress, lambda data: repr(pickle.loads(data)).encode()):
        try:
            return unpack(raw).decode(errors="replace")
        except Exception:
            continue
    return raw.decode(errors="replace")


def _totals(asked: Consultation) -> tuple[int, ...]:
    return asked.contribution_count, asked.response_count, asked.participant_count, asked.answered_count


def _prove() -> str:
    out = io.StringIO()
    try:
        call_command("prove", stdout=out)
    except SystemExit:
        return out.getvalue()
    return ""
