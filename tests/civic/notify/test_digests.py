"""The daily mail: one a day, at the hour one chose, with everything that came, never empty, never twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from civic.audit.models import Entry
from civic.notify import digests, outbox, proofs, sending
from civic.notify.domain import set_hours, tell, wish
from civic.notify.models import Digest, Message
from civic.people.models import Person

ANSWERED, TEXTED = "tests:notify:answered", "tests:notify:texted"
SIX = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # 18:00 in the county; the fixture's instant is an hour earlier

Happening = Callable[[], Entry]


@pytest.fixture
def daily(resident: Person) -> Person:
    """The resident, who wants what is answered once a day."""
    wish(person=resident, timings={(ANSWERED, "email"): "daily"})
    return resident


def _tell(person: Person, happening: Happening, at: datetime, title: str = "路灯") -> None:
    tell(kind=ANSWERED, entry=happening(), recipients=[(person, {"title": title}, "/x/")], at=at)


def _send(at: datetime) -> int:
    """What the sweeper does."""
    digests.gather(at=at)
    return sum(sending.send_digest(pk, at=at) for pk in sending.due(Digest, at=at))


@pytest.mark.django_db
def test_what_came_during_the_day_is_one_mail_at_the_hour(daily: Person, happening: Happening, at: datetime) -> None:
    for title in ("路灯", "公交"):
        _tell(daily, happening, at, title)
    assert sending.due(Message, at=SIX) == [], "none goes alone"
    assert _send(SIX - timedelta(seconds=1)) == 0
    assert _send(SIX) == 1
    (mail,) = outbox.read()
    assert mail.to == "lin@test.example"
    assert "路灯" in mail.text
    assert "公交" in mail.text
    assert "/x/" in mail.text
    assert set(Message.objects.values_list("status", "sent_at")) == {("sent", SIX)}


@pytest.mark.django_db
def test_a_day_without_news_brings_no_mail(daily: Person) -> None:
    assert _send(SIX) == 0
    assert not Digest.objects.exists()


@pytest.mark.django_db
def test_a_mail_whose_news_were_switched_off_meanwhile_is_not_sent(
    daily: Person, happening: Happening, at: datetime
) -> None:
    _tell(daily, happening, at)
    wish(person=daily, timings={(ANSWERED, "email"): "never"})
    assert _send(SIX) == 0
    assert outbox.read() == []
    assert Digest.objects.get().status == Message.objects.get().status == "skipped"


@pytest.mark.django_db
def test_there_is_one_mail_a_day_and_the_rest_comes_tomorrow(daily: Person, happening: Happening, at: datetime) -> None:
    _tell(daily, happening, at)
    assert _send(SIX) == 1
    _tell(daily, happening, SIX)
    Message.objects.filter(digest=None).update(due_at=SIX)  # as if the hour had been moved
    assert _send(SIX + timedelta(minutes=5)) == 0
    assert _send(SIX + timedelta(days=1)) == 1
    assert Digest.objects.count() == 2


@pytest.mark.django_db
def test_the_hour_moves_with_ones_choice(daily: Person, happening: Happening, at: datetime) -> None:
    _tell(daily, happening, at)
    set_hours(person=daily, quiet=None, digest_hour=20, at=at)
    assert _send(SIX) == 0
    assert _send(SIX + timedelta(hours=2)) == 1


@pytest.mark.django_db
def test_a_worker_that_slept_sends_the_mail_after_the_quiet_hours(
    daily: Person, happening: Happening, at: datetime, settings: Any
) -> None:
    settings.QUIET_HOURS = (21, 8)
    _tell(daily, happening, at)
    assert _send(SIX + timedelta(hours=5)) == 0
    assert _send(SIX + timedelta(hours=14)) == 1


@pytest.mark.django_db
def test_the_others_of_a_group_still_come_at_once(daily: Person, happening: Happening, at: datetime) -> None:
    tell(kind=TEXTED, entry=happening(), recipients=[(daily, {"title": "新"}, "/x/")], at=at)
    assert len(sending.due(Message, at=at)) == 1


@pytest.mark.django_db
def test_a_failed_daily_mail_is_tried_again_whole(
    daily: Person, happening: Happening, at: datetime, settings: Any
) -> None:
    _tell(daily, happening, at)
    settings.EMAIL_BACKEND = "tests.civic.notify.test_sending.BrokenBackend"
    assert _send(SIX) == 0
    assert Message.objects.get().status == "waiting"
    settings.EMAIL_BACKEND = "civic.notify.outbox.EmailBackend"
    assert _send(SIX + timedelta(hours=1)) == 1
    assert Message.objects.get().status == "sent"


@pytest.mark.django_db
def test_a_daily_mail_given_up_takes_its_messages_with_it(
    daily: Person, happening: Happening, at: datetime, settings: Any
) -> None:
    _tell(daily, happening, at)
    settings.EMAIL_BACKEND = "tests.civic.notify.test_sending.BrokenBackend"
    for tries in range(sending.MAX_ATTEMPTS):
        _send(SIX + timedelta(hours=6 * tries))
    assert Digest.objects.get().status == Message.objects.get().status == "failed"
    assert not list(proofs.daily_mails_share_their_fate())


@pytest.mark.django_db
def test_the_database_knows_one_daily_mail_per_person_and_day(daily: Person) -> None:
    Digest.objects.create(person=daily, day=SIX.date(), due_at=SIX)
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.create(person=daily, day=SIX.date(), due_at=SIX)


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs("postgresql")
def test_many_sweepers_at_once_make_one_mail(daily: Person, happening: Happening, at: datetime) -> None:
    for _ in range(5):
        _tell(daily, happening, at)
    start, sent = Barrier(6), []

    def run() -> None:
        start.wait()
        sent.append(_send(SIX))
        connections.close_all()

    threads = [Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 1
    assert Digest.objects.count() == 1
    assert Message.objects.filter(digest=Digest.objects.get(), status="sent").count() == 5


@pytest.mark.django_db
def test_the_mail_speaks_the_readers_language(daily: Person, happening: Happening, at: datetime) -> None:
    daily.language = "en"
    daily.save()
    for _ in range(2):
        _tell(daily, happening, at)
    _send(SIX)
    mail = outbox.read()[0]
    assert mail.subject.startswith("2 news")
    assert "Stop the daily mail" in mail.text
    assert 'lang="en"' in mail.html
