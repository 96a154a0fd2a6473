"""People of every office leave in the middle of their work: the others go on, and nothing of them stays."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents.models import Document

from civic.people import erasing, personal, takeout
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.moderation.models import Appeal
from consult.opinions.models import StatementTally
from consult.replies import domain as replies
from consult.voting import auditing, counting, meetings, observing, paper
from consult.voting.casting import cast
from consult.voting.meetings import Minutes
from consult.voting.models import Meeting, Observer, PaperKeying, Poll
from consult.voting.paper import Reading
from tests.architecture.conftest import World, browser_of
from tests.architecture.test_forgetting import _everything, _prove
from tests.factories.bodies import a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db
LANGUAGES = ("zh-hans", "en")
Deliver = Callable[..., int]


@pytest.fixture(autouse=True)
def _counted(world: World) -> None:
    """Let the world's own statement have the opinions it has."""
    StatementTally.objects.update(agrees=0)


def a_marked(world: World, who: str) -> Person:
    """Give one of the cast a name and addresses that are found wherever they stand."""
    person, mark = world.person(who), f"zqmark{who}"
    person.display_name, person.email, person.phone, person.phone_verified = mark, f"{mark}@x.example", None, False
    person.save()
    return person


def erase(world: World, who: str, deliver_all: Deliver) -> None:
    erasing.erase(person_id=world.person(who).pk, at=world.at)
    deliver_all(world.at)
    left = {where for where, text in _everything() if f"zqmark{who}" in text.lower()}
    assert left == set()
    assert _prove() == ""


def pages(client: Client, *addresses: str) -> Iterator[str]:
    for address in addresses:
        for language in LANGUAGES:
            answer = client.get(address, headers={"accept-language": language})
            assert answer.status_code == 200, f"{address} {language}: {answer.status_code}"
            yield answer.content.decode()


def test_an_official_whose_answer_waits_for_approval(world: World, deliver_all: Deliver) -> None:
    a_marked(world, "official")
    sent, draft = world.replies["sent"], world.replies["draft"]
    erase(world, "official", deliver_all)

    list(pages(browser_of(world, "approver"), f"/desk/answers/{sent.pk}/"))
    replies.approve_and_publish(reply=sent, version=sent.version, actor=world.person("approver"), at=world.at)
    sent.refresh_from_db()
    assert sent.state == "published"
    colleague = world.person("administrator")
    replies.save_draft(
        actor=colleague, consultation=world.consultations["running"], contributions=[world.said["running"]],
        outcome="adopted", text="接着办。", reply=draft, version=draft.version, send=True, at=world.at,
    )  # fmt: skip
    list(
        pages(
            Client(),
            "/consultations/over/",
            "/consultations/running/",
            "/polls/vote-open/",
            "/polls/meet-done/minutes/",
        )
    )
    list(pages(browser_of(world, "administrator"), "/desk/polls/vote-open/", "/desk/meetings/meet-open/"))
    assert _prove() == ""


def test_somebody_who_spoke_appealed_objected_and_was_to_witness(world: World, deliver_all: Deliver) -> None:
    author = a_marked(world, "author")
    observing.observe(poll=Poll.objects.get(slug="vote-open"), person=author, at=world.at)
    official, elsewhere = world.person("official"), world.person("elsewhere")
    meeting = Meeting.objects.get(poll__slug="meet-open")
    assert world.appeal is not None
    erase(world, "author", deliver_all)

    assert not Observer.objects.filter(person=author).exists()
    assert Appeal.objects.get(pk=world.appeal.pk).result  # nobody has to decide it any more
    for moderator in ("moderator", "moderator2"):
        list(pages(browser_of(world, moderator), "/desk/moderation/", f"/desk/moderation/appeals/{world.appeal.pk}/"))
    addresses = [f"/consultations/{slug}/" for slug in ("running", "over", "done")]
    list(pages(Client(), *addresses, "/polls/vote-open/bulletin/", "/polls/meet-open/", "/polls/meet-done/minutes/"))
    at_desk = browser_of(world, "official")
    for page in pages(at_desk, "/desk/meetings/meet-open/"):
        assert re.search("已注销|Deleted account", page)
    # The minutes do not wait for somebody who is gone: the clerk names another witness.
    meetings.confirm(poll=meeting.poll, witness=elsewhere, version=meeting.version, at=world.at)
    minutes = Minutes(
        present=80, hands={"yes": 60, "no": 15, "abstain": 5}, witnesses=(world.person("resident"), elsewhere)
    )
    version = meetings.write_down(
        poll=meeting.poll, actor=official, minutes=minutes, version=meeting.version, at=world.at
    )
    for witness in minutes.witnesses:
        meetings.confirm(poll=meeting.poll, witness=witness, version=version, at=world.at)
    meetings.publish(poll=meeting.poll, actor=official, at=world.at)
    assert _prove() == ""


def test_a_voter_one_who_has_not_voted_and_one_who_has(world: World, deliver_all: Deliver) -> None:
    poll = Poll.objects.get(slug="vote-open")
    a_marked(world, "resident")
    a_marked(world, "elder")
    receipt = cast(poll=poll, person=world.person("resident"), content={"choices": ["park"]}, at=world.at)
    for who in ("resident", "elder"):
        erase(world, who, deliver_all)

    client = Client()
    found = client.post("/polls/vote-open/receipt/", {"receipt": receipt.code})
    assert found.status_code == 200
    list(pages(browser_of(world, "official"), "/desk/polls/vote-open/"))
    list(pages(client, "/polls/vote-open/", "/polls/vote-open/bulletin/"))


def test_whoever_keyed_a_slip_first_and_gave_others_their_powers(world: World, deliver_all: Deliver) -> None:
    poll = Poll.objects.get(slug="vote-open")
    clerk, second = a_marked(world, "clerk"), a_person(level=3)
    a_grant("consult:poll:key", to=second, place=world.here.county, at=world.at)
    slips = paper.make_pack(
        poll=poll, actor=world.person("official"), slips=2, submission=uuid.uuid4(), at=world.at
    ).slips
    paper.hand_out(poll=poll, person=world.person("resident"), actor=clerk, at=world.at)
    park = {"choices": ["park"]}
    assert paper.key(poll=poll, actor=clerk, code=slips[0].code, content=park, at=world.at) == Reading.FIRST
    erase(world, "clerk", deliver_all)

    assert paper.key(poll=poll, actor=second, code=slips[0].code, content=park, at=world.at) == Reading.AGREED
    assert PaperKeying.objects.count() == 2
    list(pages(browser_of(world, "official"), "/desk/polls/vote-open/paper/", "/desk/polls/vote-open/paper/report/"))


def test_an_auditor_who_certified(world: World, deliver_all: Deliver) -> None:
    poll = Poll.objects.get(slug="vote-done")
    auditor = a_marked(world, "auditor")
    assert auditing.recount(poll=poll, actor=auditor, at=world.at).is_right
    counting.certify(poll=poll, actor=auditor, note="已复核。", at=world.at)
    erase(world, "auditor", deliver_all)
    list(pages(Client(), "/polls/vote-done/result/", "/polls/vote-done/bulletin/", "/polls/vote-done/notice/"))
    list(pages(browser_of(world, "administrator"), "/desk/audit/polls/", "/desk/audit/polls/vote-done/"))


def test_whoever_gave_powers_and_moderated_leaves_them_valid(world: World, deliver_all: Deliver) -> None:
    a_marked(world, "moderator")
    given = world.person("administrator")
    erase(world, "moderator", deliver_all)
    a_marked(world, "administrator")
    erase(world, "administrator", deliver_all)
    assert given.pk
    list(pages(browser_of(world, "moderator2"), "/desk/moderation/"))
    list(pages(Client(), "/grants/"))
    assert Consultation.objects.filter(slug="running").exists()


def test_whoever_leaves_while_their_data_is_being_packed(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    author = a_marked(world, "author")
    gone = Document.objects.create(title="x", file=ContentFile(b"x", name="x.txt"), uploaded_by_user=author)
    gone.file.storage.delete(gone.file.name)
    told, packing = [], personal.records

    def and_then_erase(section: personal.Section, person: Person) -> Iterator[personal.Record]:
        told.append(section.name)
        if len(told) == 3:
            erasing.erase(person_id=person.pk, at=world.at)
        yield from packing(section, person)

    monkeypatch.setattr(personal, "records", and_then_erase)
    with takeout.make(author, at=world.at) as file, ZipFile(file) as archive:
        assert archive.testzip() is None
        assert len(json.loads(archive.read("data.json"))["sections"]) == len(personal.sections())


def test_the_address_of_who_left_begins_anew(world: World, deliver_all: Deliver) -> None:
    resident = a_marked(world, "resident")
    address = str(resident.email)
    erasing.erase(person_id=resident.pk, at=world.at)
    anew = a_person(email=address, residence=world.here.district)
    said = discussion.contribute(
        person=anew, consultation=world.consultations["running"], kind="comment", text="我又来了。",
        submission=uuid.uuid4(), at=world.at,
    )  # fmt: skip
    assert said.author_id == anew.pk
    assert _prove() == ""
