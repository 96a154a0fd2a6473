"""Opening by the clock: the roll drawn ahead, nobody pressing anything, everybody on the roll told once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.notify.models import Notice
from civic.people.models import Level, Person
from consult.consultations import domain as consultations
from consult.consultations.domain import PhasePlan
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation
from consult.voting import domain, kinds, meetings, opening
from consult.voting.models import Beginning, BulletinEntry, Poll
from tests.consult.conftest import AT, DAY, County
from tests.consult.voting.conftest import CLOSES, HOUR, Drafter

pytestmark = pytest.mark.django_db

OPENS = AT + 3 * DAY


@pytest.fixture
def announced(draft: Drafter, clerk: Person) -> Poll:
    poll = draft(opens_at=OPENS, closes_at=OPENS + 5 * DAY)
    domain.announce(poll=poll, actor=clerk, at=AT)
    return poll


def test_a_poll_is_prepared_a_day_ahead_and_not_before(announced: Poll) -> None:
    assert opening.prepare_due(at=OPENS - opening.LEAD - timedelta(seconds=1)) == 0
    assert opening.prepare_due(at=OPENS - opening.LEAD) == 1
    announced.refresh_from_db()
    assert announced.state == "open"
    assert announced.roll_size
    assert BulletinEntry.objects.filter(poll=announced, kind="opened").count() == 1


def test_preparing_again_changes_nothing(announced: Poll) -> None:
    opening.prepare_due(at=OPENS)
    head = BulletinEntry.objects.get(poll=announced).hash
    assert opening.prepare_due(at=OPENS) == 0
    assert not opening.prepare(poll_id=announced.pk, at=OPENS)
    assert BulletinEntry.objects.get(poll=announced).hash == head


def test_a_roll_drawn_by_hand_is_the_one_that_is_opened(announced: Poll, clerk: Person) -> None:
    size = domain.draw_roll(poll=announced, actor=clerk, at=AT)
    opening.prepare_due(at=OPENS)
    announced.refresh_from_db()
    assert (announced.state, announced.roll_size) == ("open", size)


def test_everybody_on_the_roll_is_told_once_when_voting_begins(
    announced: Poll, county: County, deliver_all: Callable[..., int]
) -> None:
    opening.prepare_due(at=OPENS - DAY)
    assert opening.begin_due(at=OPENS - timedelta(seconds=1)) == 0
    assert opening.begin_due(at=OPENS) == 1
    assert opening.begin_due(at=OPENS + DAY) == 0
    deliver_all(OPENS + 10 * DAY)
    told = Notice.objects.filter(kind=kinds.BEGUN).values_list("person", flat=True)
    assert sorted(told) == sorted(announced.roll.values_list("person", flat=True))
    assert county.resident.pk in told


def test_an_empty_roll_is_told_to_the_office_once_and_tried_again(
    announced: Poll, clerk: Person, county: County, deliver_all: Callable[..., int]
) -> None:
    Poll.objects.filter(pk=announced.pk).update(roll_rule={"kind": "residents", "place": county.place.code, "level": 3})
    Person.objects.update(level=2)
    for _time in range(3):
        assert opening.prepare_due(at=OPENS) == 0
    deliver_all(OPENS + 10 * DAY)
    announced.refresh_from_db()
    assert announced.state == "announced"
    assert announced.roll_size is None
    assert not announced.rules
    assert opening.fault_of(announced) == domain.NOBODY
    assert list(Notice.objects.filter(kind=kinds.STUCK).values_list("person", flat=True)) == [clerk.pk]
    Person.objects.filter(pk=county.resident.pk).update(level=3)
    assert opening.prepare_due(at=OPENS) == 1
    announced.refresh_from_db()
    assert opening.fault_of(announced) is None


def test_one_poll_that_cannot_open_keeps_no_other_shut(
    announced: Poll, draft: Drafter, clerk: Person, county: County
) -> None:
    Poll.objects.filter(pk=announced.pk).update(roll_rule={"kind": "residents", "place": "nowhere"})
    other = draft(slug="other", opens_at=OPENS, closes_at=CLOSES + 5 * DAY)
    domain.announce(poll=other, actor=clerk, at=AT)
    assert opening.prepare_due(at=OPENS) == 1
    assert Beginning.objects.get(poll=announced).fault == "bad-roll-rule"


def test_a_poll_whose_time_ran_out_unopened_is_told_and_left_alone(announced: Poll) -> None:
    assert opening.prepare_due(at=OPENS + 5 * DAY) == 0
    announced.refresh_from_db()
    assert announced.state == "announced"
    assert opening.fault_of(announced) == opening.MISSED


@pytest.fixture
def asked(county: County) -> Consultation:
    """A consultation nobody but its office has read yet."""
    phases = [PhasePlan(PhaseKind.COLLECT, Window(AT + DAY, AT + 9 * DAY))]
    return consultations.create(
        actor=county.official, at=AT, phases=phases, slug="secret-plan", template="general", title="还没公开",
        summary="说明。", question="您怎么看？", place=county.place, sponsor=county.bureau, open_to=county.here,
        level=Level.CONTACT,
    )  # fmt: skip


def test_a_poll_names_no_consultation_that_is_not_public(draft: Drafter, clerk: Person, asked: Consultation) -> None:
    poll = draft(opens_at=OPENS, closes_at=OPENS + 5 * DAY, consultation=asked)
    with pytest.raises(Refused) as refusal:
        domain.announce(poll=poll, actor=clerk, at=AT)
    assert refusal.value.reason.code == "consultation-first"
    consultations.announce(consultation=asked, actor=clerk, at=AT)
    domain.announce(poll=Poll.objects.get(pk=poll.pk), actor=clerk, at=AT)


def test_nor_does_the_notice_of_a_meeting(draft_meeting: Drafter, clerk: Person, asked: Consultation) -> None:
    poll = draft_meeting(consultation=asked, opens_at=AT + 20 * DAY, closes_at=AT + 20 * DAY + HOUR)
    with pytest.raises(Refused) as refusal:
        meetings.call(poll=poll, actor=clerk, at=AT)
    assert refusal.value.reason.code == "consultation-first"
    consultations.announce(consultation=asked, actor=clerk, at=AT)
    meetings.call(poll=Poll.objects.get(pk=poll.pk), actor=clerk, at=AT)


def test_a_drafted_consultation_is_not_dropped_from_under_a_poll(
    draft: Drafter, county: County, asked: Consultation
) -> None:
    poll = draft(opens_at=OPENS, closes_at=OPENS + 5 * DAY, consultation=asked)
    with pytest.raises(Refused) as refusal:
        consultations.drop(consultation=asked, actor=county.official, at=AT)
    assert refusal.value.reason.code == "consultation-is-used"
    poll.delete()
    consultations.drop(consultation=asked, actor=county.official, at=AT)
    assert not Consultation.objects.exists()
