"""What could not be delivered is seen, covered, and sent again by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from civic.audit.models import Entry
from civic.core.masking import mask, mask_all
from civic.core.refusals import Refused
from civic.events.models import Delivery
from civic.notify import outbox, repeating, sending
from civic.notify.domain import post, tell
from civic.notify.models import Digest, Letter, Message
from civic.people.models import Person

pytestmark = pytest.mark.django_db

Happening = Callable[[], Entry]


@pytest.fixture
def failed(resident: Person, happening: Happening, at: datetime) -> Message:
    tell(kind="tests:notify:answered", entry=happening(), recipients=[(resident, {}, "/x/")], at=at)
    Message.objects.update(status="failed", attempts=6, error="SMTPServerDisconnected: by lin@test.example")
    return Message.objects.get()


def _again(key: str, pk: int, actor: Person, at: datetime) -> None:
    repeating.send_again(sort=repeating.sort_of(key), pk=pk, actor=actor, at=at)


def test_a_failed_message_is_listed_with_its_address_covered(failed: Message) -> None:
    _page, (line,) = repeating.page(repeating.sort_of("messages"), 1)
    assert (line.to, line.attempts, line.next_at) == ("l***@t***.example", 6, None)
    assert "lin@" not in line.error
    assert repeating.given_up()["messages"] == 1


def test_what_is_being_tried_again_is_listed_with_its_next_try(failed: Message, at: datetime) -> None:
    Message.objects.update(status="waiting", attempts=2, due_at=at)
    _page, (line,) = repeating.page(repeating.sort_of("messages"), 1)
    assert line.next_at == at


def test_what_waits_for_its_first_try_is_not_listed(failed: Message) -> None:
    Message.objects.update(status="waiting", attempts=0, error="")
    assert repeating.page(repeating.sort_of("messages"), 1)[1] == []


def test_it_is_sent_again_by_hand_and_that_is_an_entry(failed: Message, administrator: Person, at: datetime) -> None:
    _again("messages", failed.pk, administrator, at)
    entry = Entry.objects.latest("pk")
    assert (entry.type, entry.actor, entry.facts["what"]) == ("civic:notify:again", administrator, "messages")
    assert sending.send_message(failed.pk, at=at)
    assert outbox.read()[0].to == "lin@test.example"


def test_of_two_who_send_it_again_one_is_told(failed: Message, administrator: Person, at: datetime) -> None:
    _again("messages", failed.pk, administrator, at)
    with pytest.raises(Refused) as caught:
        _again("messages", failed.pk, administrator, at)
    assert caught.value.conflict


def test_nobody_without_the_power_sends_again(failed: Message, official: Person, at: datetime) -> None:
    with pytest.raises(Refused):
        _again("messages", failed.pk, official, at)
    failed.refresh_from_db()
    assert failed.status == "failed"


def test_a_failed_reaction_inside_the_site_runs_again(
    administrator: Person, happening: Happening, at: datetime
) -> None:
    row = Delivery.objects.create(entry=happening(), subscriber="x", status="failed", attempts=8, due_at=at)
    _again("events", row.pk, administrator, at)
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("waiting", 0)


def test_a_daily_mail_comes_again_with_its_messages(failed: Message, administrator: Person, at: datetime) -> None:
    digest = Digest.objects.create(person=failed.notice.person, day=at.date(), due_at=at, status="failed")
    Message.objects.update(is_daily=True, digest=digest)
    assert repeating.page(repeating.sort_of("messages"), 1)[1] == [], "one line, the mail's"
    _again("digests", digest.pk, administrator, at)
    failed.refresh_from_db()
    assert failed.status == "waiting"
    assert sending.send_digest(digest.pk, at=at)


def test_a_code_is_not_sent_again(administrator: Person, at: datetime) -> None:
    post(channel="sms", address="+8613800000001", content={"text": "1"}, at=at, lasts=timedelta(minutes=5))
    Letter.objects.update(status="failed")
    with pytest.raises(Refused):
        _again("letters", Letter.objects.get().pk, administrator, at)


@pytest.mark.parametrize(
    ("address", "covered"),
    [("lin@mail.example", "l***@m***.example"), ("+8613800000001", "+86****0001"), ("1234", "****"), ("", "")],
)
def test_addresses_are_covered(address: str, covered: str) -> None:
    assert mask(address) == covered


def test_addresses_within_words_are_covered() -> None:
    said = mask_all("550 <lin.x+1@mail.example> unknown, call +86 138 0000 0001; status 5.1.1 code 421")
    assert "lin.x" not in said
    assert "138 0000" not in said
    assert "5.1.1" in said
    assert "421" in said
