"""What is written is noted: by itself, with its transaction, and seen by every process."""

import threading
import uuid
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test import Client

from civic.access.models import SignIn
from civic.core.changes import Changes, forget_old, note, only
from civic.core.models import Change
from civic.places.models import Place
from tests.factories.people import PASSWORD, a_person
from tests.factories.places import a_place

# Each in transactions of its own: a change is noted once in each.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def process() -> Changes:
    """Another process, which has looked once."""
    made = Changes()
    made.look(pause=0)
    return made


def test_a_write_outdates_what_was_seen_before(process: Changes) -> None:
    before = process.counts().of(())
    a_place()
    process.look(pause=0)
    assert not process.is_current(before)
    assert process.is_current(process.counts().of(()))


@pytest.mark.parametrize("how", ["bulk", "update", "delete", "raw"])
def test_no_way_of_writing_goes_unnoted(process: Changes, how: str) -> None:
    place = a_place()
    process.look(pause=0)
    before = process.counts().of(())
    match how:
        case "bulk":
            Place.objects.bulk_update([place], ["name"])
        case "update":
            Place.objects.filter(pk=place.pk).update(name="改")
        case "delete":
            Place.objects.filter(pk=place.pk).delete()
        case _:
            with connection.cursor() as cursor:
                cursor.execute("update civic_places_place set name = '改'")
    process.look(pause=0)
    assert not process.is_current(before)


def test_one_transaction_is_noted_once_in_its_scope(process: Changes) -> None:
    before = Change.objects.count()
    with only("consultation:1"), transaction.atomic():
        for name in ("甲", "乙", "丙"):
            a_place(name=name)
    assert list(Change.objects.order_by("pk").values_list("scope", flat=True))[before:] == ["consultation:1"]


def test_what_is_rolled_back_is_not_noted_and_what_follows_is(process: Changes) -> None:
    before = process.counts().of(())
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            a_place()
            raise ZeroDivisionError
        process.look(pause=0)
        assert process.is_current(before)
        a_place()
    process.look(pause=0)
    assert not process.is_current(before)


def test_a_change_inside_one_matter_leaves_the_pages_of_another(process: Changes) -> None:
    counts = process.counts()
    mine, other, everything = counts.of({"consultation:1"}), counts.of({"consultation:2"}), counts.of(())
    with only("consultation:1"):
        a_place()
    process.look(pause=0)
    assert (process.is_current(mine), process.is_current(other), process.is_current(everything)) == (False, True, False)


def test_a_change_of_everything_reaches_the_pages_of_each_matter(process: Changes) -> None:
    narrow = process.counts().of({"consultation:1"})
    a_place()
    process.look(pause=0)
    assert not process.is_current(narrow)


def test_what_no_visitor_sees_is_not_noted(process: Changes, at: datetime) -> None:
    person = a_person()
    process.look(pause=0)
    before = process.counts().of(())
    cache.set("a-limit", uuid.uuid4().hex)
    person.last_login = at
    person.save(update_fields=["last_login"])
    process.look(pause=0)
    assert process.is_current(before)


def test_signing_up_in_and_out_leaves_the_pages_of_visitors(process: Changes) -> None:
    before = process.counts().of(())
    person, client = a_person(), Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert SignIn.objects.filter(person=person).exists()
    client.post("/accounts/logout/")
    process.look(pause=0)
    assert process.is_current(before)


def test_a_look_within_the_pause_asks_nothing(process: Changes) -> None:
    before = process.counts().of(())
    a_place()
    process.look(pause=60)
    assert process.is_current(before)


def test_files_and_other_engines_are_noted_by_hand(process: Changes) -> None:
    before = process.counts().of({"search"})
    note("search")
    process.look(pause=0)
    assert not process.is_current(before)


def test_old_notes_are_thrown_away(at: datetime) -> None:
    Change.objects.all().delete()
    Change.objects.create(scope="", at=at - timedelta(days=1))
    Change.objects.create(scope="", at=at)
    assert forget_old(at=at) == 1


@pytest.mark.needs("postgresql")
def test_a_change_committed_late_under_an_early_number_is_seen() -> None:
    process = Changes()
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic(), only("slow"):
                a_place(name="慢")
                written.set()
                may_commit.wait(120)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    process.look(pause=0)
    thread.start()
    written.wait(120)
    with only("fast"):
        a_place(name="快")
    process.look(pause=0)
    before = process.counts()
    assert before.narrow == {"fast": 1}
    may_commit.set()
    thread.join()
    process.look(pause=0)
    process.look(pause=0)
    assert process.counts().narrow == {"fast": 1, "slow": 1}
