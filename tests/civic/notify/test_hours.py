"""Quiet hours: nothing but codes and what binds leaves between the evening and the morning."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from civic.audit.models import Entry
from civic.core.refusals import Refused
from civic.notify import outbox, sending
from civic.notify.domain import post, set_hours, tell
from civic.notify.models import Hours, Letter, Message
from civic.notify.rules import Quiet, Rhythm
from civic.people.models import Person

ANSWERED, BINDING = "tests:notify:answered", "tests:notify:binding"
NIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 23:00 in the county
MORNING = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 08:00 in the county

Happening = Callable[[], Entry]


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.QUIET_HOURS = (21, 8)


@pytest.mark.parametrize(("hour", "later"), [(12, 0), (20, 0), (21, 11), (23, 9), (0, 8), (7, 1), (8, 0)], ids=str)
def test_quiet_hours_hold_their_beginning_and_not_their_end(hour: int, later: int) -> None:
    at = datetime(2026, 11, 20, hour, 0, tzinfo=UTC) - timedelta(hours=8)
    assert Rhythm(Quiet(21, 8), 18).send_after(at) == at + timedelta(hours=later)


def test_quiet_hours_may_lie_within_one_day() -> None:
    rhythm = Rhythm(Quiet(12, 14), 18)
    noon = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
    assert rhythm.send_after(noon) == datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
    assert rhythm.send_after(noon + timedelta(hours=2)) == noon + timedelta(hours=2)


def test_whoever_wants_no_quiet_hours_has_none() -> None:
    assert Rhythm(None, 18).send_after(NIGHT) == NIGHT


def test_the_daily_mail_goes_at_its_hour_today_or_tomorrow() -> None:
    six = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert Rhythm(None, 18).next_digest(six - timedelta(seconds=1)) == six
    assert Rhythm(None, 18).next_digest(six) == six + timedelta(days=1)


@pytest.mark.django_db
def test_a_message_of_the_night_waits_for_the_morning(resident: Person, happening: Happening) -> None:
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=NIGHT)
    message = Message.objects.get()
    assert message.due_at == MORNING
    assert not sending.send_message(message.pk, at=MORNING - timedelta(seconds=1))
    assert sending.send_message(message.pk, at=MORNING)


@pytest.mark.django_db
def test_a_worker_that_comes_late_does_not_wake_people_up(resident: Person, happening: Happening) -> None:
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=NIGHT - timedelta(hours=3))
    message = Message.objects.get()
    assert not sending.send_message(message.pk, at=NIGHT)
    message.refresh_from_db()
    assert (message.status, message.attempts, message.due_at) == ("waiting", 0, MORNING)


@pytest.mark.django_db
def test_a_retry_does_not_fall_into_the_night(resident: Person, happening: Happening, settings: Any) -> None:
    evening = datetime(2026, 11, 20, 12, 59, 50, tzinfo=UTC)
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=evening)
    message = Message.objects.get()
    settings.EMAIL_BACKEND = "tests.civic.notify.test_sending.BrokenBackend"
    assert not sending.send_message(message.pk, at=evening)
    settings.EMAIL_BACKEND = "civic.notify.outbox.EmailBackend"
    assert not sending.send_message(message.pk, at=evening + timedelta(minutes=5))
    assert outbox.read() == []
    assert sending.send_message(message.pk, at=MORNING)


@pytest.mark.django_db
def test_codes_do_not_wait(at: datetime) -> None:
    post(channel="email", address="lin@test.example", content={"subject": "x", "text": "123456"}, at=NIGHT,
         lasts=timedelta(minutes=10))  # fmt: skip
    assert sending.send_letter(Letter.objects.get().pk, at=NIGHT)


@pytest.mark.django_db
def test_what_binds_does_not_wait(resident: Person, happening: Happening) -> None:
    tell(kind=BINDING, entry=happening(), recipients=[(resident, {"title": "停用"}, "/x/")], at=NIGHT)
    assert sending.send_message(Message.objects.get().pk, at=NIGHT)


@pytest.mark.django_db
def test_ones_own_hours_go_before_the_default(resident: Person, happening: Happening) -> None:
    set_hours(person=resident, quiet=None, digest_hour=9, at=NIGHT)
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=NIGHT)
    assert sending.send_message(Message.objects.get().pk, at=NIGHT)


@pytest.mark.django_db
def test_a_daily_mail_cannot_come_in_the_quiet_hours(resident: Person) -> None:
    with pytest.raises(Refused):
        set_hours(person=resident, quiet=Quiet(21, 8), digest_hour=7, at=NIGHT)
    assert not Hours.objects.exists()
