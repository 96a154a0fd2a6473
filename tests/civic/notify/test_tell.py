from collections.abc import Callable
from datetime import datetime
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, connections, transaction

from civic.audit.models import Entry
from civic.notify import kinds
from civic.notify.domain import Recipient, choose, mark_read, tell
from civic.notify.models import Message, Notice
from civic.notify.queries import unread_count
from civic.people.models import Level, Person

ANSWERED = "tests:notify:answered"
TEXTED = "tests:notify:texted"

Happening = Callable[[], Entry]


@pytest.mark.django_db
def test_a_person_is_told_once_however_often_the_entry_is_delivered(
    resident: Person, happening: Happening, at: datetime
) -> None:
    entry = happening()
    first = tell(kind=ANSWERED, entry=entry, recipients=[(resident, {"title": "路灯"}, "/x/")], at=at)
    again = tell(kind=ANSWERED, entry=entry, recipients=[(resident.pk, {"title": "路灯"}, "/x/")] * 3, at=at)
    assert (first, again) == (1, 0)
    assert Notice.objects.count() == Message.objects.count() == 1


@pytest.mark.django_db
def test_another_entry_is_another_notice(resident: Person, happening: Happening, at: datetime) -> None:
    for _ in range(2):
        tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=at)
    assert Notice.objects.filter(person=resident).count() == 2


@pytest.mark.django_db
def test_the_database_itself_refuses_a_second_notice_and_a_second_message(
    resident: Person, happening: Happening, at: datetime
) -> None:
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=at)
    notice, message = Notice.objects.get(), Message.objects.get()
    for twin, constraint in (
        (Notice(person=resident, entry=notice.entry, kind=ANSWERED, url="/x/", created_at=at), "one_notice_per_person"),
        (Message(notice=notice, channel=message.channel, due_at=at), "one_message_per_notice"),
    ):
        said = constraint if connection.vendor == "postgresql" else "UNIQUE"
        with pytest.raises(IntegrityError, match=said), transaction.atomic():
            twin.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs("postgresql")
def test_many_tellers_at_once_tell_each_person_once(happening: Happening, at: datetime) -> None:
    people = [Person.objects.create_user(email=f"p{n}@test.example", level=Level.CONTACT) for n in range(20)]
    entry = happening()
    start = Barrier(4)

    def run(order: int) -> None:
        start.wait()
        recipients: list[Recipient] = [(person, {}, "/x/") for person in people]
        with transaction.atomic():
            tell(kind=ANSWERED, entry=entry, recipients=recipients[::order], at=at)
        connections.close_all()

    threads = [Thread(target=run, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notice.objects.count() == Message.objects.count() == 20


@pytest.mark.django_db
def test_telling_many_costs_a_constant_number_of_queries(
    happening: Happening, at: datetime, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    people = [Person.objects.create_user(email=f"p{n}@test.example", level=Level.CONTACT) for n in range(60)]
    entry = happening()
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        assert tell(kind=ANSWERED, entry=entry, recipients=[(p, {}, "/x/") for p in people], at=at) == 60


@pytest.mark.django_db
def test_a_choice_overrules_the_default_of_a_kind(resident: Person, happening: Happening, at: datetime) -> None:
    choose(person=resident, wanted={(kinds.ANSWERS, "email"): False})
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=at)
    assert Notice.objects.count() == 1
    assert not Message.objects.exists()
    choose(person=resident, wanted={(kinds.ANSWERS, "email"): True})
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/")], at=at)
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_text_messages_go_to_confirmed_numbers_only(happening: Happening, at: datetime) -> None:
    unconfirmed = Person.objects.create_user(phone="+8613800000001", level=Level.CONTACT)
    confirmed = Person.objects.create_user(phone="+8613800000002", level=Level.CONTACT, phone_verified=True)
    tell(kind=TEXTED, entry=happening(), recipients=[(unconfirmed, {}, "/x/"), (confirmed, {}, "/x/")], at=at)
    assert list(Message.objects.values_list("notice__person", "channel")) == [(confirmed.pk, "sms")]


@pytest.mark.django_db
def test_unconfirmed_addresses_get_no_mail(happening: Happening, at: datetime) -> None:
    person = Person.objects.create_user(email="new@test.example")
    tell(kind=ANSWERED, entry=happening(), recipients=[(person, {}, "/x/")], at=at)
    assert Notice.objects.count() == 1
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_people_who_cannot_sign_in_are_passed_over(happening: Happening, at: datetime) -> None:
    imported = Person.objects.create(is_imported=True, is_active=False)
    assert tell(kind=ANSWERED, entry=happening(), recipients=[(imported, {}, "/x/")], at=at) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", "x/", "javascript:alert(1)"])
def test_a_notice_leads_only_into_this_site(resident: Person, happening: Happening, at: datetime, url: str) -> None:
    with pytest.raises(ValueError, match="this site"):
        tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, url)], at=at)


@pytest.mark.django_db
def test_an_undeclared_kind_is_an_error(resident: Person, happening: Happening, at: datetime) -> None:
    with pytest.raises(LookupError, match="declare it first"):
        tell(kind="tests:nobody:knows", entry=happening(), recipients=[], at=at)


@pytest.mark.django_db
def test_reading_counts_only_ones_own(resident: Person, happening: Happening, at: datetime) -> None:
    other = Person.objects.create_user(email="other@test.example")
    tell(kind=ANSWERED, entry=happening(), recipients=[(resident, {}, "/x/"), (other, {}, "/x/")], at=at)
    assert mark_read(person=other, ids=list(Notice.objects.values_list("pk", flat=True)), at=at) == 1
    assert unread_count(resident) == 1
    assert mark_read(person=resident, ids="all", at=at) == 1
    assert mark_read(person=resident, ids="all", at=at) == 0
    assert unread_count(resident) == 0
