"""Observers: the head once a day, on paper and as text, and a note that proves the prefix."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from civic.audit.models import Entry
from civic.core import clock
from civic.notify.models import Notice
from consult.voting import closing, observing
from consult.voting.casting import cast
from consult.voting.hashing import in_groups
from consult.voting.models import BulletinEntry, DailyHead, Observer
from tests.consult.conftest import AT, DAY, County
from tests.consult.voting.conftest import CLOSES, finish

pytestmark = pytest.mark.django_db
MORNING = AT.replace(hour=0, minute=30)  # half past eight in the county


def head_of(poll: Any) -> BulletinEntry:
    return BulletinEntry.objects.filter(poll=poll).latest("number")


def test_the_head_goes_out_once_a_day_whoever_asks_and_however_often(open_poll: Any, county: County) -> None:
    poll = open_poll()
    observing.observe(poll=poll, person=county.resident, at=AT)
    observing.observe(poll=poll, person=county.resident, at=AT)
    assert Observer.objects.count() == 1
    assert observing.daily_heads(at=MORNING - timedelta(hours=2)) == 0
    assert [observing.daily_heads(at=MORNING + timedelta(hours=n)) for n in range(3)] == [1, 0, 0]
    assert observing.daily_heads(at=MORNING + DAY) == 1
    assert list(DailyHead.objects.values_list("hash", flat=True)) == [head_of(poll).hash] * 2
    assert Entry.objects.filter(type="consult:poll:head").count() == 2


def test_a_finished_poll_sends_its_head_when_it_grew_and_then_rests(open_poll: Any) -> None:
    poll = open_poll()
    assert observing.daily_heads(at=MORNING) == 1
    finish(poll)
    assert observing.daily_heads(at=CLOSES + DAY) == 1
    assert DailyHead.objects.first().hash == head_of(poll).hash
    assert observing.daily_heads(at=CLOSES + 2 * DAY) == 0


def test_observers_are_told_and_others_are_not(open_poll: Any, county: County, deliver_all: Any) -> None:
    poll = open_poll()
    observing.observe(poll=poll, person=county.resident, at=AT)
    observing.observe(poll=poll, person=county.neighbour, at=AT)
    observing.stop(poll=poll, person=county.neighbour)
    observing.daily_heads(at=MORNING)
    deliver_all(AT + 3650 * DAY)
    notice = Notice.objects.get(kind="consult:poll-head")
    assert notice.person == county.resident
    assert notice.params["hash"] == in_groups(head_of(poll).hash)


def test_the_head_is_there_as_text_and_on_paper(open_poll: Any, voters: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    people = voters(45)
    poll = open_poll()
    for each in people:
        cast(poll=poll, person=each, content={"choices": ["park"]}, at=AT)
    closing.publish_batches(at=AT)
    head = head_of(poll)
    text = Client().get(f"/polls/{poll.slug}/head.txt")
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    told = dict(line.split(": ", 1) for line in text.content.decode().splitlines())
    assert (told["entry"], told["head"], told["key"]) == (str(head.number), head.hash, poll.key.public)
    sheet = Client().get(f"/polls/{poll.slug}/notice/").content.decode()
    for group in in_groups(head.hash).split():
        assert f"<code>{group}</code>" in sheet
    assert "第 1 批：20" in sheet


def test_before_the_opening_there_is_no_head(draft: Any, clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from consult.voting import domain

    monkeypatch.setattr(clock, "now", lambda: AT - 2 * DAY)
    poll = draft()
    domain.announce(poll=poll, actor=clerk, at=AT - 2 * DAY)
    assert Client().get(f"/polls/{poll.slug}/head.txt").status_code == 404
    assert Client().get(f"/polls/{poll.slug}/notice/").status_code == 200
    assert observing.daily_heads(at=AT) == 0


def test_a_resident_starts_and_stops_observing(
    open_poll: Any, county: County, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    path = f"/polls/{open_poll().slug}/observe/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"start": "1"}).status_code == 302
    assert not Observer.objects.exists()
    client.force_login(county.resident)
    client.post(path, {"start": "1"})
    assert Observer.objects.get().person == county.resident
    client.post(path, {"stop": "1"})
    assert not Observer.objects.exists()
