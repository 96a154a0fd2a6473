from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connections

from civic.audit.models import Entry
from civic.notify import kinds, outbox, sending
from civic.notify.domain import choose, post, tell
from civic.notify.models import Letter, Message
from civic.people.models import Level, Person

ANSWERED = "tests:notify:answered"
TEXTED = "tests:notify:texted"

Happening = Callable[[], Entry]


class BrokenBackend(BaseEmailBackend):
    """A mail server that is down."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError("no mail server")


@pytest.fixture
def message(resident: Person, happening: Happening, at: datetime) -> Message:
    params = {"title": "公交夜班", "title_en": "Night buses", "number": 3}
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, params, "/consultations/bus/")], at=at)
    return Message.objects.get()


@pytest.mark.django_db
def test_a_message_is_sent_once(message: Message, at: datetime) -> None:
    assert sending.send_message(message.pk, at=at)
    assert not sending.send_message(message.pk, at=at)
    assert not sending.send_message(message.pk, at=at + timedelta(days=1))
    assert len(outbox.read()) == 1
    message.refresh_from_db()
    assert (message.status, message.sent_at, message.attempts) == ("sent", at, 1)


@pytest.mark.django_db
def test_a_mail_speaks_the_readers_language(message: Message, resident: Person, at: datetime) -> None:
    sending.send_message(message.pk, at=at)
    mail = outbox.read()[0]
    assert mail.to == "lin@test.example"
    assert mail.subject == "“公交夜班” 3"
    assert "您好" in mail.text
    assert "/consultations/bus/" in mail.text
    assert "/me/preferences/" in mail.text
    assert 'lang="zh-hans"' in mail.html


@pytest.mark.django_db
def test_english_readers_get_the_translation_of_a_title(message: Message, resident: Person, at: datetime) -> None:
    resident.language = "en"
    resident.save()
    sending.send_message(message.pk, at=at)
    assert outbox.read()[0].subject == "“Night buses” 3"
    assert "Hello" in outbox.read()[0].text


@pytest.mark.django_db
def test_a_failed_delivery_is_tried_again_later_and_finally_shown(
    message: Message, settings: Any, at: datetime
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    assert not sending.send_message(message.pk, at=at)
    message.refresh_from_db()
    assert message.status == "waiting"
    assert "no mail server" in message.error
    assert message.due_at > at
    assert not sending.send_message(message.pk, at=at)
    message.refresh_from_db()
    assert message.attempts == 1, "not before it is due"
    for _ in range(sending.MAX_ATTEMPTS):
        at += timedelta(hours=6)
        sending.send_message(message.pk, at=at)
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("failed", sending.MAX_ATTEMPTS)


@pytest.mark.django_db
def test_a_server_that_comes_back_gets_the_message(message: Message, settings: Any, at: datetime) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    sending.send_message(message.pk, at=at)
    settings.EMAIL_BACKEND = working
    assert sending.due(Message, at=at + timedelta(hours=1)) == [message.pk]
    assert sending.send_message(message.pk, at=at + timedelta(hours=1))


@pytest.mark.django_db
def test_a_sender_that_died_is_followed_by_another_under_the_same_key(message: Message, at: datetime) -> None:
    sending.send_message(message.pk, at=at)
    first = outbox.read()[0]
    # the mail left, but the sender died before it could say so
    Message.objects.update(status="sending", due_at=at + sending.LEASE, sent_at=None)
    assert not sending.send_message(message.pk, at=at + timedelta(minutes=1)), "the first sender may still be at it"
    assert sending.send_message(message.pk, at=at + sending.LEASE)
    assert [item.key for item in outbox.read()] == [first.key]


@pytest.mark.django_db
def test_what_was_switched_off_meanwhile_is_not_sent(message: Message, resident: Person, at: datetime) -> None:
    choose(person=resident, wanted={(kinds.ANSWERS, "email"): False})
    assert not sending.send_message(message.pk, at=at)
    message.refresh_from_db()
    assert message.status == "skipped"
    assert outbox.read() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs("postgresql")
def test_of_many_workers_one_sends(message: Message, at: datetime) -> None:
    start = Barrier(6)
    sent: list[bool] = []

    def run() -> None:
        start.wait()
        sent.append(sending.send_message(message.pk, at=at))
        connections.close_all()

    threads = [Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [False] * 5 + [True]
    message.refresh_from_db()
    assert message.attempts == 1


@pytest.mark.django_db
def test_a_text_message_is_one_line_with_its_address(happening: Happening, at: datetime) -> None:
    person = Person.objects.create_user(phone="+8613800000002", level=Level.CONTACT, phone_verified=True)
    tell(kind=TEXTED, entry=happening(), recipients=[(person, {"title": "有新的征集"}, "/c/")], at=at)
    assert sending.send_message(Message.objects.get().pk, at=at)
    item = outbox.read()[0]
    assert (item.channel, item.to, item.text) == ("sms", "+8613800000002", "有新的征集 http://localhost:8000/c/")


@pytest.mark.django_db
def test_a_sent_letter_keeps_neither_address_nor_code(at: datetime) -> None:
    post(channel="sms", address="+8613800000002", content={"text": "123456"}, at=at, lasts=timedelta(minutes=5))
    letter = Letter.objects.get()
    assert sending.send_letter(letter.pk, at=at)
    letter.refresh_from_db()
    assert (letter.address, letter.content) == ("", {})
    assert outbox.read()[0].text == "123456"


@pytest.mark.django_db
def test_an_expired_letter_is_not_sent(at: datetime) -> None:
    post(channel="sms", address="+8613800000002", content={"text": "123456"}, at=at, lasts=timedelta(minutes=5))
    letter = Letter.objects.get()
    assert not sending.send_letter(letter.pk, at=at + timedelta(minutes=5))
    letter.refresh_from_db()
    assert letter.status == "skipped"
    assert letter.content == {}
