"""A consultation is closed when what moderators withhold is final."""

from datetime import timedelta

import pytest

from civic.core.refusals import Refused
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.consultations.states import State as ConsultationState
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome, State
from consult.moderation import domain
from consult.moderation.models import APPEAL_TIME
from consult.moderation.states import Act
from consult.replies import domain as replies
from consult.reports import domain as reports
from tests.consult.conftest import AT, County, Opener, person, say
from tests.consult.moderation.conftest import Moderators
from tests.consult.moderation.test_judging import faults, judge


@pytest.fixture
def over(open_consultation: Opener) -> Consultation:
    """One whose participation ended a while ago."""
    return open_consultation(opens_at=AT - timedelta(days=16), slug="over")


@pytest.fixture
def hidden(over: Consultation, county: County) -> Contribution:
    """Words that nobody has answered yet."""
    return say(over, county.resident, at=over.opens_at)


def answer(over: Consultation, county: County, *said: Contribution) -> None:
    reply = replies.save_draft(
        actor=county.official, consultation=over, contributions=said, outcome=Outcome.ADOPTED, text="照办。",
        version=0, send=True, at=AT,
    )  # fmt: skip
    replies.approve_and_publish(reply=reply, actor=county.approver, at=AT, version=1)


def conclude(over: Consultation, county: County, at: object = AT) -> None:
    reports.conclude(consultation=over, actor=county.official, at=at)


def test_it_waits_for_the_appeal_of_hidden_words(
    over: Consultation, hidden: Contribution, county: County, moderators: Moderators
) -> None:
    judge(hidden, moderators.first, Act.HIDE)
    for at, final in ((AT, False), (AT + APPEAL_TIME - timedelta(seconds=1), False), (AT + APPEAL_TIME, True)):
        if final:
            conclude(over, county, at)
        else:
            with pytest.raises(Refused) as refused:
                conclude(over, county, at)
            assert refused.value.reason.code == "not-final"
    over.refresh_from_db()
    assert over.state == ConsultationState.ANSWERED


def test_it_waits_for_held_words_and_pending_appeals(
    over: Consultation, hidden: Contribution, county: County, moderators: Moderators
) -> None:
    judge(hidden, moderators.first, Act.HOLD)
    with pytest.raises(Refused):
        conclude(over, county, AT + 2 * APPEAL_TIME)
    ruling = judge(hidden, moderators.first, Act.HIDE)
    appeal = domain.appeal(ruling=ruling, person=county.resident, text="不对。", at=AT)
    with pytest.raises(Refused):
        conclude(over, county, AT + 2 * APPEAL_TIME)
    domain.decide_appeal(appeal=appeal, actor=moderators.second, restore=False, sentence="确实。", at=AT)
    conclude(over, county)


def test_words_shown_again_need_their_answer_first(
    over: Consultation, hidden: Contribution, county: County, moderators: Moderators
) -> None:
    ruling = judge(hidden, moderators.first, Act.HIDE)
    appeal = domain.appeal(ruling=ruling, person=county.resident, text="不对。", at=AT)
    domain.decide_appeal(appeal=appeal, actor=moderators.second, restore=True, sentence="可以。", at=AT)
    with pytest.raises(Refused) as refused:
        conclude(over, county)
    assert refused.value.reason == consultations.UNANSWERED
    hidden.refresh_from_db()
    answer(over, county, hidden)
    conclude(over, county)
    assert faults() == []


def test_answered_words_may_be_hidden_and_shown_again_after_closing(
    over: Consultation, hidden: Contribution, county: County, moderators: Moderators
) -> None:
    answer(over, county, hidden)
    conclude(over, county)
    judge(hidden, moderators.first, Act.HIDE)
    over.refresh_from_db()
    assert (over.contribution_count, over.answered_count) == (0, 0)
    assert faults() == []
    judge(hidden, moderators.first, Act.RESTORE)
    over.refresh_from_db()
    assert (over.contribution_count, over.answered_count) == (1, 1)
    assert faults() == []


def test_unanswered_words_stay_hidden_once_it_is_closed(
    over: Consultation, hidden: Contribution, county: County, moderators: Moderators
) -> None:
    judge(hidden, moderators.first, Act.HIDE)
    conclude(over, county, AT + APPEAL_TIME)
    with pytest.raises(Refused) as refused:
        judge(hidden, moderators.second, Act.RESTORE, at=AT + APPEAL_TIME)
    assert refused.value.reason.code == "concluded"
    hidden.refresh_from_db()
    assert hidden.state == State.HIDDEN
    assert faults() == []


def test_hidden_words_leave_an_answer_that_is_not_published(
    over: Consultation, hidden: Contribution, county: County, moderators: Moderators
) -> None:
    other = say(over, person("other", county.here), at=over.opens_at)
    reply = replies.save_draft(
        actor=county.official, consultation=over, contributions=[hidden, other], outcome=Outcome.ADOPTED, text="照办。",
        version=0, send=True, at=AT,
    )  # fmt: skip
    judge(hidden, moderators.first, Act.HIDE)
    replies.approve_and_publish(reply=reply, actor=county.approver, at=AT, version=1)
    over.refresh_from_db()
    assert over.answered_count == 1
    judge(hidden, moderators.first, Act.RESTORE)
    over.refresh_from_db()
    assert over.unanswered_count == 1
    assert faults() == []
