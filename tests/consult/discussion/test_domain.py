"""Saying, responding, editing, taking back and supporting."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections

from civic.core.refusals import Refused, Unfit
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation, Participation
from consult.discussion import domain
from consult.discussion.models import Contribution, Support
from tests.consult.conftest import AT, County, person, say


def test_a_double_click_makes_one_contribution(county: County, consultation: Consultation) -> None:
    submission = uuid.uuid4()
    first = say(consultation, county.resident, submission=submission)
    second = say(consultation, county.resident, submission=submission)
    consultation.refresh_from_db()
    assert (first.pk, consultation.contribution_count) == (second.pk, 1)


def test_a_person_who_speaks_twice_is_one_participant(county: County, consultation: Consultation) -> None:
    say(consultation, county.resident)
    say(consultation, county.resident, "还有早班车。")
    consultation.refresh_from_db()
    assert (consultation.contribution_count, consultation.participant_count) == (2, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text-empty"),
        (" \n\t ", "text-empty"),
        ("长" * 20_000, "text-too-long"),
        ("看\u202e这里", "text-invisible"),
        ("a\x00b", "text-invisible"),
        ("a\x1bb", "text-invisible"),
    ],
)
def test_text_that_cannot_be_kept_is_refused_with_its_reason(
    county: County, consultation: Consultation, text: str, code: str
) -> None:
    with pytest.raises(Unfit) as caught:
        say(consultation, county.resident, text)
    assert caught.value.reason.code == code
    assert not Contribution.objects.exists()


def test_markup_is_kept_as_the_characters_it_is(county: County, consultation: Consultation) -> None:
    made = say(consultation, county.resident, "<script>alert(1)</script>")
    assert made.text == "<script>alert(1)</script>"


def test_a_proposal_needs_a_title(county: County, consultation: Consultation) -> None:
    with pytest.raises(Unfit) as caught:
        say(consultation, county.resident, kind=Contribution.Kind.PROPOSAL)
    assert caught.value.reason.code == "title-needed"


def test_a_clause_outside_the_pinned_text_is_refused(county: County, consultation: Consultation) -> None:
    with pytest.raises(Refused) as caught:
        say(consultation, county.resident, clause=uuid.uuid4())
    assert (caught.value.reason.code, caught.value.conflict) == ("clause-gone", True)


def test_threads_end_at_the_second_level(county: County, consultation: Consultation) -> None:
    root = say(consultation, county.resident)
    first = domain.respond(person=county.resident, parent=root, text="一", at=AT, submission=uuid.uuid4())
    second = domain.respond(person=county.resident, parent=first, text="二", at=AT, submission=uuid.uuid4())
    with pytest.raises(Refused) as caught:
        domain.respond(person=county.resident, parent=second, text="三", at=AT, submission=uuid.uuid4())
    root.refresh_from_db()
    assert (caught.value.reason.code, second.root_id, root.response_count) == ("too-deep", root.pk, 2)


def test_an_edit_keeps_the_earlier_words(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident, "旧")
    domain.edit(contribution=said, person=county.resident, text="新", version=1, at=AT)
    assert (said.text, said.version, [v.text for v in said.versions.all()]) == ("新", 2, ["旧"])


def test_an_edit_of_an_old_version_is_refused(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident, "旧")
    domain.edit(contribution=said, person=county.resident, text="新", version=1, at=AT)
    with pytest.raises(Refused) as caught:
        domain.edit(contribution=said, person=county.resident, text="更新", version=1, at=AT)
    assert caught.value.conflict


def test_only_the_author_edits(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    with pytest.raises(Refused) as caught:
        domain.edit(contribution=said, person=county.official, text="改", version=1, at=AT)
    assert caught.value.reason.code == "not-yours"


def test_words_taken_back_leave_the_thread_and_the_counts_right(county: County, consultation: Consultation) -> None:
    root = say(consultation, county.resident)
    domain.respond(person=county.resident, parent=root, text="一", at=AT, submission=uuid.uuid4())
    domain.take_back(contribution=root, person=county.resident, at=AT)
    consultation.refresh_from_db()
    assert (consultation.contribution_count, root.thread.count(), root.is_public) == (0, 1, False)


def test_a_support_counts_once_and_can_be_taken_back(county: County, consultation: Consultation) -> None:
    said = say(consultation, person("author", county.here))
    domain.support(contribution=said, person=county.resident, at=AT)
    domain.support(contribution=said, person=county.resident, at=AT)
    said.refresh_from_db()
    assert (said.num_vote_up, said.vote_score, Support.objects.count()) == (1, 1, 1)
    domain.unsupport(contribution=said, person=county.resident, at=AT)
    said.refresh_from_db()
    assert (said.num_vote_up, said.vote_score, Support.objects.count()) == (0, 0, 0)


def test_saving_a_stale_copy_does_not_reset_the_counters(county: County, consultation: Consultation) -> None:
    said = say(consultation, person("author", county.here))
    stale = Contribution.objects.get(pk=said.pk)
    domain.support(contribution=said, person=county.resident, at=AT)
    stale.text = "改"
    stale.save()
    said.refresh_from_db()
    assert (said.num_vote_up, said.text) == (1, "改")


def test_a_support_does_not_touch_the_words(county: County, consultation: Consultation) -> None:
    said = say(consultation, person("author", county.here))
    Contribution.objects.filter(pk=said.pk).update(text="别的地方刚改的")
    domain.support(contribution=said, person=county.resident, at=AT)
    said.refresh_from_db()
    assert said.text == "别的地方刚改的"


@pytest.mark.django_db(transaction=True)
def test_fifty_people_supporting_at_once_give_fifty(county: County, consultation: Consultation) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only: SQLite has one writer")
    said = say(consultation, person("author", county.here))
    crowd = [person(f"p{n}", county.here) for n in range(20)]

    def run(who: object) -> None:
        try:
            domain.support(contribution=Contribution.objects.get(pk=said.pk), person=who, at=AT)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(who,)) for who in [*crowd, *crowd]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said.refresh_from_db()
    consultation.refresh_from_db()
    assert (said.num_vote_up, Support.objects.count()) == (20, 20)
    assert consultation.participant_count == Participation.objects.count() == 21


def test_words_after_the_phase_closed_are_refused(county: County, consultation: Consultation) -> None:
    with pytest.raises(Refused) as caught:
        say(consultation, county.resident, at=consultation.phases.all()[0].closes_at)
    assert caught.value.reason.code == "not-this-phase"
    with pytest.raises(Refused) as caught:
        say(consultation, county.resident, at=consultation.closes_at + timedelta(seconds=1))
    assert caught.value.reason.code == "is-over"


def test_words_can_be_taken_back_from_a_withdrawn_consultation(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    response = domain.respond(person=county.approver, parent=said, text="同意。", at=AT, submission=uuid.uuid4())
    consultations.withdraw(consultation=consultation, actor=county.official, note="另行研究", at=AT)
    domain.take_back(contribution=response, person=county.approver, at=AT)
    domain.take_back(contribution=said, person=county.resident, at=AT)
    consultation.refresh_from_db()
    assert (consultation.contribution_count, consultation.response_count) == (0, 0)


def test_a_support_meets_the_words_as_they_are_now(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    stale = Contribution.objects.get(pk=said.pk)
    domain.take_back(contribution=said, person=county.resident, at=AT)
    with pytest.raises(Refused) as caught:
        domain.support(contribution=stale, person=person("late", county.here), at=AT)
    assert (caught.value.reason.code, Support.objects.count()) == ("not-public", 0)
