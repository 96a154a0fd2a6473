"""The auditor's desk: a recount of the box itself, samples that keep numbers only, and an opinion under a name."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from civic.audit.models import Entry
from civic.core import clock
from civic.core.clock import Window
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import auditing, casting, counting, domain, paper
from consult.voting.casting import Standing, cast
from consult.voting.models import BoxBallot, BulletinEntry, Grade, Poll
from consult.voting.states import State
from orgs.grants.domain import Holder, Scope, found_each
from tests.consult.conftest import AT, DAY, County, person
from tests.consult.voting.conftest import CERTIFY, CLOSES, MANAGE, OPENS, VIEW, finish
from tests.consult.voting.slips import key_twice

pytestmark = pytest.mark.django_db
LATER = CLOSES + DAY
WHOLE = ("recount", "receipts", "opinion", "ballots.json")


@pytest.fixture(autouse=True)
def after_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def counted(open_poll: Any, voters: Any) -> tuple[Poll, list[str]]:
    """Return a counted poll of 25 ballots and their receipts."""
    people = voters(25)
    poll = open_poll(grade=Grade.AUDITOR)
    receipts = [
        cast(poll=poll, person=each, content={"choices": ["park" if n % 3 else "road"]}, at=AT).shown
        for n, each in enumerate(people)
    ]
    return finish(poll), receipts


@pytest.fixture
def desk(client: Client, auditor: Person) -> Client:
    client.force_login(auditor)
    return client


def change_a_ballot() -> None:
    """Do as the database's owner what nobody else can: change what lies in the box."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE ballot_box.ballot DISABLE TRIGGER ballot_box_ballot_append_only")
        else:
            cursor.execute("DROP TRIGGER ballot_box.ballot_box_ballot_no_update")
    BoxBallot.objects.filter(pk=BoxBallot.objects.filter(content__contains="park").first().pk).update(
        content='{"choices":["bus"]}'
    )


def test_a_recount_of_a_true_box_finds_nothing(counted: Any, auditor: Person) -> None:
    found = auditing.recount(poll=counted[0], actor=auditor, at=LATER)
    assert (found.ballots, found.differs, found.faults) == (25, (), ())
    entry = Entry.objects.filter(type="consult:poll:recounted").get()
    assert entry.facts == {"ballots": 25, "same": True, "differs": [], "faults": []}


def test_a_recount_finds_a_changed_ballot_and_the_missing_guard(counted: Any, auditor: Person) -> None:
    change_a_ballot()
    found = auditing.recount(poll=counted[0], actor=auditor, at=LATER)
    assert found.differs == ("ballots", "result")
    assert any("ballots are not those" in fault for fault in found.faults)
    assert any("trigger" in fault for fault in found.faults)
    with pytest.raises(Refused) as refusal:
        counting.certify(poll=counted[0], actor=auditor, note="已核。", at=LATER)
    assert refusal.value.reason.code == "recount-first"
    counting.certify(poll=counted[0], actor=auditor, note="已核。", faults=("一张票被改",), at=LATER)
    assert Poll.objects.get().state == State.COUNTED


def test_nobody_confirms_what_they_did_not_recount(counted: Any, auditor: Person) -> None:
    with pytest.raises(Refused) as refusal:
        counting.certify(poll=counted[0], actor=auditor, note="已核。", at=LATER)
    assert refusal.value.reason.code == "recount-first"
    auditing.recount(poll=counted[0], actor=auditor, at=LATER)
    counting.certify(poll=counted[0], actor=auditor, note="已核。", at=LATER)
    assert Poll.objects.get().state == State.CERTIFIED


def test_a_sample_says_where_each_is_and_keeps_the_numbers(counted: Any, auditor: Person) -> None:
    poll, receipts = counted
    found = auditing.sample(poll=poll, actor=auditor, typed=[*receipts[:3], "", "0000-0000-0000-0000", "abc"], at=LATER)
    standings = [each.found.standing if each.found else None for each in found]
    assert standings == [*[Standing.COUNTED] * 3, Standing.UNKNOWN, None]
    entry = Entry.objects.filter(type="consult:poll:sampled").get()
    assert entry.facts == {"found": 3, "unknown": 1, "mistyped": 1}
    with pytest.raises(Unfit):
        auditing.sample(poll=poll, actor=auditor, typed=["", " "], at=LATER)


def test_a_receipt_read_out_twice_is_one_of_the_sample(counted: Any, auditor: Person) -> None:
    poll, receipts = counted
    typed = [receipts[0], receipts[1], receipts[0].lower().replace("-", " "), "abc", "abc"]
    found = auditing.sample(poll=poll, actor=auditor, typed=typed, at=LATER)
    assert [each.typed for each in found] == [receipts[0], receipts[1], "abc"]
    assert Entry.objects.get(type="consult:poll:sampled").facts == {"found": 2, "unknown": 0, "mistyped": 1}


def test_receipts_are_not_sampled_while_they_can_replace_a_ballot(open_poll: Any, auditor: Person) -> None:
    with pytest.raises(Refused) as refusal:
        auditing.sample(poll=open_poll(), actor=auditor, typed=["0000-0000-0000-0000"], at=AT)
    assert refusal.value.reason.code == "poll-not-counted"


def test_whoever_ran_the_poll_does_not_audit_it(counted: Any, county: County, clerk: Person, auditor: Person) -> None:
    counted[0].sponsor.memberships.create(person=auditor, role="handler", starts_at=AT - DAY)
    for act in (
        lambda: auditing.recount(poll=counted[0], actor=auditor, at=LATER),
        lambda: counting.certify(poll=counted[0], actor=auditor, note="好", at=LATER),
        lambda: auditing.sealed_ballots(poll=counted[0], actor=auditor, at=LATER),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.reason.code == "not-your-own-poll"


def test_every_copy_of_the_sealed_ballots_is_on_record(counted: Any, auditor: Person) -> None:
    for _copy in range(2):
        data = json.loads(auditing.sealed_ballots(poll=counted[0], actor=auditor, at=LATER))
    assert len(data["ballots"]) == 25
    assert all("content" in each for each in data["ballots"])
    assert Entry.objects.filter(type="consult:poll:ballots-taken", actor=auditor).count() == 2


def test_the_desk_leads_from_evidence_to_a_signature_under_the_result(
    counted: Any, desk: Client, auditor: Person
) -> None:
    poll, receipts = counted
    base = f"/desk/audit/polls/{poll.slug}/"
    assert poll.slug in desk.get("/desk/audit/polls/").content.decode()
    page = desk.get(base).content.decode()
    assert poll.rules_hash in page
    assert BulletinEntry.objects.filter(poll=poll).latest("number").hash in page
    opinion = {"verdict": "confirmed", "note": "抽查三张回执，离线复核一致。"}
    assert desk.post(f"{base}opinion/", opinion).status_code == 422
    assert desk.post(f"{base}recount/").status_code == 302
    sampled = desk.post(f"{base}receipts/", {"receipts": "\n".join(receipts[:3])})
    assert sampled.status_code == 200
    assert "no-store" in sampled["Cache-Control"]
    assert receipts[0] in sampled.content.decode()
    assert receipts[0] not in desk.get(base).content.decode()
    taken = desk.post(f"{base}ballots.json")
    assert "attachment" in taken["Content-Disposition"]
    assert desk.post(f"{base}opinion/", {"verdict": "faults", "note": "x"}).status_code == 422
    assert desk.post(f"{base}opinion/", opinion | {"faults": "x"}).status_code == 422
    assert desk.post(f"{base}opinion/", opinion).status_code == 302
    result = Client().get(f"/polls/{poll.slug}/result/").content.decode()
    assert auditor.public_name in result
    assert "离线复核一致" in result
    assert desk.post(f"{base}opinion/", opinion).status_code == 409


def test_nothing_at_the_desk_links_a_voter_and_a_ballot(counted: Any, desk: Client) -> None:
    page = desk.get(f"/desk/audit/polls/{counted[0].slug}/").content.decode()
    for ballot in BoxBallot.objects.all():
        assert ballot.token_hash not in page
        assert ballot.commitment not in page
    assert not re.search(r"居民\d|voter\d", page)


@pytest.mark.parametrize("part", WHOLE)
def test_colleagues_are_told_no_and_strangers_find_nothing(
    part: str, counted: Any, client: Client, clerk: Person, county: County
) -> None:
    client.force_login(clerk)
    assert client.post(f"/desk/audit/polls/{counted[0].slug}/{part}{'' if '.' in part else '/'}").status_code == 403
    client.force_login(county.resident)
    assert client.post(f"/desk/audit/polls/{counted[0].slug}/{part}{'' if '.' in part else '/'}").status_code == 404


def test_an_auditor_whose_account_is_gone_leaves_an_opinion_without_a_name(
    counted: Any, auditor: Person, client: Client
) -> None:
    from civic.audit.forgetting import forget

    auditing.recount(poll=counted[0], actor=auditor, at=LATER)
    counting.certify(poll=counted[0], actor=auditor, note="已核。", at=LATER)
    forget(person_id=auditor.pk, at=LATER)
    page = client.get(f"/polls/{counted[0].slug}/result/").content.decode()
    assert "已核。" in page
    assert auditor.public_name not in page


def test_a_link_that_does_not_follow_the_one_before_is_shown(counted: Any) -> None:
    entries = list(BulletinEntry.objects.filter(poll=counted[0]).order_by("number"))
    entries[1].content = entries[1].content | {"count": 99}
    held = [link.holds for link in auditing.links(entries, "0" * 64)]
    assert held == [True, False, *[True] * (len(entries) - 2)]
    assert all(link.holds for link in auditing.links(entries[2:], entries[1].hash))


def test_a_recount_finds_a_paper_ballot_that_nobody_keyed(
    open_poll: Any, voters: Any, clerk: Person, keyers: list[Person], auditor: Person
) -> None:
    people = voters(2)
    poll = open_poll()
    paper.make_pack(poll=poll, actor=clerk, slips=2, submission=uuid.uuid4(), at=AT)
    for each in people:
        paper.hand_out(poll=poll, person=each, actor=keyers[0], at=AT)
    with transaction.atomic():
        casting.drop(poll=poll, ballot=b'{"choices":["park"]}', at=AT, group="paper")
    found = auditing.recount(poll=finish(poll), actor=auditor, at=LATER)
    assert found.faults == ("1 paper ballots in the box were never keyed",)


def test_a_recount_that_takes_long_is_left_to_a_worker_and_its_page_says_so(
    counted: Any, auditor: Person, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "takes_long", lambda poll: True)
    poll = counted[0]
    address = f"/desk/audit/polls/{poll.slug}/"
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert desk.post(f"{address}recount/").status_code == 302
    assert not Entry.objects.filter(type="consult:poll:recounted").exists()
    assert "A recount is under way since" in desk.get(address).content.decode()
    again = desk.post(f"{address}recount/")
    assert again.status_code == 409
    assert "under way" in again.content.decode()
    assert auditing.recount_asked(at=LATER) == 1
    assert auditing.recount_asked(at=LATER) == 0
    entry = Entry.objects.get(type="consult:poll:recounted")
    assert (entry.actor_id, entry.facts["same"]) == (auditor.pk, True)
    page = desk.get(address).content.decode()
    assert "A recount is under way since" not in page
    assert "Equal" in page
    counting.certify(poll=poll, actor=auditor, note="已核。", at=LATER)


def test_a_recount_lost_with_its_process_may_be_asked_for_anew(counted: Any, auditor: Person) -> None:
    poll = counted[0]
    auditing.ask_for_recount(poll=poll, actor=auditor, at=LATER)
    with pytest.raises(Refused) as refusal:
        auditing.ask_for_recount(poll=poll, actor=auditor, at=LATER)
    assert refusal.value.reason == auditing.UNDER_WAY
    auditing.ask_for_recount(poll=poll, actor=auditor, at=LATER + auditing.LOST)


def test_only_equal_shares_of_very_many_ballots_take_long() -> None:
    assert auditing.takes_long(Poll(method="equal-shares", ballot_count=auditing.MANY))
    assert not auditing.takes_long(Poll(method="equal-shares", ballot_count=auditing.MANY - 1))
    assert not auditing.takes_long(Poll(method="stv", ballot_count=90_000))


@pytest.fixture
def also_certifies(county: County) -> Callable[[Person], Person]:
    """Return a function that gives somebody the auditor's power over the county, and reads them anew."""

    def make(person: Person) -> Person:
        found_each(
            holder=Holder(person=person), powers=(CERTIFY, VIEW), scope=Scope(place=county.place),
            window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
        )  # fmt: skip
        return Person.objects.get(pk=person.pk)

    return make


def refuses_to_audit(poll: Poll, person: Person) -> bool:
    with pytest.raises(Refused) as refusal:
        auditing.recount(poll=poll, actor=person, at=LATER)
    return refusal.value.reason.code == "not-your-own-poll"


def test_whoever_opened_a_poll_from_elsewhere_does_not_certify_it(
    draft: Any, voters: Any, also_certifies: Any, county: County
) -> None:
    voters(3)
    head = person("head", county.elsewhere)
    found_each(
        holder=Holder(person=head), powers=(MANAGE, VIEW), scope=Scope(place=county.place),
        window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
    )  # fmt: skip
    poll = draft()
    for step in (domain.announce, domain.draw_roll, domain.open_poll):
        step(poll=poll, actor=head, at=OPENS - DAY)
    finish(poll, LATER)
    assert refuses_to_audit(poll, also_certifies(head))


def test_whoever_keyed_its_ballots_does_not_certify_a_poll(
    ready: Any, keyers: list[Person], also_certifies: Any, auditor: Person
) -> None:
    poll, slips = ready
    for slip in slips:
        key_twice(poll, slip, keyers)
    finish(poll, LATER)
    assert refuses_to_audit(poll, also_certifies(keyers[1]))
    assert auditing.recount(poll=poll, actor=auditor, at=LATER).is_right


def test_a_witness_does_not_certify_the_minutes(decided: Any, witnesses: Any, also_certifies: Any) -> None:
    assert refuses_to_audit(decided(), also_certifies(witnesses[0]))
