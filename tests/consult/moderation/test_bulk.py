"""One act on many contributions, and its undo."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from civic.access.questions import may, may_each
from civic.core.refusals import Refused
from civic.people import erasing
from consult.consultations.models import ClauseTally, Consultation
from consult.discussion.domain import respond
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import bulk, domain, queries
from consult.moderation.actions import JUDGE
from consult.moderation.models import Bulk, Case
from consult.moderation.states import Act, Result
from tests.consult.conftest import AT, County, say
from tests.consult.moderation.conftest import Moderators
from tests.consult.moderation.test_judging import faults, judge
from tests.consult.moderation.test_reporting import report


@pytest.fixture
def spam(consultation: Consultation, county: County) -> list[Contribution]:
    """Five times the same advertisement."""
    return [say(consultation, county.resident, f"优惠大酬宾{number}") for number in range(5)]


def hide(spam: list[Contribution], moderators: Moderators) -> tuple[Bulk, int]:
    return bulk.act_on(
        picks={each.pk: queries.case_of(each).version for each in spam}, actor=moderators.first, act=Act.HIDE,
        rule="H6", sentence="广告。", at=AT,
    )  # fmt: skip


def states(spam: list[Contribution]) -> set[str]:
    return set(Contribution.objects.filter(pk__in=[each.pk for each in spam]).values_list("state", flat=True))


def test_many_are_hidden_at_once_and_undone_as_a_whole(
    spam: list[Contribution], county: County, moderators: Moderators, consultation: Consultation
) -> None:
    report(spam[0], county.neighbour, "H6")
    held = judge(spam[4], moderators.second, Act.HOLD)
    assert held.before == State.PUBLISHED
    made, left_out = hide(spam, moderators)
    consultation.refresh_from_db()
    assert (made.count, left_out, states(spam), consultation.contribution_count) == (5, 0, {State.HIDDEN}, 0)
    assert faults() == []
    assert bulk.undo(bulk=made, actor=moderators.second, at=AT + timedelta(hours=23, minutes=59)) == 5
    consultation.refresh_from_db()
    assert states(spam) == {State.PUBLISHED, State.HELD}
    assert consultation.contribution_count == 4
    waiting = {case.contribution_id: case.reporters for case in queries.queue(moderators.second, at=AT)}
    assert waiting == {spam[0].pk: 1, spam[4].pk: 0}
    assert faults() == []


def test_after_24_hours_it_can_no_longer_be_undone(spam: list[Contribution], moderators: Moderators) -> None:
    made, _none = hide(spam, moderators)
    with pytest.raises(Refused) as refused:
        bulk.undo(bulk=made, actor=moderators.first, at=AT + timedelta(hours=24))
    assert refused.value.conflict
    assert states(spam) == {State.HIDDEN}


def test_it_is_undone_once(spam: list[Contribution], moderators: Moderators) -> None:
    made, _none = hide(spam, moderators)
    bulk.undo(bulk=made, actor=moderators.first, at=AT)
    with pytest.raises(Refused):
        bulk.undo(bulk=made, actor=moderators.first, at=AT)


def test_what_colleagues_decided_meanwhile_is_left_out(spam: list[Contribution], moderators: Moderators) -> None:
    seen = {each.pk: 0 for each in spam}
    judge(spam[0], moderators.second, Act.LEAVE)
    made, left_out = bulk.act_on(picks=seen, actor=moderators.first, act=Act.HIDE, rule="H6", sentence="广告。", at=AT)
    assert (made.count, left_out) == (4, 1)
    spam[0].refresh_from_db()
    assert spam[0].is_public


def test_undoing_leaves_what_was_decided_anew(spam: list[Contribution], county: County, moderators: Moderators) -> None:
    made, _none = hide(spam, moderators)
    ruling = made.rulings.get(contribution=spam[0])
    appeal = domain.appeal(ruling=ruling, person=county.resident, text="不是广告。", at=AT)
    domain.decide_appeal(appeal=appeal, actor=moderators.second, restore=True, sentence="不是。", at=AT)
    other = domain.appeal(ruling=made.rulings.get(contribution=spam[1]), person=county.resident, text="也不是。", at=AT)
    assert bulk.undo(bulk=made, actor=moderators.first, at=AT) == 4
    other.refresh_from_db()
    assert other.result == Result.OVERTAKEN
    assert states(spam) == {State.PUBLISHED}
    assert faults() == []


def test_undoing_a_dismissal_puts_the_reports_back(said: Contribution, county: County, moderators: Moderators) -> None:
    report(said, county.neighbour, "H1")
    made, _none = bulk.act_on(picks={said.pk: 0}, actor=moderators.first, act=Act.LEAVE, at=AT)
    assert not queries.queue(moderators.first, at=AT).exists()
    bulk.undo(bulk=made, actor=moderators.first, at=AT)
    case = Case.objects.get(contribution=said)
    assert (case.waiting_since, case.reporters, case.severity) == (AT, 1, 3)
    assert faults() == []


@pytest.mark.parametrize("picks", [{}, dict.fromkeys(range(1, 300), 0)])
def test_nothing_or_too_much_is_refused(picks: dict[int, int], moderators: Moderators) -> None:
    with pytest.raises(Refused):
        bulk.act_on(picks=picks, actor=moderators.first, act=Act.LEAVE, at=AT)


CLAUSES = (UUID(int=1), UUID(int=2))
#: Whatever is picked: the act and its undo, with reports, threads, clauses and an appeal among them.
STATEMENTS = 71


@pytest.mark.parametrize("many", [2, 20])
def test_acting_on_twenty_costs_as_many_statements_as_on_two(
    many: int, consultation: Consultation, county: County, moderators: Moderators
) -> None:
    spam = [say(consultation, county.resident, f"优惠大酬宾{number}") for number in range(many)]
    for number, each in enumerate(spam):
        Contribution.objects.filter(pk=each.pk).update(clause=CLAUSES[number % 2])
    for clause in CLAUSES:
        ClauseTally.objects.create(consultation=consultation, clause=clause, contributions=many // 2)
    spam += [
        respond(person=county.official, parent=spam[number % 2], text="回应", at=AT, submission=uuid4())
        for number in range(many)
    ]
    for each in spam[: many // 2]:
        report(each, county.neighbour, "H6")
    picks = {each.pk: queries.case_of(each).version for each in spam}
    with CaptureQueriesContext(connection) as seen:
        made, _none = bulk.act_on(
            picks=picks, actor=moderators.first, act=Act.HIDE, rule="H6", sentence="广告。", at=AT
        )
        assert bulk.undo(bulk=made, actor=moderators.second, at=AT) == len(spam)
    assert len(seen) <= STATEMENTS, "\n".join(query["sql"][:120] for query in seen.captured_queries)
    assert faults() == []
    assert set(ClauseTally.objects.values_list("contributions", flat=True)) == {many // 2}


def test_may_each_answers_as_may_does(
    said: Contribution, consultation: Consultation, county: County, moderators: Moderators
) -> None:
    reported = say(consultation, county.resident, "我举报的。")
    report(reported, moderators.first)
    asked = [said, reported, say(consultation, moderators.first, "我自己说的。")]
    for who in (moderators.first, moderators.second, moderators.insider, county.resident):
        each = may_each(who, JUDGE, asked, at=AT)
        assert each == [may(who, JUDGE, one, at=AT) for one in asked]
    assert [bool(one) for one in may_each(moderators.first, JUDGE, asked, at=AT)] == [True, False, False]


def test_who_reports_words_before_what_was_done_at_once_is_undone_still_waits(
    said: Contribution, county: County, moderators: Moderators
) -> None:
    made, _none = bulk.act_on(picks={said.pk: 0}, actor=moderators.first, act=Act.LEAVE, at=AT)
    report(said, county.neighbour)
    bulk.undo(bulk=made, actor=moderators.first, at=AT)

    assert [case.contribution_id for case in queries.queue(moderators.second, at=AT)] == [said.pk]
    assert faults() == []


def test_what_a_moderator_holds_after_its_author_left_goes_on_waiting(
    said: Contribution, county: County, moderators: Moderators
) -> None:
    answer = respond(person=county.official, parent=said, text="我也是。", submission=uuid4(), at=AT)
    erasing.erase(person_id=county.official.pk, at=AT)
    answer.refresh_from_db()
    judge(answer, moderators.first, Act.HOLD)

    assert domain.note_taken_back(contribution=answer, at=AT) is None
    assert faults() == []
