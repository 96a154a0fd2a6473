"""Sealing, and finding the first link that does not hold."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError

from civic.audit import chain, content, guards, sealing
from civic.audit.models import AppendOnlyError, Entry, Seal, SealedEntry, Unsealed
from civic.audit.record import record
from civic.audit.tasks import seal as seal_task
from civic.core import clock, metrics
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

Happen = Callable[..., list[Entry]]
Tamper = Callable[..., None]


@pytest.fixture
def three(happen: Happen, at: datetime) -> list[list[Entry]]:
    """Three seals of three entries each."""
    batches = []
    for number in range(3):
        batches.append(happen(3))
        sealing.seal_waiting(at=at + timedelta(seconds=number))
    return batches


def test_a_new_entry_waits_until_it_is_sealed(happen: Happen, at: datetime) -> None:
    first, second = happen(2)
    assert set(Unsealed.objects.values_list("entry_id", flat=True)) >= {first.pk, second.pk}

    assert sealing.seal_waiting(at=at) >= 2

    assert not Unsealed.objects.exists()
    assert [first.sealing.position, second.sealing.position] == sorted(
        [first.sealing.position, second.sealing.position]
    )
    assert first.sealing.seal.sealed_at == at
    assert not list(chain.broken_links())


def test_with_nothing_to_seal_there_is_no_new_seal(three: list[list[Entry]], at: datetime) -> None:
    assert sealing.seal_waiting(at=at) == 0
    assert Seal.objects.count() == 3


def test_each_seal_names_the_one_before(three: list[list[Entry]]) -> None:
    first, second, third = Seal.objects.all()
    assert (first.previous, second.previous, third.previous) == (content.BEGINNING, first.hash, second.hash)


def test_many_entries_go_into_several_seals(happen: Happen, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    happen(10)
    assert sealing.seal_waiting(at=at) == 10
    assert list(Seal.objects.values_list("count", flat=True)) == [4, 4, 2]
    assert not list(chain.broken_links())


def test_the_task_seals_what_waits(happen: Happen) -> None:
    happen(2)
    assert seal_task() == 2


def test_the_command_seals_what_waits(happen: Happen) -> None:
    happen(2)
    said = StringIO()

    call_command("seal_record", stdout=said)

    assert "Sealed 2 entries" in said.getvalue()
    assert not Unsealed.objects.exists()


def test_how_long_the_oldest_entry_has_waited_is_measured(
    happen: Happen, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    [entry] = happen(1)
    monkeypatch.setattr(clock, "now", lambda: entry.recorded_at + timedelta(minutes=7))

    assert b"gongyi_seal_age_seconds 420.0" in metrics.exposition()
    sealing.seal_waiting(at=at)
    assert b"gongyi_seal_age_seconds 0.0" in metrics.exposition()


def test_an_entry_without_actor_place_or_facts_is_sealed_too(tested: str, somebody: object, at: datetime) -> None:
    record(tested, subject=Seal(number=7), actor=None, at=at)
    sealing.seal_waiting(at=at)
    assert not list(chain.broken_links())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE civic_audit_entry SET type = 'civic:other' WHERE id = {second}", "entry {second} is not what"),
        ("UPDATE civic_audit_entry SET at = '2020-01-01 00:00:00+00:00' WHERE id = {second}", "entry {second} is not"),
        ("UPDATE civic_audit_entry SET actor_id = {other} WHERE id = {second}", "entry {second} has another actor"),
        ("UPDATE civic_audit_entry SET actor_id = NULL WHERE id = {second}", "entry {second} has lost its actor"),
        ("UPDATE civic_audit_entry SET subject_id = '99' WHERE id = {second}", "entry {second} has another subject"),
        ("UPDATE civic_audit_entry SET facts = '{{\"what\": \"x\", \"note\": \"私下的话\"}}' WHERE id = {second}",
         "entry {second} is not what"),
        ("UPDATE civic_audit_sealedentry SET salts = '{{}}' WHERE entry_id = {second}", "entry {second} carries"),
        ("UPDATE civic_audit_sealedentry SET office = 'other' WHERE entry_id = {second}", "entry {second} is not"),
        ("UPDATE civic_audit_seal SET sealed_at = '2020-01-01 00:00:00+00:00' WHERE number = 2", "its own hash"),
        ("UPDATE civic_audit_seal SET count = 2 WHERE number = 2", "instead of 2"),
    ],
)  # fmt: skip
def test_what_was_changed_behind_our_back_is_named(
    three: list[list[Entry]], tamper: Tamper, change: str, says: str
) -> None:
    named = {"second": three[1][1].pk, "other": a_person().pk}

    tamper(change.format(**named))

    (fault,) = chain.broken_links()
    assert fault.startswith("seal 2 is broken")
    assert says.format(**named) in fault


def test_a_deleted_entry_is_missed(three: list[list[Entry]], tamper: Tamper) -> None:
    gone = three[1][1].pk
    tamper(
        f"DELETE FROM civic_audit_sealedentry WHERE entry_id = {gone}",
        f"DELETE FROM civic_audit_entry WHERE id = {gone}",
    )
    (fault,) = chain.broken_links()
    assert fault == "seal 2 is broken: the entry at position 1 is missing from it"


def test_the_last_entry_of_a_seal_is_missed(three: list[list[Entry]], tamper: Tamper) -> None:
    gone = three[1][2].pk
    tamper(
        f"DELETE FROM civic_audit_sealedentry WHERE entry_id = {gone}",
        f"DELETE FROM civic_audit_entry WHERE id = {gone}",
    )
    (fault,) = chain.broken_links()
    assert fault.startswith("seal 2 is broken: it holds 2 entries instead of 3")


def test_two_entries_that_changed_places_are_noticed(three: list[list[Entry]], tamper: Tamper) -> None:
    first, second = three[1][0].pk, three[1][1].pk
    tamper(
        f"UPDATE civic_audit_sealedentry SET position = 9 WHERE entry_id = {first}",
        f"UPDATE civic_audit_sealedentry SET position = 0 WHERE entry_id = {second}",
        f"UPDATE civic_audit_sealedentry SET position = 1 WHERE entry_id = {first}",
    )
    (fault,) = chain.broken_links()
    assert fault == "seal 2 is broken: its entries are not those, or not in the order, that were sealed"


def test_a_removed_seal_breaks_the_chain(three: list[list[Entry]], tamper: Tamper) -> None:
    ids = ", ".join(str(entry.pk) for entry in three[1])
    tamper(
        f"DELETE FROM civic_audit_sealedentry WHERE entry_id IN ({ids})",
        f"DELETE FROM civic_audit_entry WHERE id IN ({ids})",
        "DELETE FROM civic_audit_seal WHERE number = 2",
    )
    assert list(chain.broken_links()) == ["seal 2 is missing: after seal 1 comes seal 3"]


def test_a_forged_seal_does_not_fit_the_next(three: list[list[Entry]], tamper: Tamper) -> None:
    seal = Seal.objects.get(number=2)
    facts = {"number": 2, "previous": seal.previous, "count": 3, "batch": seal.batch}
    moved = seal.sealed_at + timedelta(days=1)
    forged = content.seal_hash(**facts, sealed_at=moved)
    tamper(f"UPDATE civic_audit_seal SET sealed_at = '{moved.isoformat(' ')}', hash = '{forged}' WHERE number = 2")
    assert list(chain.broken_links()) == ["seal 3 is broken: it does not follow seal 2"]


def test_entries_nobody_sealed_for_minutes_are_a_fault(
    happen: Happen, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _second = happen(2)
    assert not list(chain.unsealed())

    later = first.recorded_at + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)

    (fault,) = chain.unsealed()
    assert fault.startswith("sealing has stopped: 2 entries")
    assert str(first.pk) in fault


def test_an_entry_taken_out_of_the_queue_is_still_found(
    happen: Happen, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry,) = happen()
    Unsealed.objects.all().delete()
    sealing.seal_waiting(at=at)
    monkeypatch.setattr(clock, "now", lambda: entry.recorded_at + timedelta(minutes=6))
    assert len(list(chain.unsealed())) == 1


def test_a_guard_that_is_gone_is_named() -> None:
    assert not guards.missing()
    with connection.cursor() as cursor:
        on = " ON civic_audit_entry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER civic_audit_entry_only_forget{on}")
    assert list(chain.missing_guards()) == [
        "the trigger civic_audit_entry_only_forget is missing: the database no longer refuses changes of the record"
    ]


def test_python_refuses_to_change_a_seal(three: list[list[Entry]]) -> None:
    seal, member = Seal.objects.get(number=1), three[0][0].sealing
    for attempt in (
        seal.save, seal.delete, member.save, member.delete, Seal.objects.all().delete, SealedEntry.objects.all().delete,
        lambda: Seal.objects.update(count=1), lambda: SealedEntry.objects.update(position=8),
    ):  # fmt: skip
        with pytest.raises(AppendOnlyError):
            attempt()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE civic_audit_seal SET count = 1",
        "DELETE FROM civic_audit_seal",
        "DELETE FROM civic_audit_sealedentry",
        "UPDATE civic_audit_sealedentry SET digest = 'x'",
        "UPDATE civic_audit_sealedentry SET commitments = '{}'",
        'UPDATE civic_audit_sealedentry SET salts = \'{"actor": "mine"}\'',
        "UPDATE civic_audit_entry SET actor_id = NULL",
        "UPDATE civic_audit_entry SET subject_id = ''",
        "UPDATE civic_audit_entry SET facts = '{}'",
        "DELETE FROM civic_audit_entry",
    ],
)
def test_the_database_refuses_to_change_what_is_sealed(three: list[list[Entry]], statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_number_that_commits_late_goes_into_the_next_seal(tested: str, at: datetime) -> None:
    person = a_person()
    begun, go, done = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                record(tested, subject=person, actor=person, at=at)
                begun.set()
                assert go.wait(120)
        finally:
            connections.close_all()
            done.set()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(120)
    with transaction.atomic():
        fast = record(tested, subject=person, actor=person, at=at)
    sealing.seal_waiting(at=at)
    go.set()
    assert done.wait(120)
    thread.join()
    sealing.seal_waiting(at=at)

    late = Entry.objects.about(person).exclude(pk=fast.pk).get()
    assert late.pk < fast.pk
    assert (fast.sealing.seal_id, late.sealing.seal_id) == (1, 2)
    assert not list(chain.broken_links())


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False], ids=["lock", "constraints alone"])
def test_eight_sealers_at_once_make_one_chain(
    tested: str, at: datetime, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    if not locked:
        monkeypatch.setattr(sealing, "_is_mine", lambda *, wait: True)
    monkeypatch.setattr(sealing, "BATCH", 5)
    person = a_person()
    with transaction.atomic():
        for _ in range(60):
            record(tested, subject=person, actor=person, at=at)
    barrier, faults = threading.Barrier(8), []

    def work() -> None:
        try:
            barrier.wait(120)
            for _ in range(20):
                sealing.seal_batch(at=at)
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealing.seal_waiting(at=at)

    assert not faults
    assert SealedEntry.objects.count() == 60
    assert not list(chain.broken_links())
