"""Two witnesses confirm, and two clerks publish, at the same moment."""

from collections import Counter
from collections.abc import Callable

import pytest

from civic.people.models import Person
from consult.voting import meetings
from consult.voting.models import BulletinEntry, Meeting, Poll
from tests.consult.conftest import AT
from tests.consult.voting.conftest import faults
from tests.consult.voting.test_at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("postgresql")]


def confirming(poll: Poll, witness: Person, version: int) -> Callable[[], str]:
    def deed() -> str:
        meetings.confirm(poll=poll, witness=witness, version=version, at=AT)
        return "confirmed"

    return deed


def test_two_witnesses_confirming_at_once_are_both_kept(called, write_down, witnesses) -> None:
    poll = called()
    version = write_down(poll)

    done = Counter(at_once([confirming(poll, each, version) for each in witnesses] * 4, 8))
    assert done == {"confirmed": 2, "has-confirmed": 6}
    assert Meeting.objects.get().is_confirmed


def test_minutes_are_published_once(called, write_down, witnesses, clerk) -> None:
    poll = called()
    version = write_down(poll)
    for witness in witnesses:
        meetings.confirm(poll=poll, witness=witness, version=version, at=AT)

    def publish() -> str:
        meetings.publish(poll=poll, actor=clerk, at=AT)
        return "published"

    done = Counter(at_once([publish] * 4, 4))
    assert done == {"published": 1, "wrong-state": 3}
    assert BulletinEntry.objects.filter(poll=poll, kind="result").count() == 1
    assert faults() == []


def test_a_correction_and_a_confirmation_at_once_never_leave_a_stale_confirmation(
    called, write_down, witnesses
) -> None:
    poll = called()
    version = write_down(poll)
    meetings.confirm(poll=poll, witness=witnesses[0], version=version, at=AT)
    deeds = [
        confirming(poll, witnesses[1], version),
        lambda: write_down(poll, version=version, present=90) and "corrected",
    ]
    done = set(at_once(deeds, 2))
    assert "corrected" in done
    meeting = Meeting.objects.get()
    assert (meeting.version, meeting.first_confirmed_at, meeting.second_confirmed_at) == (version + 1, None, None)
