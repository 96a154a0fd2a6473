"""The author appeals once; somebody else decides; everybody concerned is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from civic.core import clock
from civic.core.refusals import Refused
from civic.notify.models import Notice
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import domain, queries
from consult.moderation.models import APPEAL_TIME, Appeal, Ruling
from consult.moderation.states import Act, Result
from tests.consult.conftest import AT, DAY, County
from tests.consult.moderation.conftest import Moderators
from tests.consult.moderation.test_judging import faults, judge
from tests.consult.moderation.test_reporting import report


@pytest.fixture
def hiding(said: Contribution, moderators: Moderators) -> Ruling:
    """The first moderator hid the resident's words."""
    return judge(said, moderators.first, Act.HIDE)


@pytest.fixture
def appeal(hiding: Ruling, county: County) -> Appeal:
    """The resident finds that wrong."""
    return domain.appeal(ruling=hiding, person=county.resident, text="那是村委会的公开地址。", at=AT + DAY)


def test_another_moderator_shows_the_words_again(appeal: Appeal, said: Contribution, moderators: Moderators) -> None:
    domain.decide_appeal(
        appeal=appeal, actor=moderators.second, restore=True, sentence="确是公开地址。", at=AT + 2 * DAY
    )
    said.refresh_from_db()
    said.consultation.refresh_from_db()
    assert (said.state, appeal.result, said.consultation.contribution_count) == (State.PUBLISHED, Result.RESTORED, 1)
    assert faults() == []


def test_another_moderator_confirms_and_the_words_stay_hidden(
    appeal: Appeal, said: Contribution, moderators: Moderators
) -> None:
    domain.decide_appeal(
        appeal=appeal, actor=moderators.second, restore=False, sentence="是私人住址。", at=AT + 2 * DAY
    )
    said.refresh_from_db()
    assert (said.state, appeal.result) == (State.HIDDEN, Result.CONFIRMED)
    assert faults() == []


def test_the_first_moderator_does_not_decide_it(appeal: Appeal, moderators: Moderators) -> None:
    with pytest.raises(Refused) as refused:
        domain.decide_appeal(appeal=appeal, actor=moderators.first, restore=False, sentence="没错。", at=AT + 2 * DAY)
    assert refused.value.reason.code == "own-decision"
    assert not queries.appeals(moderators.first, at=AT + 2 * DAY).exists()
    assert queries.appeals(moderators.second, at=AT + 2 * DAY).get() == appeal


def test_the_database_keeps_the_first_moderator_out_too(appeal: Appeal, moderators: Moderators) -> None:
    rows = Appeal.objects.filter(pk=appeal.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(result=Result.CONFIRMED, decided_by=moderators.first, decided_at=AT)


def test_the_own_office_does_not_decide_it_either(appeal: Appeal, moderators: Moderators) -> None:
    with pytest.raises(Refused) as refused:
        domain.decide_appeal(appeal=appeal, actor=moderators.insider, restore=True, sentence="可以。", at=AT + 2 * DAY)
    assert refused.value.reason.code == "own-office"


def test_a_decision_is_appealed_once(appeal: Appeal, hiding: Ruling, county: County) -> None:
    with pytest.raises(Refused) as refused:
        domain.appeal(ruling=hiding, person=county.resident, text="再说一次。", at=AT + DAY)
    assert refused.value.reason.code == "already-appealed"


def test_an_appeal_is_decided_once(appeal: Appeal, moderators: Moderators) -> None:
    domain.decide_appeal(appeal=appeal, actor=moderators.second, restore=False, sentence="是住址。", at=AT + 2 * DAY)
    with pytest.raises(Refused) as refused:
        domain.decide_appeal(appeal=appeal, actor=moderators.second, restore=True, sentence="改了。", at=AT + 2 * DAY)
    assert refused.value.conflict


def test_only_the_author_appeals_and_only_in_time(hiding: Ruling, county: County) -> None:
    for who, at, code in (
        (county.neighbour, AT, "not-yours"),
        (county.resident, AT + APPEAL_TIME, "too-late"),
    ):
        with pytest.raises(Refused) as refused:
            domain.appeal(ruling=hiding, person=who, text="不对。", at=at)
        assert refused.value.reason.code == code
    assert domain.appeal(
        ruling=hiding, person=county.resident, text="不对。", at=AT + APPEAL_TIME - timedelta(seconds=1)
    )


def test_the_first_moderator_may_change_their_mind_and_the_appeal_is_settled(
    appeal: Appeal, said: Contribution, moderators: Moderators
) -> None:
    judge(said, moderators.first, Act.RESTORE, at=AT + 2 * DAY)
    appeal.refresh_from_db()
    assert (appeal.result, appeal.decided_by) == (Result.OVERTAKEN, None)
    assert faults() == []


def test_hidden_again_the_new_decision_can_be_appealed(
    appeal: Appeal, said: Contribution, moderators: Moderators, county: County
) -> None:
    domain.decide_appeal(appeal=appeal, actor=moderators.second, restore=True, sentence="可以。", at=AT + 2 * DAY)
    again = judge(said, moderators.second, Act.HIDE, at=AT + 3 * DAY)
    assert (
        domain.appeal(ruling=again, person=county.resident, text="又来了。", at=AT + 3 * DAY).first == moderators.second
    )


def test_everybody_concerned_is_told_once(
    said: Contribution, county: County, moderators: Moderators, deliver_all: Callable[..., int]
) -> None:
    report(said, county.neighbour)
    hiding = judge(said, moderators.first, Act.HIDE)
    appeal = domain.appeal(ruling=hiding, person=county.resident, text="不对。", at=AT)
    domain.decide_appeal(appeal=appeal, actor=moderators.second, restore=True, sentence="可以留。", at=AT)
    deliver_all(clock.now())
    told = set(Notice.objects.values_list("kind", "person"))
    assert told == {
        ("consult:moderation:hidden", county.resident.pk),
        ("consult:moderation:report-ended", county.neighbour.pk),
        ("consult:moderation:appeal-waits", moderators.second.pk),
        ("consult:moderation:appeal-ended", county.resident.pk),
    }
    hidden = Notice.objects.get(kind="consult:moderation:hidden")
    assert "老王住在柳荫巷三号" in hidden.title
    assert "不公开他人的个人信息" in hidden.body
    assert "写出了别人的住址。" in hidden.body
    assert hidden.url == f"/consultations/bus-lines/contributions/{said.pk}/appeal/"
