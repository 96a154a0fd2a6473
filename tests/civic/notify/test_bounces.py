"""What comes back stops a channel, the person is told, and can mend it."""

import io
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.test import Client

from civic.audit.models import Entry
from civic.core.commands import BadInput
from civic.notify import bounces, kinds, queries, sending
from civic.notify.domain import tell
from civic.notify.models import Bounce, Message, Notice
from civic.people.models import Level, Person

pytestmark = pytest.mark.django_db

ANSWERED = "tests:notify:answered"
# As a mail server writes it (RFC 3464, appendix E, shortened).
DSN = """\
From: MAILER-DAEMON@mx.test.example
To: no-reply@gongyi.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry to inform you that your mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <{recipient}>: no such mailbox

--b
Content-Type: {returned}

Message-ID: <{key}@localhost>
Subject: hello

--b--
"""

Happening = Callable[[], Entry]


class RefusingBackend(BaseEmailBackend):
    """A mail server that knows that there is no such mailbox."""

    def send_messages(self, email_messages: Any) -> int:
        raise SMTPRecipientsRefused({"lin@test.example": (550, b"5.1.1 no such mailbox")})


@pytest.fixture
def message(resident: Person, happening: Happening, at: datetime) -> Message:
    return _message(resident, happening, at)


def _message(person: Person, happening: Happening, at: datetime) -> Message:
    tell(kind=ANSWERED, entry=happening(), recipients=[(person, {}, "/x/")], at=at)
    return Message.objects.latest("pk")


def _dsn(key: Any, *, status: str = "5.1.1", action: str = "failed", recipient: str = "lin@test.example",
         returned: str = "text/rfc822-headers") -> bytes:  # fmt: skip
    return DSN.format(key=key, status=status, action=action, recipient=recipient, returned=returned).encode()


def _stopped(person: Person, at: datetime) -> list[str]:
    return [channel for _person, channel, _since in queries.stopped([person], at=at)]


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_hard_bounce_stops_the_channel(
    message: Message, resident: Person, happening: Happening, at: datetime, returned: str
) -> None:
    assert bounces.take(bounces.read_dsn(_dsn(message.key, returned=returned)), at=at) == 1
    assert _stopped(resident, at) == ["email"]
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=at)
    assert Message.objects.count() == 1, "nothing more is owed by e-mail"
    assert not sending.send_message(message.pk, at=at), "nor sent that was owed before"


def test_the_person_is_told_on_the_site_once(message: Message, resident: Person, at: datetime) -> None:
    for _ in range(2):
        bounces.take(bounces.read_dsn(_dsn(message.key)), at=at)
    bounces.note(person=resident, channel="email", source="again", is_hard=True, reason="", at=at)
    assert Notice.objects.filter(kind=kinds.EMAIL_STOPPED, person=resident).count() == 1


def test_three_soft_bounces_of_three_messages_stop_it(resident: Person, happening: Happening, at: datetime) -> None:
    for number in range(3):
        assert _stopped(resident, at) == []
        key = _message(resident, happening, at).key
        for _ in range(2):
            bounces.take(bounces.read_dsn(_dsn(key, status="4.2.2")), at=at + timedelta(days=number))
    assert _stopped(resident, at + timedelta(days=3)) == ["email"]


def test_soft_bounces_of_long_ago_do_not_count(resident: Person, at: datetime) -> None:
    for days in (0, 20, 45):
        bounces.note(person=resident, channel="email", source=f"{days}", is_hard=False, reason="",
                     at=at + timedelta(days=days))  # fmt: skip
    assert _stopped(resident, at + timedelta(days=45)) == []


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_what_is_only_late_is_no_bounce(message: Message, at: datetime, action: str) -> None:
    assert bounces.take(bounces.read_dsn(_dsn(message.key, action=action)), at=at) == 0


def test_a_report_of_something_we_never_sent_stops_nobody(resident: Person, at: datetime) -> None:
    assert bounces.take(bounces.read_dsn(_dsn(uuid.uuid4())), at=at) == 0
    assert _stopped(resident, at) == []


def test_a_report_about_the_address_before_does_not_stop_the_new_one(
    message: Message, resident: Person, at: datetime
) -> None:
    resident.email = "new@test.example"
    resident.save()
    assert bounces.take(bounces.read_dsn(_dsn(message.key)), at=at) == 0


@pytest.mark.parametrize("raw", [b"", b"Subject: hello\n\nI am on holiday.", _dsn("no-key")])
def test_another_mail_is_no_report(raw: bytes) -> None:
    with pytest.raises(bounces.Unreadable):
        bounces.read_dsn(raw)


def test_the_address_is_not_kept_a_second_time(message: Message, at: datetime) -> None:
    bounces.take(bounces.read_dsn(_dsn(message.key)), at=at)
    bounce = Bounce.objects.get()
    assert "lin@" not in f"{bounce.reason}{bounce.mark}{bounce.source}"


def test_a_new_address_starts_afresh(message: Message, resident: Person, at: datetime) -> None:
    bounces.take(bounces.read_dsn(_dsn(message.key)), at=at)
    resident.email = "right@test.example"
    resident.save()
    assert _stopped(resident, at) == []


def test_the_person_sees_it_and_can_have_it_tried_again(
    message: Message, resident: Person, at: datetime, client: Client
) -> None:
    bounces.take(bounces.read_dsn(_dsn(message.key)), at=at)
    client.force_login(resident)
    page = client.get("/me/preferences/").content.decode()
    assert 'id="stopped"' in page
    assert "lin@test.example" in page
    assert client.post("/me/preferences/", {"part": "again", "channel": "email"}).status_code == 303
    assert _stopped(resident, at) == []
    assert 'id="stopped"' not in client.get("/me/preferences/").content.decode()


def test_a_server_that_knows_no_such_mailbox_bounces_at_once(
    message: Message, resident: Person, at: datetime, settings: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    assert not sending.send_message(message.pk, at=at)
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("failed", 1)
    assert "lin@" not in message.error
    assert _stopped(resident, at) == ["email"]


def test_a_text_messages_report_stops_the_number(at: datetime) -> None:
    person = Person.objects.create_user(phone="+8613800000002", level=Level.CONTACT, phone_verified=True)
    report = {"type": "hard", "channel": "sms", "recipient": "+8613800000002", "reason": "unknown number"}
    assert bounces.take(bounces.read_provider(report), at=at) == 1
    assert _stopped(person, at) == ["sms"]


# --- the command ---------------------------------------------------------------------------------------------------


def test_the_command_reads_a_mail_from_a_pipe(
    message: Message, resident: Person, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(_dsn(message.key))))
    call_command("take_bounce")
    assert "1 noted" in capsys.readouterr().out
    assert Bounce.objects.get().person == resident


def test_the_command_refuses_what_is_no_report(tmp_path: Any) -> None:
    (tmp_path / "mail").write_bytes(b"Subject: hello\n\nhello")
    for name in ("mail", "missing"):
        with pytest.raises(BadInput):
            call_command("take_bounce", str(tmp_path / name))


# --- the address ---------------------------------------------------------------------------------------------------


def _post(client: Client, body: Any, *, secret: str = "s3cret", content_type: str = "application/json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    headers = {"authorization": f"Bearer {secret}"}
    return client.post("/notices/bounces/", data, content_type=content_type, headers=headers)


def test_without_a_secret_there_is_no_such_address(client: Client, settings: Any) -> None:
    settings.BOUNCE_SECRET = ""
    assert _post(client, {}, secret="").status_code == 404


def test_a_provider_reports_by_json(client: Client, message: Message, resident: Person, settings: Any) -> None:
    settings.BOUNCE_SECRET = "s3cret"
    reports = [{"type": "hard", "message_id": f"<{message.key}@localhost>", "reason": "550"}] * 2
    assert _post(client, reports, secret="wrong").status_code == 401
    assert _post(client, reports).json() == {"noted": 1}
    assert Bounce.objects.get().person == resident


def test_a_mail_server_reports_by_its_own_mail(client: Client, message: Message, settings: Any) -> None:
    settings.BOUNCE_SECRET = "s3cret"
    assert _post(client, _dsn(message.key), content_type="message/rfc822").json() == {"noted": 1}


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"[[[", "text", 3, {}, {"type": "hard"}, {"type": "maybe", "recipient": "a@b.example"},
     {"type": "hard", "recipient": 3}, [None], {"type": "soft", "channel": "pigeon", "recipient": "x"}],
)  # fmt: skip
def test_nonsense_is_answered_with_what_is_wrong(client: Client, settings: Any, body: Any) -> None:
    settings.BOUNCE_SECRET = "s3cret"
    response = _post(client, body)
    assert response.status_code == 422
    assert response.json()["error"]


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\x1b[31m", "\u202e"])
def test_what_no_database_keeps_is_taken_out_of_what_servers_say(
    client: Client, message: Message, resident: Person, settings: Any, odd: str
) -> None:
    settings.BOUNCE_SECRET = "s3cret"
    nobody = {"type": "hard", "recipient": f"a{odd}@b.example", "message_id": f"x{odd}"}
    told = {"type": "hard", "message_id": str(message.key), "reason": f"550 no{odd}such mailbox"}
    assert _post(client, [nobody, told]).json() == {"noted": 1}
    assert odd not in Bounce.objects.get(person=resident).reason


def test_a_mail_server_that_sends_control_characters_is_understood(
    client: Client, message: Message, settings: Any
) -> None:
    settings.BOUNCE_SECRET = "s3cret"
    raw = _dsn(message.key).replace(b"no such mailbox", b"no such\x00 mail\xffbox")
    assert _post(client, raw, content_type="message/rfc822").json() == {"noted": 1}
