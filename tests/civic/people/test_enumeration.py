"""Nobody learns from the doors who has an account: neither from what they say nor from how long they work.

Clocks on a busy machine prove nothing, so the work is counted: how often a
password is hashed, which takes longer than all the rest together, and how many
statements reach the database.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civic.notify.models import Letter
from civic.people.models import Level, Person
from tests.civic.people.doors import without
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db
STATEMENTS_APART = 6  # reading an account's row and what hangs on it; no hash, no mail, no wait


class Counting(MD5PasswordHasher):
    """Counts how often a password is hashed."""

    algorithm = "md5"
    calls = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).calls += 1
        return super().encode(password, salt)


@dataclass
class Work:
    """What one request did, and what it answered."""

    status: int
    location: str
    page: str
    hashes: int
    letters: int
    statements: int = field(compare=False)


@pytest.fixture(autouse=True)
def counting(settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    yield
    Counting.calls = 0


@pytest.fixture
def accounts(counting: None) -> dict[str, str]:
    """An address of each sort that could be told from one without an account."""
    a_person(email="known@test.example", phone="+8613800000001", phone_verified=True, level=Level.CONTACT)
    closed = a_person(email="closed@test.example", phone="+8613800000002", phone_verified=True, is_active=False)
    codes = a_person(email="codes@test.example", phone="+8613800000003", phone_verified=True)
    codes.set_unusable_password()
    codes.save()
    a_person(email="fresh@test.example", phone="+8613800000004", level=Level.REGISTERED)
    assert closed.pk
    return {
        "known@test.example": "nobody1@test.example", "closed@test.example": "nobody2@test.example",
        "codes@test.example": "nobody3@test.example", "fresh@test.example": "nobody4@test.example",
        "13800000001": "13900000001", "13800000002": "13900000002", "13800000003": "13900000003",
        "13800000004": "13900000004",
    }  # fmt: skip


def work(send: Callable[[Client, str], Any], address: str) -> Work:
    client = Client()
    client.get("/accounts/login/")
    letters, Counting.calls = Letter.objects.count(), 0
    with CaptureQueriesContext(connection) as queries:
        answer = send(client, address)
        statements = len(queries)
    hashes, landed = Counting.calls, answer
    if answer.status_code == 302:
        landed = client.get(answer["Location"])
    return Work(
        answer.status_code, answer.get("Location", ""), without(landed, address), hashes,
        Letter.objects.count() - letters, statements,
    )  # fmt: skip


def sign_in(client: Client, address: str) -> Any:
    return client.post("/accounts/login/", {"login": address, "password": "not-the-password"})


def ask_for_a_code(client: Client, address: str) -> Any:
    return client.post("/accounts/login/code/", {"login": address})


def ask_for_a_password(client: Client, address: str) -> Any:
    return client.post("/accounts/password/reset/", {"email": address})


def sign_up(client: Client, address: str) -> Any:
    by = "email" if "@" in address else "phone"
    return client.post("/accounts/signup/", {"by": by, by: address, "password1": "a-quite-long-password"})


def sign_up_without_password(client: Client, address: str) -> Any:
    by = "email" if "@" in address else "phone"
    return client.post("/accounts/signup/", {"by": by, by: address})


DOORS = [sign_in, ask_for_a_code, sign_up, sign_up_without_password]


@pytest.mark.parametrize("send", DOORS, ids=lambda door: door.__name__)
def test_a_door_does_the_same_work_for_known_and_unknown(
    accounts: dict[str, str], send: Callable[[Client, str], Any]
) -> None:
    apart = []
    for known, unknown in accounts.items():
        one, other = work(send, known), work(send, unknown)
        if one != other:
            apart.append(f"{known}: {one.hashes}, {other.hashes} hashes; {one.letters}, {other.letters} letters")
    assert not apart


def test_asking_for_a_new_password_does_the_same_work(accounts: dict[str, str]) -> None:
    apart = [
        (known, unknown)
        for known, unknown in accounts.items()
        if "@" in known and work(ask_for_a_password, known) != work(ask_for_a_password, unknown)
    ]
    assert not apart


def test_a_wrong_password_is_hashed_for_everybody(accounts: dict[str, str]) -> None:
    for address in (*accounts, *accounts.values()):
        assert work(sign_in, address).hashes >= 1, address


@pytest.mark.parametrize("send", [sign_in, ask_for_a_code], ids=lambda door: door.__name__)
def test_no_door_waits_for_an_account(accounts: dict[str, str], send: Callable[[Client, str], Any]) -> None:
    for known, unknown in accounts.items():
        assert abs(work(send, known).statements - work(send, unknown).statements) <= STATEMENTS_APART, known


def test_no_page_names_people_by_number(accounts: dict[str, str]) -> None:
    """There is no profile to walk through, and no address that takes a person's number."""
    from django.urls import get_resolver

    taken = [name for name in get_resolver().reverse_dict if isinstance(name, str) and "person" in name]
    # The clerk's page, behind a power and a ticket: its number is a random UUID.
    taken.remove("desk-person")
    assert (taken, Person.objects.count()) == ([], 4)
