from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from civic.audit import types
from civic.audit.models import Entry
from civic.core import clock
from civic.events import bus, tasks
from civic.events.models import Delivery
from civic.people.models import Person
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

PUBLISHED = types.declare("tests:word:published", "A word was published.", "word")
BROKEN = types.declare("tests:word:broken", "A word was broken.")
SILENT = types.declare("tests:word:silent", "Nobody listens.")
MUTE = types.declare("tests:word:mute", "A word stuck.")
heard: list[int] = []


@bus.subscribe(PUBLISHED)
def listen(entry: Entry) -> None:
    Person.objects.filter(pk=entry.subject_id).update(display_name=entry.facts["word"])
    heard.append(entry.pk)


@bus.subscribe(BROKEN)
def stumble(entry: Entry) -> None:
    Person.objects.filter(pk=entry.subject_id).update(display_name="half done")
    raise ValueError("the other side does not answer")


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RecursionError


@bus.subscribe(MUTE)
def choke(entry: Entry) -> None:
    raise Unspeakable


@pytest.fixture(autouse=True)
def nothing_heard() -> None:
    heard.clear()


@pytest.fixture
def person() -> Person:
    return a_person(display_name="before")


def publish(person: Person, at: datetime, entry_type: str = PUBLISHED) -> Delivery:
    facts = {"word": "after"} if entry_type == PUBLISHED else {}
    with transaction.atomic():
        entry = bus.publish(entry_type, subject=person, actor=person, at=at, facts=facts)
    return Delivery.objects.get(entry=entry)


def test_a_subscriber_hears_an_entry_once(person: Person, at: datetime) -> None:
    delivery = publish(person, at)

    assert bus.deliver(delivery.pk, at=at)
    assert not bus.deliver(delivery.pk, at=at)

    delivery.refresh_from_db()
    person.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.done_at) == (Delivery.Status.DONE, 1, at)
    assert person.display_name == "after"
    assert heard == [delivery.entry_id]


def test_subscribing_twice_owes_an_entry_once(person: Person, at: datetime) -> None:
    bus.subscribe(PUBLISHED)(listen)

    delivery = publish(person, at)

    assert bus.deliver(delivery.pk, at=at)
    assert len(heard) == 1


def test_an_entry_without_subscribers_owes_nothing(person: Person, at: datetime) -> None:
    with transaction.atomic():
        bus.publish(SILENT, subject=person, actor=None, at=at)

    assert not Delivery.objects.exists()


def test_a_failure_undoes_the_handlers_work_and_stays_visible(person: Person, at: datetime) -> None:
    delivery = publish(person, at, BROKEN)

    assert not bus.deliver(delivery.pk, at=at)

    delivery.refresh_from_db()
    person.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Delivery.Status.WAITING, 1)
    assert delivery.error == "ValueError: the other side does not answer"
    assert delivery.due_at > at
    assert person.display_name == "before"


def test_a_failing_delivery_is_tried_with_growing_pauses_and_then_given_up(person: Person, at: datetime) -> None:
    delivery = publish(person, at, BROKEN)
    pauses = []

    for _attempt in range(bus.MAX_ATTEMPTS):
        bus.deliver(delivery.pk, at=at)
        delivery.refresh_from_db()
        pauses.append(delivery.due_at - at)

    assert pauses == sorted(set(pauses))
    assert delivery.status == Delivery.Status.FAILED
    assert not bus.deliver(delivery.pk, at=at)


def test_one_failure_does_not_hold_up_the_others(person: Person, at: datetime) -> None:
    publish(person, at, BROKEN)
    delivery = publish(person, at)

    tasks.sweep()

    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.DONE


def test_the_sweeper_finds_what_a_crash_left(person: Person, at: datetime) -> None:
    """Nothing was ever sent to the worker: on_commit does not run in this test."""
    publish(person, at)

    assert tasks.sweep() == 1
    assert tasks.sweep() == 0
    assert len(heard) == 1


def test_what_is_not_due_yet_waits(person: Person, at: datetime) -> None:
    delivery = publish(person, at)
    later = clock.now() + timedelta(minutes=5)
    Delivery.objects.filter(pk=delivery.pk).update(due_at=later)

    assert bus.waiting(at=later - timedelta(seconds=1)) == []
    assert bus.waiting(at=later) == [delivery.pk]


def test_the_worker_delivers_what_one_entry_owes(person: Person, at: datetime) -> None:
    delivery = publish(person, at)

    assert tasks.deliver_entry(delivery.entry_id) == 1
    assert tasks.deliver_entry(delivery.entry_id) == 0


def test_the_worker_delivers_many_entries_once_each(person: Person, at: datetime) -> None:
    delivery = publish(person, at)

    assert tasks.deliver_entries([(delivery.entry_id, "")] * 2) == 1
    assert heard == [delivery.entry_id]


def test_of_twenty_in_one_message_nineteen_are_delivered_whatever_becomes_of_one(person: Person, at: datetime) -> None:
    owed = [publish(person, at, MUTE if number == 3 else PUBLISHED) for number in range(20)]

    with pytest.raises(RecursionError):
        tasks.deliver_entries([(delivery.entry_id, "") for delivery in owed])

    waiting = Delivery.objects.filter(status=Delivery.Status.WAITING)
    assert [delivery.pk for delivery in waiting] == [owed[3].pk]


def test_the_sweeper_goes_on_after_one_that_cannot_even_be_noted(person: Person, at: datetime) -> None:
    publish(person, at, MUTE)
    publish(person, at)

    with pytest.raises(RecursionError):
        tasks.sweep()

    assert len(heard) == 1


def test_deliver_all_runs_what_waits(person: Person, at: datetime, deliver_all: Callable[[datetime], int]) -> None:
    publish(person, at)

    assert deliver_all(clock.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_neither_entry_nor_delivery(at: datetime) -> None:
    person = a_person()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        bus.publish(PUBLISHED, subject=person, actor=person, at=at, facts={"word": "never"})
        raise ZeroDivisionError

    assert not Entry.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_two_workers_holding_the_same_delivery_run_it_once(at: datetime) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    delivery = publish(a_person(), at)

    def work(_worker: int) -> bool:
        try:
            return bus.deliver(delivery.pk, at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(work, range(8)))

    assert sum(done) == 1
    assert len(heard) == 1
