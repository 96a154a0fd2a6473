"""Holding, hiding, showing again: counters, queue, and who may not."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from civic.core import clock, proofs
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.consultations.models import ClauseTally, Consultation
from consult.discussion.domain import respond, support, take_back
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import domain, queries
from consult.moderation.models import Case, Report, Ruling
from consult.moderation.states import Act
from search.indexing import index_now
from search.models import StoredDocument
from tests.consult.conftest import AT, DAY, County, Opener, person, say
from tests.consult.moderation.conftest import Moderators
from tests.consult.moderation.test_reporting import report

CLAUSE = UUID("11111111-1111-4111-8111-111111111111")


def judge(said: Contribution, who: Person, act: str, *, version: int | None = None, at: object = AT) -> Ruling:
    """Do one act with a reason that fits it."""
    if version is None:
        version = queries.case_of(said).version
    rule = "H1" if act in {Act.HIDE, Act.HOLD} else ""
    return domain.judge(
        contribution=said, actor=who, act=act, version=version, rule=rule, sentence="写出了别人的住址。", at=at
    )


def faults() -> list[str]:
    """Return what every proof complains of."""
    return [line for name in proofs.names() for line in proofs.faults(name)]


def is_found(said: Contribution) -> bool:
    """Tell whether search knows words; no worker runs here."""
    return StoredDocument.objects.filter(kind="contribution", key=str(said.pk)).exists()


@pytest.mark.parametrize("act", [Act.HOLD, Act.HIDE])
def test_words_that_go_are_not_found_any_more_though_no_worker_runs(
    said: Contribution, moderators: Moderators, act: str
) -> None:
    index_now("contribution", said.pk)
    assert is_found(said)

    judge(said, moderators.first, act)

    assert not is_found(said)


def test_words_taken_back_are_not_found_any_more_though_no_worker_runs(said: Contribution, county: County) -> None:
    index_now("contribution", said.pk)

    take_back(contribution=said, person=county.resident, at=AT)

    assert not is_found(said)


def test_words_that_stay_are_found_as_before(said: Contribution, moderators: Moderators) -> None:
    report(said, moderators.second)
    index_now("contribution", said.pk)

    judge(said, moderators.first, Act.LEAVE)

    assert is_found(said)


def test_a_hidden_comment_is_counted_nowhere_and_a_restored_one_again(
    said: Contribution, consultation: Consultation, county: County, moderators: Moderators
) -> None:
    Contribution.objects.filter(pk=said.pk).update(clause=CLAUSE)
    ClauseTally.objects.create(consultation=consultation, clause=CLAUSE, contributions=1)
    say(consultation, county.official, "还有一句。")
    support(contribution=said, person=county.official, at=AT)
    judge(said, moderators.first, Act.HIDE)
    consultation.refresh_from_db()
    assert (said.state, consultation.contribution_count) == (State.HIDDEN, 1)
    assert ClauseTally.objects.get(clause=CLAUSE).contributions == 0
    assert faults() == []
    judge(said, moderators.first, Act.RESTORE)
    consultation.refresh_from_db()
    assert (said.state, consultation.contribution_count) == (State.PUBLISHED, 2)
    assert ClauseTally.objects.get(clause=CLAUSE).contributions == 1
    assert said.num_vote_up == 1
    assert faults() == []


def test_a_hidden_response_leaves_its_thread_and_its_siblings(
    said: Contribution, consultation: Consultation, county: County, moderators: Moderators
) -> None:
    from uuid import uuid4

    bad, good = (
        respond(person=county.official, parent=said, text=text, at=AT, submission=uuid4()) for text in ("胡说", "有理")
    )
    judge(bad, moderators.first, Act.HIDE)
    said.refresh_from_db()
    consultation.refresh_from_db()
    assert (said.response_count, consultation.response_count, consultation.contribution_count) == (1, 1, 1)
    judge(said, moderators.first, Act.HIDE)
    good.refresh_from_db()
    assert good.is_public
    assert faults() == []


def test_held_words_wait_until_the_decision(said: Contribution, county: County, moderators: Moderators) -> None:
    report(said, county.neighbour)
    judge(said, moderators.first, Act.HOLD)
    case = Case.objects.get(contribution=said)
    assert (said.state, case.waiting_since, case.reporters) == (State.HELD, AT, 1)
    judge(said, moderators.second, Act.RELEASE, at=AT + DAY)
    case.refresh_from_db()
    assert (said.state, case.waiting_since, case.reporters) == (State.PUBLISHED, None, 0)
    assert Report.objects.get().ruling.act == Act.RELEASE
    assert faults() == []


def test_leaving_words_settles_the_reports(said: Contribution, county: County, moderators: Moderators) -> None:
    report(said, county.neighbour)
    judge(said, moderators.first, Act.LEAVE)
    assert not queries.queue(moderators.first, at=AT).exists()
    report(said, county.stranger)
    assert queries.queue(moderators.first, at=AT).get().reporters == 1
    assert faults() == []


@pytest.mark.parametrize("act", [Act.HIDE, Act.HOLD])
def test_nothing_is_hidden_without_a_rule_and_a_sentence(said: Contribution, moderators: Moderators, act: str) -> None:
    for rule, sentence in (("", "有理由"), ("H1", " ")):
        with pytest.raises(Unfit):
            domain.judge(
                contribution=said, actor=moderators.first, act=act, version=0, rule=rule, sentence=sentence, at=AT
            )
    said.refresh_from_db()
    assert said.is_public
    with pytest.raises(IntegrityError), transaction.atomic():
        Ruling.objects.create(contribution=said, act=act, by=moderators.first, at=AT, before=State.PUBLISHED)


def test_the_slower_of_two_moderators_is_told(said: Contribution, moderators: Moderators) -> None:
    judge(said, moderators.first, Act.LEAVE, version=0)
    with pytest.raises(Refused) as refused:
        judge(said, moderators.second, Act.HIDE, version=0)
    assert refused.value.conflict
    assert refused.value.reason.code == "faster"
    said.refresh_from_db()
    assert said.is_public


def test_nobody_judges_what_is_said_to_their_own_office(
    said: Contribution, county: County, moderators: Moderators
) -> None:
    report(said, county.neighbour)
    with pytest.raises(Refused) as refused:
        judge(said, moderators.insider, Act.HIDE)
    assert refused.value.reason.code == "own-office"
    assert not queries.queue(moderators.insider, at=AT).exists()


def test_nobody_judges_their_own_words_or_their_own_report(
    said: Contribution, consultation: Consultation, moderators: Moderators
) -> None:
    own = say(consultation, moderators.first)
    report(said, moderators.first)
    for words, code in ((own, "own-words"), (said, "own-report")):
        with pytest.raises(Refused) as refused:
            judge(words, moderators.first, Act.HIDE)
        assert refused.value.reason.code == code
    assert not queries.queue(moderators.first, at=AT).exists()


def test_an_official_without_the_power_hides_nothing(said: Contribution, county: County) -> None:
    stranger = person("colleague", county.here)
    with pytest.raises(Refused) as refused:
        judge(said, stranger, Act.HIDE)
    assert refused.value.reason.code == "no-mandate"


def test_the_queue_is_sorted_by_risk_then_by_age(
    consultation: Consultation, county: County, moderators: Moderators
) -> None:
    words = [say(consultation, county.resident, f"第{number}句") for number in range(4)]
    plan = [("H6", 3, 0), ("H1", 1, 2), ("H1", 2, 3), ("H1", 1, 1)]
    for number, (each, (rule, reporters, days)) in enumerate(zip(words, plan, strict=True)):
        for reporter in range(reporters):
            who = person(f"r{number}-{reporter}", None)
            domain.report(
                contribution=each, person=who, rule=rule, sentence="看看。", at=AT + days * timedelta(hours=1)
            )
    shown = [case.contribution_id for case in queries.queue(moderators.first, at=AT + DAY)]
    assert shown == [words[2].pk, words[3].pk, words[1].pk, words[0].pk]


def test_what_the_author_takes_back_waits_for_nobody(
    said: Contribution, county: County, moderators: Moderators, deliver_all: object
) -> None:
    report(said, county.neighbour)
    judge(said, moderators.first, Act.HIDE)
    take_back(contribution=said, person=county.resident, at=AT)
    deliver_all(clock.now())
    with pytest.raises(Refused):
        judge(said, moderators.first, Act.RESTORE)
    assert faults() == []


def test_a_hidden_comment_needs_no_answer_and_a_restored_one_does(
    open_consultation: Opener, county: County, moderators: Moderators
) -> None:
    asked = open_consultation()
    said = say(asked, county.resident)
    judge(said, moderators.first, Act.HIDE)
    assert not said.needs_answer
    judge(said, moderators.second, Act.RESTORE)
    asked.refresh_from_db()
    assert said.needs_answer
    assert asked.unanswered_count == 1
