"""Objections: entered by date and hash, answered in public, hidden for a reason, forgotten with whoever said them."""

from typing import Any

import pytest
from django.test import Client

from civic.audit.models import Entry
from civic.core import clock, proofs
from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.notify.models import Notice
from civic.people import personal
from civic.people.models import Person
from consult.voting import objecting
from consult.voting.hashing import sha256
from consult.voting.models import BulletinEntry, Objection, Poll
from consult.voting.rules import OBJECTION_DAYS
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import DAY, SECOND, County
from tests.consult.voting.conftest import CLOSES, finish

pytestmark = pytest.mark.django_db
WORDS = "点票时没有通知我们村。"
LATER = CLOSES + DAY


@pytest.fixture
def counted(open_poll: Any, county: County) -> Poll:
    return finish(open_poll())


@pytest.fixture(autouse=True)
def after_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


def test_an_objection_enters_the_chain_by_date_and_hash_and_says_nobodys_name(
    counted: Poll, county: County, client: Client
) -> None:
    client.force_login(county.stranger)
    path = f"/polls/{counted.slug}/object/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"text": " "}).status_code == 422
    assert client.post(path, {"text": WORDS}).status_code == 302
    assert client.post(path, {"text": WORDS}).status_code == 409
    made = Objection.objects.get()
    entry = BulletinEntry.objects.get(kind="objection")
    assert entry.content == {"on": LATER.isoformat(), "words": sha256(f"{made.salt}|{WORDS}".encode())}
    page = Client().get(f"/polls/{counted.slug}/result/").content.decode()
    assert WORDS in page
    assert county.stranger.public_name not in page
    assert list(proofs.faults("poll-objections")) == []


def test_the_window_closes_some_days_after_the_count(counted: Poll, county: County) -> None:
    end = CLOSES + OBJECTION_DAYS * DAY
    objecting.object_to(poll=counted, person=county.resident, text="早", at=end - SECOND)
    with pytest.raises(Refused) as refusal:
        objecting.object_to(poll=counted, person=county.resident, text="晚", at=end)
    assert refusal.value.reason.code == "objections-over"


def test_too_many_in_a_short_time_are_told_to_wait(counted: Poll, county: County, client: Client) -> None:
    client.force_login(county.resident)
    answers = [client.post(f"/polls/{counted.slug}/object/", {"text": f"{n}"}).status_code for n in range(6)]
    assert answers == [*[302] * 5, 429]


def test_the_office_answers_once_and_whoever_objected_is_told(
    counted: Poll, county: County, clerk: Person, client: Client, deliver_all: Any
) -> None:
    made = objecting.object_to(poll=counted, person=county.resident, text=WORDS, at=LATER)
    client.force_login(clerk)
    desk = f"/desk/polls/{counted.slug}/objections/"
    assert WORDS in client.get(desk).content.decode()
    deliver_all(LATER)
    assert Notice.objects.get(kind="consult:poll-objected").person == clerk
    answer = {"answer": "通知贴在村委会门口。", "answer_it": "1"}
    assert client.post(f"{desk}{made.entry.number}/", {"answer": ""}).status_code == 422
    assert client.post(f"{desk}{made.entry.number}/", answer).status_code == 302
    assert client.post(f"{desk}{made.entry.number}/", answer).status_code == 409
    made.refresh_from_db()
    assert made.answered_as == "sponsor"
    deliver_all(LATER)
    assert Notice.objects.get(kind="consult:poll-objection-answered").person == county.resident
    assert "通知贴在村委会门口" in Client().get(f"/polls/{counted.slug}/result/").content.decode()
    assert Entry.objects.filter(type="consult:poll:objection-answered", actor=clerk).exists()


def test_only_the_auditor_hides_words_and_everybody_reads_why(
    counted: Poll, county: County, clerk: Person, auditor: Person
) -> None:
    made = objecting.object_to(poll=counted, person=county.resident, text=WORDS, at=LATER)
    with pytest.raises(Refused):
        objecting.hide(objection=made, actor=clerk, reason="不好听", at=LATER)
    objecting.hide(objection=made, actor=auditor, reason="写了别人的姓名", at=LATER)
    page = Client().get(f"/polls/{counted.slug}/result/").content.decode()
    assert WORDS not in page
    assert "写了别人的姓名" in page
    assert WORDS not in Client().get(f"/polls/{counted.slug}/bulletin/").content.decode()
    assert list(proofs.faults("poll-objections")) == []


def test_nobody_of_the_office_answers_as_its_auditor(counted: Poll, county: County, clerk: Person) -> None:
    found(
        holder=Holder(person=clerk), action="consult:poll:certify", scope=Scope(place=county.place),
        window=Window(LATER - DAY, LATER + DAY), reason="test", at=LATER - DAY,
    )  # fmt: skip
    made = objecting.object_to(poll=counted, person=county.resident, text=WORDS, at=LATER)
    objecting.answer(objection=made, actor=clerk, text="通知贴在村委会门口。", at=LATER)
    made.refresh_from_db()
    assert made.answered_as == "sponsor"


def test_neighbours_neither_answer_nor_see_the_desk(counted: Poll, county: County, client: Client) -> None:
    made = objecting.object_to(poll=counted, person=county.resident, text=WORDS, at=LATER)
    with pytest.raises(Refused):
        objecting.answer(objection=made, actor=county.neighbour, text="我来答", at=LATER)
    client.force_login(county.neighbour)
    assert client.get(f"/desk/polls/{counted.slug}/objections/").status_code == 404


def test_words_and_salt_go_with_the_person_and_the_chain_holds(counted: Poll, county: County) -> None:
    objecting.object_to(poll=counted, person=county.resident, text=WORDS, at=LATER)
    section = personal.section("objections")
    assert [record.facts[2].value for record in personal.records(section, county.resident)] == [WORDS]
    section.erase(county.resident, LATER)
    made = Objection.objects.get()
    assert (made.text, made.salt) == ("", "")
    page = Client().get(f"/polls/{counted.slug}/result/").content.decode()
    assert WORDS not in page
    for name in ("ballot-chains", "poll-objections"):
        assert list(proofs.faults(name)) == []


def test_a_changed_objection_is_found(counted: Poll, county: County) -> None:
    objecting.object_to(poll=counted, person=county.resident, text=WORDS, at=LATER)
    Objection.objects.update(text="没有意见。")
    assert len(list(proofs.faults("poll-objections"))) == 1


def test_no_notice_names_whoever_objected(counted: Poll, county: County, clerk: Person, deliver_all: Any) -> None:
    objecting.object_to(poll=counted, person=county.resident, text=WORDS, at=LATER)
    deliver_all(LATER)
    assert Notice.objects.filter(kind="consult:poll-objected").exists()
    assert not any(county.resident.public_name in str(notice.params) for notice in Notice.objects.all())
