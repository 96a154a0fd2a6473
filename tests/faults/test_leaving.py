"""An account is erased in the middle of what its owner does in another window."""

from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from civic.audit import sealing
from civic.core import collisions
from civic.core.refusals import MET
from civic.people import erasing, personal
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import domain, drafts, showing
from consult.discussion.models import Contribution, Draft, Support
from tests.consult.conftest import AT, County
from tests.faults.together import Act, all_at_once, faults, waited_for, while_halfway, while_written

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.django_db(transaction=True)]

SAID, LATER = "我住在三号楼，夜里太吵。", "我住在三号楼，夜里安静些了。"
#: What everybody writes in their own name, after the words they change.
ENTRY = 'INSERT INTO "civic_audit_entry"'
#: What everybody who speaks there writes last.
COUNT = 'UPDATE "consult_consultations_consultation"'
SUPPORTED = 'UPDATE "consult_discussion_contribution"'
PARTICIPATION = 'INSERT INTO "consult_consultations_participation"'


@pytest.fixture
def said(county: County, consultation: Consultation) -> Contribution:
    return say(county.resident, consultation, SAID)


def say(person: Person, consultation: Consultation, text: str) -> Contribution:
    return domain.contribute(
        person=person, consultation=consultation, kind="comment", text=text, submission=uuid4(), at=AT
    )


def edit(said: Contribution, county: County) -> None:
    domain.edit(contribution=said, person=county.resident, text=LATER, version=1, at=AT)


def take_back(said: Contribution, county: County) -> None:
    domain.take_back(contribution=said, person=county.resident, at=AT)


def say_more(said: Contribution, county: County) -> None:
    say(county.resident, said.consultation, LATER)


def respond(said: Contribution, county: County) -> None:
    domain.respond(person=county.resident, parent=said, text=LATER, submission=uuid4(), at=AT)


def erase(person: Person) -> Act:
    return lambda: erasing.erase(person_id=person.pk, at=AT)


@pytest.mark.parametrize(
    ("act", "before"), [(edit, ENTRY), (take_back, ENTRY), (respond, ENTRY), (say_more, COUNT), (respond, COUNT)]
)
def test_whoever_is_writing_finishes_and_goes_then(
    county: County, said: Contribution, act: Callable[[Contribution, County], None], before: str
) -> None:
    ended = while_halfway(lambda: act(said, county), erase(county.resident), before=before)

    assert ended == ("done", "done")
    assert not Contribution.objects.exclude(text="").exists()
    assert Person.objects.get(pk=county.resident.pk).erased_at is not None
    assert faults() == []


def test_whoever_has_written_nothing_yet_that_is_held_is_told_that_the_account_is_gone(
    county: County, said: Contribution
) -> None:
    ended = while_halfway(lambda: say_more(said, county), erase(county.resident), before=ENTRY)

    assert ended == ("sign-in", "done")
    assert not Contribution.objects.exclude(text="").exists()
    assert faults() == []


@pytest.mark.parametrize(("before", "expected"), [(ENTRY, "sign-in"), (SUPPORTED, "done"), (PARTICIPATION, "done")])
def test_who_supports_words_they_responded_to_meets_no_erasure(
    county: County, said: Contribution, before: str, expected: str
) -> None:
    mine = domain.respond(person=county.official, parent=said, text=LATER, submission=uuid4(), at=AT)

    def support() -> None:
        domain.support(contribution=Contribution.objects.get(pk=said.pk), person=county.official, at=AT)

    assert while_halfway(support, erase(county.official), before=before) == (expected, "done")
    mine.refresh_from_db()
    assert mine.text == ""
    assert faults() == []


def test_what_is_erased_meanwhile_is_not_supported(county: County, said: Contribution) -> None:
    mine = domain.respond(person=county.official, parent=said, text=LATER, submission=uuid4(), at=AT)

    def support() -> None:
        domain.support(contribution=mine, person=county.resident, at=AT, is_counted=True)

    assert while_written(erase(county.official), support) == "not-public"
    assert not Support.objects.exists()


def test_what_is_sent_after_the_words_are_held_asks_for_nobody_elses(
    county: County, said: Contribution, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who forgets takes nothing with a lower number than what they hold already."""
    say(county.official, consultation, LATER)
    monkeypatch.setattr(collisions, "TIMES", 1)

    def hide_both() -> None:
        with transaction.atomic():
            showing.lock(Contribution.objects.values_list("pk", flat=True))

    late = iter([lambda: domain.respond(person=county.official, parent=said, text=LATER, submission=uuid4(), at=AT)])
    hold = Person.objects.select_for_update

    def responding_meanwhile(*args: Any, **options: Any) -> Any:
        for respond_now in late:
            assert all_at_once([respond_now]) == {"done": 1}
        return hold(*args, **options)

    monkeypatch.setattr(Person.objects, "select_for_update", responding_meanwhile)
    assert while_halfway(erase(county.official), hide_both, before='SELECT "civic_people_person"') == ("done", "done")
    assert not Contribution.objects.filter(author=county.official).exclude(text="").exists()


def test_nobody_writes_about_what_was_just_sent_before_it_is_forgotten(
    county: County, said: Contribution, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, seal = Person.objects.select_for_update, sealing.seal_waiting
    supporting: list[Thread] = []

    def support() -> None:
        domain.support(contribution=Contribution.objects.latest("pk"), person=county.official, at=AT)

    def saying_meanwhile(*args: Any, **options: Any) -> Any:
        assert all_at_once([lambda: say(county.resident, consultation, LATER)]) == {"done": 1}
        return hold(*args, **options)

    def sealing_then_supported(**options: Any) -> int:
        sealed = seal(**options)
        supporting.append(Thread(target=all_at_once, args=[[support]], daemon=True))
        supporting[-1].start()
        while supporting[-1].is_alive() and not waited_for():
            pass
        return sealed

    monkeypatch.setattr(Person.objects, "select_for_update", saying_meanwhile)
    monkeypatch.setattr(sealing, "seal_waiting", sealing_then_supported)
    erasing.erase(person_id=county.resident.pk, at=AT)
    for thread in supporting:
        thread.join(60)

    assert not Contribution.objects.exclude(text="").exists()
    assert faults() == []


def test_what_was_begun_elsewhere_is_sent_and_goes_then(county: County, consultation: Consultation) -> None:
    drafts.save(
        owner=drafts.Owner(county.resident), consultation=consultation, box="comment", text=SAID, title="", version=0, at=AT
    )  # fmt: skip

    ended = while_halfway(lambda: say(county.resident, consultation, SAID), erase(county.resident), before=ENTRY)

    assert ended == ("done", "done")
    assert not Draft.objects.exists()
    assert not Contribution.objects.exclude(text="").exists()


@pytest.mark.parametrize("act", [edit, respond])
def test_without_the_order_the_database_ends_one_of_them(
    county: County, said: Contribution, act: Callable[[Contribution, County], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for section in personal.sections():
        monkeypatch.setitem(section.__dict__, "hold", personal.nothing_held)
    monkeypatch.setattr(collisions, "TIMES", 1)

    ended = while_halfway(lambda: act(said, county), erase(county.resident), before=ENTRY)

    [lost] = set(ended) - {"done"}
    assert lost.startswith("OperationalError('deadlock detected")
    assert "done" in ended


def test_an_erasure_that_was_ended_for_somebody_else_is_done_again(
    county: County, said: Contribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    for section in personal.sections():
        monkeypatch.setitem(section.__dict__, "hold", personal.nothing_held)

    def patient_edit() -> None:
        with transaction.atomic():
            _never_look_for_deadlocks()
            edit(said, county)

    assert while_halfway(patient_edit, erase(county.resident), before=ENTRY) == ("done", "done")
    assert not Contribution.objects.exclude(text="").exists()


def test_whoever_is_ended_for_somebody_else_is_told_and_keeps_the_words(county: County, said: Contribution) -> None:
    browser = Client()
    browser.force_login(county.resident)
    answers = []

    def send() -> None:
        address = f"{said.get_absolute_url()}edit/"
        answers.append(browser.post(address, {"text": LATER, "version": 1}, headers={"accept-language": "zh-hans"}))

    def patient_opposite() -> None:
        with transaction.atomic():
            _never_look_for_deadlocks()
            Person.objects.select_for_update().get(pk=county.resident.pk)
            Contribution.objects.select_for_update().get(pk=said.pk)

    assert while_halfway(send, patient_opposite, before=ENTRY) == ("done", "done")
    [answer] = answers
    assert answer.status_code == 409
    assert str(MET) in answer.content.decode()
    assert LATER in answer.content.decode()
    said.refresh_from_db()
    assert said.text == SAID


def _never_look_for_deadlocks() -> None:
    """Let the other one be the one that notices."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL deadlock_timeout = '1h'")
