"""While slow mode is on, new accounts wait and everybody else notices nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest

from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.people.models import Level, Person
from consult.consultations.domain import withdraw
from consult.consultations.models import Consultation
from consult.discussion.domain import Keyed, respond, take_back
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import queries, slow
from consult.moderation.models import Case, SlowMode
from consult.moderation.states import Act
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import AT, DAY, County, person, say
from tests.consult.moderation.conftest import Moderators
from tests.consult.moderation.test_judging import faults, judge

HOUR = timedelta(hours=1)


@pytest.fixture
def slowed(consultation: Consultation, moderators: Moderators) -> SlowMode:
    """It has been on since an hour ago, for seven hours more."""
    return slow.start(
        consultation=consultation, actor=moderators.first, reason="四十分钟内一千九百条。", until=AT + 7 * HOUR,
        at=AT - HOUR,
    )  # fmt: skip


@pytest.fixture
def newcomer(county: County) -> Person:
    """An account two hours old."""
    return person("newcomer", county.here, joined_at=AT - 2 * HOUR)


def test_a_new_accounts_words_wait_and_are_released(
    slowed: SlowMode, consultation: Consultation, newcomer: Person, moderators: Moderators
) -> None:
    said = say(consultation, newcomer)
    consultation.refresh_from_db()
    assert (said.state, consultation.contribution_count, consultation.participant_count) == (State.HELD, 0, 1)
    assert queries.queue(moderators.first, at=AT).get().in_slow_mode
    assert faults() == []
    judge(said, moderators.first, Act.RELEASE)
    consultation.refresh_from_db()
    assert (said.state, consultation.contribution_count) == (State.PUBLISHED, 1)
    assert faults() == []


def test_their_responses_wait_too(
    slowed: SlowMode, consultation: Consultation, newcomer: Person, county: County
) -> None:
    root = say(consultation, Person.objects.get(pk=_old(county).pk))
    reply = respond(person=newcomer, parent=root, text="顶", at=AT, submission=uuid4())
    root.refresh_from_db()
    assert (reply.state, root.response_count) == (State.HELD, 0)


def test_everybody_else_is_published_at_once(slowed: SlowMode, consultation: Consultation, county: County) -> None:
    at_a_station = person("verified", county.here, level=Level.RESIDENT, joined_at=AT - HOUR)
    for who in (_old(county), at_a_station):
        assert say(consultation, who).is_public


def test_an_account_is_new_for_exactly_seven_days(slowed: SlowMode, consultation: Consultation, county: County) -> None:
    week = person("week", county.here, joined_at=AT - 7 * DAY)
    younger = person("younger", county.here, joined_at=AT - 7 * DAY + timedelta(seconds=1))
    assert say(consultation, week).is_public
    assert not say(consultation, younger).is_public


def test_it_ends_by_the_clock_to_the_second(slowed: SlowMode, consultation: Consultation, newcomer: Person) -> None:
    assert not say(consultation, newcomer, at=slowed.ends_at - timedelta(seconds=1)).is_public
    assert say(consultation, newcomer, at=slowed.ends_at).is_public


def test_it_ends_when_it_is_switched_off(
    slowed: SlowMode, consultation: Consultation, newcomer: Person, moderators: Moderators
) -> None:
    slow.stop(consultation=consultation, actor=moderators.second, at=AT - timedelta(minutes=1))
    assert say(consultation, newcomer).is_public
    with pytest.raises(Refused):
        slow.stop(consultation=consultation, actor=moderators.second, at=AT)


def test_what_a_station_keyed_in_does_not_wait(
    slowed: SlowMode, consultation: Consultation, newcomer: Person, county: County
) -> None:
    found(
        holder=Holder(person=county.approver), action="consult:contribution:key", scope=Scope(place=county.place),
        window=Window(AT - DAY, AT + DAY), reason="test", at=AT - DAY,
    )  # fmt: skip
    keyed = Keyed(channel="station", by=county.approver, body=county.bureau)
    assert say(consultation, newcomer, keyed=keyed).is_public


def test_it_is_on_once_and_for_a_week_at_most(
    slowed: SlowMode, consultation: Consultation, moderators: Moderators
) -> None:
    for until in (AT, AT + 7 * DAY + timedelta(seconds=1), AT + DAY):
        with pytest.raises(Refused):
            slow.start(consultation=consultation, actor=moderators.first, reason="再来。", until=until, at=AT)
    assert SlowMode.objects.count() == 1


def test_whoever_lacks_the_power_cannot_switch_it(consultation: Consultation, county: County) -> None:
    with pytest.raises(Refused) as refused:
        slow.start(consultation=consultation, actor=county.official, reason="想。", until=AT + HOUR, at=AT)
    assert refused.value.reason.code == "no-mandate"


def test_waiting_words_can_be_taken_back(
    slowed: SlowMode, consultation: Consultation, newcomer: Person, deliver_all: object
) -> None:
    from civic.core import clock

    said = say(consultation, newcomer)
    take_back(contribution=said, person=newcomer, at=AT)
    deliver_all(clock.now())
    assert Case.objects.get(contribution=said).waiting_since is None
    assert Contribution.objects.get(pk=said.pk).state == State.WITHDRAWN
    assert faults() == []


def _old(county: County) -> Person:
    Person.objects.filter(pk=county.resident.pk).update(joined_at=AT - 30 * DAY)
    county.resident.refresh_from_db()
    return county.resident


def test_words_sent_as_the_consultation_is_withdrawn_are_not_kept_waiting(
    slowed: SlowMode, consultation: Consultation, newcomer: Person, county: County
) -> None:
    withdrawn = Consultation.objects.get(pk=consultation.pk)
    withdraw(consultation=withdrawn, actor=county.official, note="另议", at=AT)
    # What the page had read a moment before.
    assert consultation.state == "announced"
    with pytest.raises(Refused) as refusal:
        say(consultation, newcomer)
    assert refusal.value.conflict
    assert not Contribution.objects.exists()
    assert faults() == []
