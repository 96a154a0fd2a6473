from datetime import datetime
from typing import Any

import pytest

from civic.access.machines import advance
from civic.access.questions import NO_MANDATE
from civic.access.registry import Rule, declare
from civic.audit import types
from civic.audit.models import Entry
from civic.core.refusals import NOTE_NEEDED, WRONG_STATE, Refused
from civic.core.states import Machine, Transition
from civic.people.models import Person
from tests.factories.bodies import a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

RENAME = declare(Rule("tests:person:rename", "rename", mandate=True))
RENAMED = types.declare("tests:person:renamed", "%(from)s became %(to)s.", "from", "to", "note", "why")

#: A machine over a field that is there: what matters is the field, the row and the entry.
MACHINE = Machine(
    "name",
    frozenset({"draft", "open", "closed"}),
    (
        Transition("open", frozenset({"draft"}), "open", action=RENAME, entry=RENAMED),
        Transition("close", frozenset({"open"}), "closed", action=RENAME, entry=RENAMED, needs_note=True),
    ),
    field="display_name",
)


@pytest.fixture
def clerk(at: datetime) -> Person:
    person = a_person()
    a_grant(RENAME, to=person, at=at)
    return person


@pytest.fixture
def thing() -> Person:
    return a_person(display_name="draft")


def move(thing: Person, name: str, clerk: Person, at: datetime, **more: Any) -> Entry:
    return advance(thing, MACHINE, name, actor=clerk, at=at, **more)


def test_a_move_changes_the_state_and_leaves_an_entry(thing: Person, clerk: Person, at: datetime) -> None:
    entry = move(thing, "open", clerk, at, facts={"why": "it was time"})

    assert thing.display_name == "open"
    thing.refresh_from_db()
    assert thing.display_name == "open"
    assert entry.facts == {"from": "draft", "to": "open", "why": "it was time"}
    assert (entry.actor, entry.at) == (clerk, at)


def test_changes_are_written_with_the_state_and_nothing_else(thing: Person, clerk: Person, at: datetime) -> None:
    thing.phone = "+8613800000000"  # changed in memory by somebody who did not mean to save it

    move(thing, "open", clerk, at, changes={"language": "en"})

    thing.refresh_from_db()
    assert (thing.language, thing.phone) == ("en", None)


@pytest.mark.parametrize(
    ("state", "name"), [("draft", "close"), ("open", "open"), ("closed", "open"), ("closed", "close")]
)
def test_a_move_from_the_wrong_state_is_refused(
    thing: Person, clerk: Person, at: datetime, state: str, name: str
) -> None:
    Person.objects.filter(pk=thing.pk).update(display_name=state)

    with pytest.raises(Refused) as refusal:
        move(thing, name, clerk, at, note="because")

    assert refusal.value.reason == WRONG_STATE
    assert not Entry.objects.about(thing).exists()


def test_who_comes_second_with_a_stale_page_meets_a_conflict(thing: Person, clerk: Person, at: datetime) -> None:
    stale = Person.objects.get(pk=thing.pk)
    move(thing, "open", clerk, at)

    with pytest.raises(Refused) as refusal:
        move(stale, "open", clerk, at)

    assert refusal.value.conflict
    assert Entry.objects.about(thing).count() == 1


@pytest.mark.parametrize("note", ["", "   \n"])
def test_a_move_that_needs_a_reason_is_refused_without_one(
    thing: Person, clerk: Person, at: datetime, note: str
) -> None:
    move(thing, "open", clerk, at)

    with pytest.raises(Refused) as refusal:
        move(thing, "close", clerk, at, note=note)

    assert refusal.value.reason == NOTE_NEEDED
    assert move(thing, "close", clerk, at, note="Done.").facts["note"] == "Done."


def test_without_the_power_nothing_moves(thing: Person, at: datetime) -> None:
    with pytest.raises(Refused) as refusal:
        move(thing, "open", a_person(), at)

    assert refusal.value.reason == NO_MANDATE
    assert not refusal.value.conflict
    thing.refresh_from_db()
    assert thing.display_name == "draft"


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_move_at_once_one_succeeds(at: datetime) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    clerk, thing = a_person(), a_person(display_name="draft")
    a_grant(RENAME, to=clerk, at=at)

    def work(_worker: int) -> bool:
        try:
            own = Person.objects.get(pk=thing.pk)
            move(own, "open", Person.objects.get(pk=clerk.pk), at)
        except Refused as refused:
            return not refused.conflict
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(work, range(6))) == 1
    assert Entry.objects.about(thing).count() == 1
