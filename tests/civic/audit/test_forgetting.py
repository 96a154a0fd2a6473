"""A person goes, the chain stays."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import translation

from civic.audit import chain, forgetting, sealing, types
from civic.audit.forgetting import forget
from civic.audit.models import Entry
from civic.people.models import Person
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

Happen = Callable[..., list[Entry]]

# Facts no person wrote and that tell of none: states, figures, names of house rules, hashes, numbers of rows.
HARMLESS = {
    "about_id", "about_type", "account", "act", "action", "active", "answered", "ballots", "channel", "code",
    "consultation", "contributions", "count", "differs", "due", "entitled", "entries", "faults", "found", "from",
    "hash", "host", "kind", "kinds", "level", "lines", "method", "mistyped", "number", "others", "outcome", "pack", "page",
    "participants", "parts", "present", "purpose", "result", "result_hash", "revision", "role", "roll", "rule",
    "rules_hash", "ruling", "same", "size", "slips", "slug", "sources_hash", "statements", "to", "unknown", "until",
    "version", "votes", "what",
}  # fmt: skip


def faults() -> list[str]:
    return [*chain.broken_links(), *chain.unexplained_gaps()]


def test_forgetting_cuts_links_and_words_and_the_chain_holds(happen: Happen, somebody: Person, at: datetime) -> None:
    (entry,) = happen()
    sealing.seal_waiting(at=at)
    digest = entry.sealing.digest

    assert forget(person_id=somebody.pk, at=at) == 1

    entry = Entry.objects.get(pk=entry.pk)
    assert (entry.actor_id, entry.subject_id, entry.facts) == (None, "", {"what": "测试"})
    assert (entry.sealing.digest, entry.sealing.salts) == (digest, {})
    assert entry.forgotten == {"actor", "subject", "fact:note"}
    with translation.override("en"):
        assert entry.sentence() == "Somebody whose account was deleted did 测试, words deleted."
    assert not faults()


def test_what_was_not_sealed_yet_is_sealed_and_forgotten(happen: Happen, somebody: Person, at: datetime) -> None:
    happen(2)
    assert forget(person_id=somebody.pk, at=at) == 2
    sealing.seal_waiting(at=at)
    assert not Entry.objects.filter(actor=somebody).exists()
    assert not faults()


def test_only_this_person_is_forgotten(happen: Happen, somebody: Person, at: datetime) -> None:
    other = a_person()
    (done_to_other,) = happen(subject=other)
    (done_by_other,) = happen(actor=other)
    (apart,) = happen(actor=other, subject=other)

    forget(person_id=somebody.pk, at=at)

    done_to_other, done_by_other, apart = Entry.objects.filter(
        pk__in=[done_to_other.pk, done_by_other.pk, apart.pk]
    ).order_by("pk")
    assert (done_to_other.actor_id, done_to_other.subject_id) == (None, str(other.pk))
    assert (done_by_other.actor_id, done_by_other.subject_id) == (other.pk, "")
    assert (apart.actor_id, apart.subject_id, apart.facts["note"]) == (other.pk, str(other.pk), "私下的话")
    assert not faults()


def test_forgetting_twice_finds_nothing_the_second_time(happen: Happen, somebody: Person, at: datetime) -> None:
    happen()
    forget(person_id=somebody.pk, at=at)
    assert forget(person_id=somebody.pk, at=at) == 0
    assert Entry.objects.filter(type=forgetting.FORGOTTEN).count() == 1


def test_words_about_what_concerns_a_person_go_too(
    happen: Happen, somebody: Person, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, hers = a_person(), a_person()
    monkeypatch.setattr(forgetting, "_concerns", [lambda pk: [Person.objects.filter(pk=hers.pk)]])
    (entry,) = happen(actor=office, subject=hers)

    forget(person_id=somebody.pk, at=at)

    entry = Entry.objects.get(pk=entry.pk)
    assert (entry.actor_id, entry.subject_id, entry.facts) == (office.pk, str(hers.pk), {"what": "测试"})
    assert not faults()


def test_an_official_s_words_stay_when_the_official_is_forgotten(
    at: datetime, somebody: Person, monkeypatch: pytest.MonkeyPatch, happen: Happen, tested: str
) -> None:
    official_act = types.EntryType(**{**types.get(tested).__dict__, "own": False})
    monkeypatch.setitem(types._types, tested, official_act)
    (entry,) = happen(subject=a_person())

    forget(person_id=somebody.pk, at=at)

    entry = Entry.objects.get(pk=entry.pk)
    assert (entry.actor_id, entry.facts["note"]) == (None, "私下的话")


def test_a_forgetting_nobody_recorded_is_found(
    happen: Happen, somebody: Person, at: datetime, tamper: Callable[..., None]
) -> None:
    (entry,) = happen()
    sealing.seal_waiting(at=at)
    tamper(
        f"UPDATE civic_audit_sealedentry SET salts = '{{}}' WHERE entry_id = {entry.pk}",
        "UPDATE civic_audit_entry SET actor_id = NULL, subject_id = '', facts = '{\"what\": \"测试\"}'"
        f" WHERE id = {entry.pk}",
    )
    assert faults() == ["3 parts of entries are forgotten, but the record tells of 0"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE civic_audit_entry SET type = 'x' WHERE id = {pk}",
        "UPDATE civic_audit_entry SET facts = '{{}}' WHERE id = {pk}",
        'UPDATE civic_audit_entry SET facts = \'{{"what": "测试", "note": "anew"}}\' WHERE id = {pk}',
        "UPDATE civic_audit_entry SET actor_id = {person} WHERE id = {pk}",
        "UPDATE civic_audit_entry SET subject_id = '1' WHERE id = {pk}",
        "UPDATE civic_audit_sealedentry SET salts = commitments WHERE entry_id = {pk}",
    ],
)
def test_the_database_lets_nothing_else_through_after_forgetting(
    happen: Happen, somebody: Person, at: datetime, statement: str
) -> None:
    (entry,) = happen()
    forget(person_id=somebody.pk, at=at)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(pk=entry.pk, person=somebody.pk))


def test_every_type_says_which_of_its_facts_are_personal(tested: str) -> None:
    unsaid = {
        f"{each.name}: {fact}"
        for each in types.all_types()
        for fact in each.facts - each.personal
        if fact not in HARMLESS and each.name != tested and not each.name.startswith("tests:")
    }
    assert not unsaid, "Declare these facts personal, or add them to HARMLESS: " + ", ".join(sorted(unsaid))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_type_reads_well_after_its_people_are_forgotten(language: str) -> None:
    with translation.override(language):
        for each in types.all_types():
            for sentence, facts in ((each.sentence, each.facts), (each.forgotten, each.facts - each.personal)):
                if sentence:
                    said = str(sentence) % ({name: f"<{name}>" for name in facts} | {"actor": "A", "subject": "S"})
                    assert said.strip(), each.name
