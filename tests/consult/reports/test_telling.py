"""Everybody who took part is told once, about their own words."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.utils import translation

from civic.notify.models import Notice
from civic.people.models import Person
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.reports import kinds, telling
from consult.reports.models import Report
from tests.consult.conftest import AT, DAY, County, person, say
from tests.consult.reports.conftest import ANSWERED_AT, answer

Conclude = Callable[..., Report]
Deliver = Callable[..., int]
LATER = ANSWERED_AT + 3650 * DAY  # whatever is due by then


@pytest.fixture
def people(county: County) -> dict[str, Person]:
    return {name: person(name, county.here) for name in ("author", "responder", "supporter", "follower", "regretful")}


@pytest.fixture
def told(
    county: County, consultation: Consultation, people: dict[str, Person], conclude: Conclude, deliver_all: Deliver
) -> dict[str, Notice]:
    """Conclude a consultation in which each took part in another way, and return the notices by name."""
    first = say(consultation, people["author"], "末班车能不能晚一点？")
    say_again = say(consultation, people["author"], "站牌字太小")
    discussion.respond(person=people["responder"], parent=first, text="我也这么想", at=AT, submission=uuid4())
    discussion.support(contribution=first, person=people["supporter"], at=AT)
    consultations.follow(consultation=consultation, person=people["follower"], at=AT)
    consultations.follow(consultation=consultation, person=people["author"], at=AT)
    gone = say(consultation, people["regretful"], "说错了")
    discussion.take_back(contribution=gone, person=people["regretful"], at=AT)
    answer(county, first, clause_number="第三条", new_text="末班车二十二点。")
    answer(county, say_again, outcome="not")
    conclude(consultation)
    deliver_all(LATER)
    told = Notice.objects.filter(kind__in=[kinds.OUTCOME, kinds.ENDED]).select_related("person")
    return {notice.person.display_name: notice for notice in told}


@pytest.mark.usefixtures("told")
def test_everybody_is_told_exactly_once(people: dict[str, Person]) -> None:
    assert Notice.objects.filter(kind__in=[kinds.OUTCOME, kinds.ENDED]).count() == len(people)


def test_authors_hear_what_became_of_each_of_their_words(told: dict[str, Notice]) -> None:
    with translation.override("zh-hans"):
        body = told["author"].body
    assert "“末班车能不能晚一点？”：采纳；第三条已改" in body
    assert "“站牌字太小”：不采纳" in body


def test_english_readers_get_it_in_english(told: dict[str, Notice]) -> None:
    with translation.override("en"):
        assert "“末班车能不能晚一点？”: adopted; Article 3 changes" in told["author"].body
        assert "Bus lines" in told["author"].title


def test_responders_hear_of_the_thread_and_supporters_of_what_they_backed(told: dict[str, Notice]) -> None:
    with translation.override("en"):
        assert "Your response “我也这么想”, in a thread with this outcome: adopted" in told["responder"].body
        assert "You supported “末班车能不能晚一点？”: adopted" in told["supporter"].body


def test_followers_and_those_who_took_everything_back_get_the_short_form(told: dict[str, Notice]) -> None:
    assert {name for name, notice in told.items() if notice.kind == kinds.ENDED} == {"follower", "regretful"}


@pytest.mark.usefixtures("told")
def test_running_the_deliveries_again_tells_nobody_twice(deliver_all: Deliver) -> None:
    before = Notice.objects.count()
    deliver_all(LATER)
    assert Notice.objects.count() == before


def test_many_words_are_named_up_to_five_and_counted(
    county: County, consultation: Consultation, conclude: Conclude, deliver_all: Deliver
) -> None:
    said = [say(consultation, county.resident, f"第 {n} 句话") for n in range(8)]
    answer(county, *said)
    conclude(consultation)
    deliver_all(LATER)
    with translation.override("en"):
        assert "and 3 more" in Notice.objects.get(person=county.resident, kind=kinds.OUTCOME).body


def test_a_chunk_costs_the_same_whatever_its_size(
    county: County, open_consultation: Callable[..., Consultation], conclude: Conclude, django_assert_num_queries: Any
) -> None:
    for slug, count in (("few", 2), ("many", 30)):
        consultation = open_consultation(slug=slug)
        said = [say(consultation, person(f"{slug}{n}", county.here), f"第 {n} 句") for n in range(count)]
        answer(county, *said)
        with django_assert_num_queries(6):
            assert len(list(telling.participants(consultation))) == count


def test_chunks_leave_nobody_out(county: County, consultation: Consultation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "CHUNK", 3)
    crowd = [person(f"crowd{n}", county.here) for n in range(7)]
    for each in crowd:
        say(consultation, each)
    assert [pk for pk, _params, _url in telling.participants(consultation)] == [each.pk for each in crowd]


def test_more_time_is_told_to_participants_and_followers_once(
    county: County, consultation: Consultation, deliver_all: Deliver
) -> None:
    say(consultation, county.resident)
    consultations.follow(consultation=consultation, person=county.resident, at=AT)
    consultations.follow(consultation=consultation, person=county.stranger, at=AT)
    until = consultation.closes_at + 5 * DAY
    consultations.extend(consultation=consultation, actor=county.official, until=until, note="下雨", at=AT)
    deliver_all(LATER)
    assert set(Notice.objects.values_list("person__display_name", "kind")) == {
        ("resident", kinds.EXTENDED), ("stranger", kinds.EXTENDED),
    }  # fmt: skip


def test_a_withdrawal_is_told_with_its_reason(county: County, consultation: Consultation, deliver_all: Deliver) -> None:
    say(consultation, county.resident)
    consultations.follow(consultation=consultation, person=county.stranger, at=AT)
    consultations.withdraw(consultation=consultation, actor=county.official, note="上级改了方案。", at=AT)
    deliver_all(LATER)
    kinds_told = dict(Notice.objects.values_list("person__display_name", "kind"))
    assert kinds_told == {"resident": kinds.WITHDRAWN, "stranger": kinds.FOLLOWED_WITHDRAWN}
    assert "上级改了方案。" in Notice.objects.first().body


def test_authors_hear_of_an_answer_once_with_their_words(county: County, consultation: Consultation) -> None:
    first, second = say(consultation, county.resident, "早一点"), say(consultation, county.resident, "晚一点")
    reply = answer(county, first, second)
    [(pk, params, url)] = list(telling.answered_by(reply))
    assert (pk, url) == (county.resident.pk, first.get_absolute_url())
    assert params["mine_en"].count("\n") == 1
