"""Somebody's account is erased while they go on writing in another window."""

from datetime import datetime
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction

from civic.core import proofs
from civic.core.refusals import Refused
from civic.people import erasing
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import drafts
from consult.discussion.domain import contribute
from consult.discussion.models import Contribution, Draft
from tests.consult.conftest import AT, County

WORDS = "我住在三号楼，夜里太吵。"


def say(person: Person, consultation: Consultation, at: datetime = AT) -> Contribution:
    return contribute(person=person, consultation=consultation, kind="comment", text=WORDS, submission=uuid4(), at=at)


@pytest.mark.django_db
def test_a_page_asked_for_before_writes_nothing_after(county: County, consultation: Consultation) -> None:
    before = Person.objects.get(pk=county.resident.pk)  # as the request in the other window read it
    erasing.erase(person_id=county.resident.pk, at=AT)

    with pytest.raises(Refused) as refused, transaction.atomic():
        say(before, consultation)
    assert refused.value.reason.code == "sign-in"
    with pytest.raises(Refused), transaction.atomic():
        drafts.save(
            owner=drafts.Owner(before), consultation=consultation, box="comment", text=WORDS, title="", version=0, at=AT
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailAddress.objects.create(user=before, email="again@test.example")

    assert not Contribution.objects.filter(text=WORDS).exists()
    assert not Draft.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "proof"),
    [
        ("civic_audit_entry", "gone-people"), ("account_emailaddress", "gone-people"),
        ("consult_discussion_draft", "draft-guard"),
    ],
)  # fmt: skip
def test_prove_misses_each_of_the_guards(table: str, proof: str) -> None:
    assert list(proofs.faults(proof)) == []
    where = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_of_nobody_gone{where}")
    assert list(proofs.faults(proof)) == [f"the trigger {table}_of_nobody_gone is missing or switched off"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs("postgresql")
@pytest.mark.parametrize("first", ["the words", "the erasure"])
def test_words_sent_while_the_account_goes_go_with_it(county: County, consultation: Consultation, first: str) -> None:
    person, done = county.resident, Event()
    other: dict[str, Any] = {"words": lambda: say(person, consultation), "erasure": lambda: _erase(person)}
    mine, theirs = ("words", "erasure") if first == "the words" else ("erasure", "words")

    def run() -> None:
        try:
            other[theirs]()
        except Refused:
            pass
        finally:
            done.set()
            connection.close()

    thread = Thread(target=run)
    with transaction.atomic():
        other[mine]()
        thread.start()
        assert not done.wait(1), "it did not wait for what was under way"
    thread.join(180)

    assert done.is_set()
    assert not Contribution.objects.filter(text=WORDS).exists()
    assert Person.objects.get(pk=person.pk).erased_at is not None


def _erase(person: Person) -> None:
    erasing.erase(person_id=person.pk, at=AT)
