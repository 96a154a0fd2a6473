"""Given everything the database holds after closing, nobody is linked to a ballot better than by guessing."""

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from civic.core import proofs
from civic.people.models import Person
from consult.voting import closing, domain
from consult.voting.casting import Receipt, cast
from consult.voting.models import Poll
from tests.consult.conftest import AT
from tests.consult.voting.conftest import finish
from tests.embedded import run_on_embedded

VOTERS = 500
# Of 500 pairs made at random one is right on average; ten or more come once in ten million times.
CHANCE = 9
ROOMS = ("ballot_roll", "ballot_box")


def simulate(poll: Poll, people: list[Person]) -> dict[int, Receipt]:
    """Let these vote one after another."""
    return {
        each.pk: cast(poll=poll, person=each, content={"choices": [random.choice(("park", "road", "bus"))]}, at=AT)
        for each in people
    }


def rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def tables() -> Iterator[str]:
    if connection.vendor == "postgresql":
        found = rows(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        yield from (name for (name,) in found)
        return
    for room in ("main", *ROOMS):
        yield from (
            f'"{room}"."{name}"' for (name,) in rows(f"SELECT name FROM {room}.sqlite_master WHERE type = 'table'")
        )


def contents() -> dict[str, list[str]]:
    return {table: sorted(map(repr, rows(f"SELECT * FROM {table}"))) for table in tables()}


def physical() -> tuple[str, ...]:
    return ("ctid", "xmin::text::bigint", "cmin::text::bigint") if connection.vendor == "postgresql" else ()


def best_hits(truth: dict[int, str]) -> tuple[int, str]:
    """Pair marks and ballots in every order there is, both ways round; return the most right pairs and how."""
    best = (0, "")
    marks = ("", "id", "person_id", "voted_on, id", *physical())
    entries = ("", "id", *physical())
    ballots = ("", "id", "commitment", "token_hash", "content, id", *physical())
    placings = ("", "commitment", "batch, commitment", *physical())
    of_people = [*(("ballot_roll.mark", by) for by in marks), *(("ballot_roll.entry", by) for by in entries)]
    of_ballots = [*(("ballot_box.ballot", by) for by in ballots), *(("ballot_box.placing", by) for by in placings)]
    for (people, by), (box, how) in product(of_people, of_ballots):
        left = [pk for (pk,) in rows(f"SELECT person_id FROM {people}" + (f" ORDER BY {by}" if by else ""))]
        left = [pk for pk in left if pk in truth]
        right = [c for (c,) in rows(f"SELECT commitment FROM {box}" + (f" ORDER BY {how}" if how else ""))]
        for way in (right, right[::-1]):
            hits = sum(truth[person] == commitment for person, commitment in zip(left, way, strict=False))
            best = max(best, (hits, f"{people} by {by or 'scan'} beside {box} by {how or 'scan'}"))
    return best


def check_secrecy(poll: Poll, people: list[Person]) -> None:
    order = random.sample(people, len(people))
    before = contents()
    cast_by = simulate(poll, order[:100])
    after = contents()
    # A cast is a mark and a ballot, and no other row of any table: nothing counts, dates or orders it.
    assert {table.replace('"', "") for table in after if after[table] != before[table]} == {
        "ballot_roll.mark",
        "ballot_box.ballot",
    }
    for start in range(100, len(order), 100):
        closing.publish_batches(at=AT)
        cast_by |= simulate(poll, order[start : start + 100])
    finish(poll)
    truth = {person: receipt.commitment for person, receipt in cast_by.items()}
    hits, how = best_hits(truth)
    assert hits <= CHANCE, how
    # What a voter alone holds stands nowhere, and what a ballot is known by stands in the box alone.
    everything = contents()
    in_box = "\n".join(line for table, lines in everything.items() if "ballot_box" in table for line in lines)
    elsewhere = "\n".join(line for table, lines in everything.items() if "ballot_box" not in table for line in lines)
    for receipt in cast_by.values():
        assert receipt.commitment in in_box
        assert receipt.commitment not in elsewhere
        assert receipt.code not in in_box + elsewhere
        assert receipt.nonce not in in_box + elsewhere
    for person in people[:20]:
        assert str(person.number) not in in_box


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_no_order_of_rows_links_a_voter_to_a_ballot(open_poll, voters) -> None:
    people = voters(VOTERS)
    poll = open_poll()
    check_secrecy(poll, people)
    assert len(rows("SELECT DISTINCT xmin::text FROM ballot_box.ballot")) == 1
    assert len(rows("SELECT DISTINCT xmin::text FROM ballot_roll.mark")) == 1


@pytest.mark.django_db
def test_rows_lie_in_no_order_of_casting_on_the_embedded_database(open_poll, voters) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the embedded database's own matter")
    people = voters(VOTERS)
    poll = open_poll()
    check_secrecy(poll, people)
    for table in ("ballot_roll.mark", "ballot_box.ballot"):
        with pytest.raises(DatabaseError, match="rowid"), transaction.atomic():
            rows(f"SELECT rowid FROM {table}")


@pytest.mark.needs("postgresql")
def test_the_suite_on_the_server_simulates_the_embedded_database_too(tmp_path: Path) -> None:
    """What is the embedded database's own matter runs on one, by a run of its own: it may not go unseen."""
    assert "1 passed" in run_on_embedded(__file__, "-k", "embedded", folder=tmp_path)


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_this_test_would_see_a_link(open_poll, voters) -> None:
    """While a poll is open its rows still lie as they came: rewriting them is what takes the link away."""
    people = voters(60)
    poll = open_poll()
    truth = {each.pk: cast(poll=poll, person=each, content={"choices": ["park"]}, at=AT).commitment for each in people}
    hits, _how = best_hits(truth)
    assert hits == len(people)


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_withdrawing_takes_the_link_away_as_closing_does(open_poll, voters, clerk: Person) -> None:
    people = voters(100)
    poll = open_poll()
    truth = {each.pk: cast(poll=poll, person=each, content={"choices": ["park"]}, at=AT).commitment for each in people}
    domain.withdraw(poll=poll, actor=clerk, note="地块另有安排", at=AT)
    hits, how = best_hits(truth)
    assert hits <= CHANCE, how
    assert list(proofs.faults("votes")) == []
