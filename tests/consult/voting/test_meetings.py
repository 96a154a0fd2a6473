"""Meetings: called with notice, written down, confirmed by two witnesses, published, and never changed."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from civic.access.mandates import LOCKED
from civic.access.questions import may
from civic.audit.models import Entry
from civic.core import clock
from civic.core.clock import Window
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import auditing, closing, counting, domain, meetings, paper
from consult.voting.actions import MANAGE, VOTE
from consult.voting.casting import cast
from consult.voting.hashing import canonical_json, sha256
from consult.voting.models import BoxBallot, BulletinEntry, Meeting, PaperPack, Poll, RollEntry, RollMark
from consult.voting.states import Stage, State
from orgs.bodies.models import Membership
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import AT, DAY, SECOND, County, person
from tests.consult.voting.conftest import CHOICES, HOUR, faults, finish

pytestmark = pytest.mark.django_db
BEGINS = AT - HOUR


def code_of(call: Any, **arguments: Any) -> str:
    try:
        call(**arguments)
    except (Refused, Unfit) as refusal:
        return refusal.reason.code
    return "nothing was refused"


# -- the notice ---------------------------------------------------------------


def test_a_villagers_meeting_is_announced_ten_days_before(draft_meeting, clerk: Person) -> None:
    poll = draft_meeting()
    late = BEGINS - 10 * DAY + SECOND
    assert code_of(meetings.call, poll=poll, actor=clerk, at=late) == "too-little-notice"
    meetings.call(poll=poll, actor=clerk, at=BEGINS - 10 * DAY)
    assert poll.state == State.OPEN
    assert poll.roll_size == 150


def test_a_meeting_of_representatives_needs_no_ten_days(draft_meeting, clerk: Person) -> None:
    poll = draft_meeting(preset="delegates-meeting", called={"entitled": 30})
    meetings.call(poll=poll, actor=clerk, at=BEGINS - DAY)
    assert poll.state == State.OPEN


def test_what_was_announced_is_frozen_and_signed(called) -> None:
    poll = called()
    assert sha256(canonical_json(poll.rules)) == poll.rules_hash
    assert poll.rules["meeting"]["entitled"] == 150
    assert BulletinEntry.objects.get(poll=poll).content["rules_hash"] == poll.rules_hash
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Poll.objects.filter(pk=poll.pk).update(question="装几盏？")


def test_a_meeting_is_neither_opened_nor_drawn_a_roll_of(draft_meeting, clerk: Person) -> None:
    poll = draft_meeting()
    assert code_of(domain.announce, poll=poll, actor=clerk, at=AT - 15 * DAY) == "decided-in-a-meeting"
    assert code_of(domain.draw_roll, poll=poll, actor=clerk, at=AT - 15 * DAY) == "wrong-state"


def test_nobody_is_added_to_the_roll_of_a_meeting(called, clerk: Person, county: County) -> None:
    poll = called()
    asked = {"poll": poll, "person": county.resident, "actor": clerk, "note": "x", "at": AT}
    assert code_of(domain.add_to_roll, **asked) == "decided-in-a-meeting"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"preset": "villagers"}, "no-meeting-kind"),
        ({"method": "irv", "choices": CHOICES}, "not-by-hands"),
        ({"called": {"entitled": 0}}, "bad-roll-rule"),
    ],
)
def test_what_hands_cannot_decide_is_not_called(draft_meeting, fields: dict[str, Any], code: str) -> None:
    assert code_of(draft_meeting, **fields) == code


# -- no ballots ---------------------------------------------------------------


def test_nobody_votes_on_line_and_is_told_why(called, county: County) -> None:
    poll = called()
    for at in (AT - 2 * HOUR, AT):
        decision = may(county.resident, VOTE, poll, at=at)
        assert not decision
        assert decision.reason.code == "decided-in-a-meeting"
    refused = code_of(cast, poll=poll, person=county.resident, content={"choices": ["yes"]}, at=AT)
    assert refused == "decided-in-a-meeting"
    assert not BoxBallot.objects.exists()


def test_nobody_prints_paper_ballots_for_a_meeting(client: Client, called, clerk: Person, keyers: list[Person]) -> None:
    poll = called()
    asked = {"poll": poll, "actor": clerk, "slips": 3, "submission": uuid.uuid4(), "at": AT - 2 * HOUR}
    assert code_of(paper.make_pack, **asked) == "decided-in-a-meeting"
    for each in (clerk, keyers[0]):
        client.force_login(each)
        assert client.get(f"/desk/polls/{poll.slug}/paper/").status_code == 404
        assert poll.slug not in client.get("/desk/paper/").content.decode()
    assert not PaperPack.objects.exists()


def test_a_meeting_leaves_no_mark_on_a_roll_and_nothing_in_the_box(decided) -> None:
    decided()
    assert (RollEntry.objects.count(), RollMark.objects.count(), BoxBallot.objects.count()) == (0, 0, 0)


def test_the_clock_neither_closes_nor_counts_a_meeting(called) -> None:
    poll = called()
    assert not closing.close(poll_id=poll.pk, at=AT + DAY)
    finish(poll, at=AT + DAY)
    assert (closing.publish_batches(at=AT), counting.count_due(at=AT + DAY)) == (0, 0)
    assert poll.state == State.OPEN
    assert (poll.stage(BEGINS - SECOND), poll.stage(BEGINS)) == (Stage.ANNOUNCED, Stage.MEETING)


# -- writing it down ----------------------------------------------------------


def test_a_meeting_is_written_down_once_it_has_begun(called, write_down) -> None:
    poll = called()
    assert code_of(write_down, poll=poll, at=BEGINS - SECOND) == "meeting-not-begun"
    assert write_down(poll, at=BEGINS) == 1


@pytest.mark.parametrize(
    ("minutes", "code"),
    [
        ({"present": 151}, "more-than-entitled"),
        ({"hands": {"yes": 81, "no": 0, "abstain": 0}}, "more-hands"),
        ({"hands": {"yes": 40, "no": 40, "abstain": 1}}, "more-hands"),
        ({"hands": {"yes": 40, "no": 40}}, "hands-missing"),
        ({"hands": {"yes": 40, "no": 40, "abstain": -1}}, "hands-missing"),
        ({"households_present": 1}, "more-households"),
    ],
)
def test_numbers_that_cannot_be_are_refused(called, write_down, minutes: dict[str, Any], code: str) -> None:
    poll = called()
    assert code_of(write_down, poll=poll, **minutes) == code
    assert Meeting.objects.get().version == 0


def test_fewer_people_than_households_cannot_have_come(called, write_down) -> None:
    poll = called(called={"households": 100})
    assert code_of(write_down, poll=poll, present=80, households_present=81) == "more-households-than-people"
    assert code_of(write_down, poll=poll, present=80, households_present=80) == "nothing was refused"


def test_two_clerks_do_not_overwrite_each_other(called, write_down) -> None:
    poll = called()
    write_down(poll)
    assert code_of(write_down, poll=poll, present=90) == "stale"
    assert Meeting.objects.get().present == 80


def test_witnesses_are_two_other_people_of_no_part_in_the_office(called, write_down, county: County) -> None:
    poll = called()
    one, two = county.resident, county.neighbour
    assert code_of(write_down, poll=poll, witnesses=(one, one)) == "witnesses-alike"
    assert code_of(write_down, poll=poll, witnesses=(one, county.official)) == "witness-is-clerk"
    assert code_of(write_down, poll=poll, witnesses=(one, county.approver)) == "witness-of-the-office"
    superior = person("superior", county.here)
    found(
        holder=Holder(person=superior), action=MANAGE, scope=Scope(place=county.place),
        window=Window(AT - DAY, AT + DAY), reason="test", at=AT - DAY,
    )  # fmt: skip
    assert code_of(write_down, poll=poll, witnesses=(superior, two)) == "witness-of-the-office"
    newcomer = person("newcomer", None, level=0)
    assert code_of(write_down, poll=poll, witnesses=(newcomer, two)) == "witness-unknown"


def test_a_correction_takes_the_confirmations_back(called, write_down, witnesses, clerk: Person) -> None:
    poll = called()
    version = write_down(poll)
    for witness in witnesses:
        meetings.confirm(poll=poll, witness=witness, version=version, at=AT)
    again = write_down(poll, version=version, hands={"yes": 30, "no": 45, "abstain": 5})
    assert code_of(meetings.publish, poll=poll, actor=clerk, at=AT) == "witnesses-missing"
    assert code_of(meetings.confirm, poll=poll, witness=witnesses[0], version=version, at=AT) == "stale"
    meetings.confirm(poll=poll, witness=witnesses[0], version=again, at=AT)


# -- witnesses and publishing -------------------------------------------------


def test_only_its_witnesses_confirm_the_minutes(called, write_down, witnesses, clerk: Person, county: County) -> None:
    poll = called()
    version = write_down(poll)
    for other in (clerk, county.stranger, county.approver):
        assert code_of(meetings.confirm, poll=poll, witness=other, version=version, at=AT) == "not-a-witness"
    meetings.confirm(poll=poll, witness=witnesses[1], version=version, at=AT)
    assert code_of(meetings.confirm, poll=poll, witness=witnesses[1], version=version, at=AT) == "has-confirmed"


def test_nothing_is_published_before_both_confirmed(called, write_down, witnesses, clerk: Person) -> None:
    poll = called()
    assert code_of(meetings.publish, poll=poll, actor=clerk, at=AT) == "witnesses-missing"
    version = write_down(poll)
    meetings.confirm(poll=poll, witness=witnesses[0], version=version, at=AT)
    assert code_of(meetings.publish, poll=poll, actor=clerk, at=AT) == "witnesses-missing"
    meetings.confirm(poll=poll, witness=witnesses[1], version=version, at=AT)
    meetings.publish(poll=poll, actor=clerk, at=AT)
    assert code_of(meetings.publish, poll=poll, actor=clerk, at=AT) == "wrong-state"


def test_a_decision_is_frozen_signed_and_proved(decided) -> None:
    poll = decided(points="灯要省电\n别照进卧室", follow_up="装四盏", executor="村委会", due=(AT + 60 * DAY).date())
    assert poll.state == State.COUNTED
    assert poll.result["outcome"]["winners"] == ["yes"]
    assert (poll.result["verdict"]["binding"], poll.result["verdict"]["carried"]) == (True, True)
    entry = BulletinEntry.objects.get(poll=poll, kind="result")
    assert entry.content["result"] == poll.result_hash == sha256(canonical_json(poll.result))
    assert list(BulletinEntry.objects.filter(poll=poll).values_list("kind", flat=True)) == ["opened", "result"]
    assert faults() == []


def test_below_the_quorum_the_result_is_advisory_only(decided) -> None:
    poll = decided(present=60, hands={"yes": 55, "no": 3, "abstain": 2})
    assert poll.result["outcome"]["winners"] == ["yes"]
    assert poll.result["verdict"]["binding"] is False


def test_the_frozen_minutes_name_nobody(decided, witnesses) -> None:
    poll = decided()
    written = (
        canonical_json(poll.result).decode()
        + canonical_json([entry.content for entry in BulletinEntry.objects.filter(poll=poll)]).decode()
    )
    assert not any(person.display_name in written for person in witnesses)


def test_views_of_those_away_stand_apart_and_are_never_added(
    open_poll, draft_meeting, write_down, witnesses, clerk: Person, county: County
) -> None:
    advisory = open_poll(closes_at=AT - 2 * HOUR, opens_at=AT - 2 * DAY)
    cast(poll=advisory, person=county.neighbour, content={"choices": ["park"]}, at=AT - DAY)
    finish(advisory, at=AT - HOUR)
    poll = draft_meeting(called={"advisory": advisory})
    meetings.call(poll=poll, actor=clerk, at=AT - 11 * DAY)
    version = write_down(poll)
    for witness in witnesses:
        meetings.confirm(poll=poll, witness=witness, version=version, at=AT)
    meetings.publish(poll=poll, actor=clerk, at=AT)
    assert poll.result["meeting"]["advisory"]["ballots"] == 1
    assert poll.result["outcome"]["totals"] == {"yes": 60, "no": 15, "abstain": 5}
    assert poll.ballot_count == 80


def test_a_meeting_is_no_advisory_poll_of_another(called, draft_meeting) -> None:
    assert code_of(draft_meeting, slug="second", called={"advisory": called()}) == "advisory-unfit"


def test_a_meeting_can_be_withdrawn_with_a_public_reason(called, write_down, clerk: Person) -> None:
    poll = called()
    domain.withdraw(poll=poll, actor=clerk, note="下大雨，没开成", at=AT)
    assert poll.state == State.WITHDRAWN
    assert code_of(write_down, poll=poll) == "wrong-state"


def join_the_office(person: Person, county: County) -> Person:
    """Let somebody keep the minutes of the office's meetings, and return them as a request finds them."""
    found(
        holder=Holder(person=person), action=MANAGE, scope=Scope(body=county.bureau),
        window=Window(AT - DAY, AT + DAY), reason="test", at=AT - DAY,
    )  # fmt: skip
    return Person.objects.get(pk=person.pk)


def test_a_witness_who_came_into_the_office_confirms_no_more(called, write_down, witnesses, county: County) -> None:
    poll = called()
    version = write_down(poll)
    late = join_the_office(witnesses[1], county)
    late.__dict__[LOCKED] = True  # a session that has not shown the second factor
    refused = code_of(meetings.confirm, poll=poll, witness=late, version=version, at=AT)
    assert refused == "witness-of-the-office-by-now"


def test_a_witness_who_came_into_the_office_does_not_publish(called, write_down, witnesses, county: County) -> None:
    poll = called()
    version = write_down(poll)
    for each in witnesses:
        meetings.confirm(poll=poll, witness=each, version=version, at=AT)
    assert (
        code_of(meetings.publish, poll=poll, actor=join_the_office(witnesses[0], county), at=AT) == "witness-publishes"
    )


def test_who_left_the_office_may_witness(called, write_down, county: County) -> None:
    poll = called()
    Membership.objects.filter(person=county.approver).update(ends_at=AT - SECOND)
    assert write_down(poll, witnesses=(county.approver, county.resident)) == 1


def test_a_forgotten_witness_leaves_the_minutes_as_they_are(decided, witnesses) -> None:
    from civic.people.erasing import erase

    poll = decided()
    before = poll.result_hash
    erase(person_id=witnesses[0].pk, at=AT + DAY)
    poll.refresh_from_db()
    assert poll.result_hash == before
    assert poll.meeting.first_witness.display_name == ""
    assert faults() == []


def test_an_auditor_compares_the_minutes_with_what_was_confirmed(decided, auditor: Person) -> None:
    poll = decided()
    found = auditing.recount(poll=poll, actor=auditor, at=AT)
    assert (found.ballots, found.differs, found.faults) == (0, (), ())
    asked = {"poll": poll, "actor": auditor, "at": AT}
    assert code_of(auditing.sealed_ballots, **asked) == "decided-in-a-meeting"
    counting.certify(poll=poll, actor=auditor, note="看过计票单", at=AT)
    assert poll.state == State.CERTIFIED
    assert faults() == []


def test_minutes_changed_behind_the_witnesses_are_found(
    called, write_down, witnesses, clerk: Person, auditor: Person
) -> None:
    """As only the database's owner could."""
    poll = called(called={"households": 60})
    version = write_down(poll, points="灯要省电", executor="村委会", households_present=40)
    for witness in witnesses:
        meetings.confirm(poll=poll, witness=witness, version=version, at=AT)
    meetings.publish(poll=poll, actor=clerk, at=AT)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE consult_voting_meeting DISABLE TRIGGER consult_voting_meeting_no_change")
        else:
            cursor.execute("DROP TRIGGER consult_voting_meeting_no_update")
    Meeting.objects.update(points="没人说过的话")
    assert any("not what the witnesses confirmed" in fault for fault in faults())
    assert auditing.recount(poll=poll, actor=auditor, at=AT).differs == ("result",)


# -- what the database itself refuses -----------------------------------------


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"present": 151}, "no_more_came_than_are_entitled"),
        ({"households": 5, "households_present": 6}, "no_more_households_came_than_there_are"),
        ({"hands_raised": 81}, "no_more_hands_than_came"),
        ({"published_at": AT}, "published_minutes_have_two_witnesses"),
        ({"first_witness": None, "first_confirmed_at": AT}, "witnesses_confirm_what_is_written"),
    ],
)
def test_the_database_refuses_impossible_minutes(called, write_down, values: dict[str, Any], name: str) -> None:
    write_down(called())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Meeting.objects.update(**values)


def test_the_database_refuses_one_witness_twice_and_the_clerk(called, write_down, county: County) -> None:
    write_down(called())
    for values in ({"second_witness": county.resident}, {"second_witness": county.official}):
        with pytest.raises(IntegrityError, match="witness"), transaction.atomic():
            Meeting.objects.update(**values)


def test_the_database_refuses_a_result_without_published_minutes(called, write_down) -> None:
    poll = called()
    write_down(poll)
    with pytest.raises(DatabaseError, match="without two witnesses"), transaction.atomic():
        Poll.objects.filter(pk=poll.pk).update(
            state="counted", result={}, result_hash="x", ballot_count=1, counted_at=AT
        )


def test_the_database_keeps_published_minutes(decided) -> None:
    poll = decided()
    for statement in (
        f"UPDATE consult_voting_meeting SET present = 90 WHERE poll_id = {poll.pk}",
        f"DELETE FROM consult_voting_meeting WHERE poll_id = {poll.pk}",
        f"UPDATE consult_voting_poll SET result_hash = 'x' WHERE id = {poll.pk}",
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_every_step_leaves_its_entry(decided) -> None:
    poll = decided()
    left = list(
        Entry.objects.filter(subject_type="consult_voting.poll", subject_id=str(poll.pk))
        .order_by("pk")
        .values_list("type", flat=True)
    )
    steps = [
        "created",
        "meeting-called",
        "meeting-recorded",
        "meeting-confirmed",
        "meeting-confirmed",
        "meeting-decided",
    ]
    assert left == [f"consult:poll:{step}" for step in steps]


def test_both_witnesses_are_asked(called, write_down, witnesses, deliver_all) -> None:
    from civic.notify.models import Notice

    poll = called()
    write_down(poll)
    deliver_all(clock.now() + timedelta(minutes=1))
    asked = Notice.objects.filter(kind="consult:meeting-witness")
    assert set(asked.values_list("person_id", flat=True)) == {person.pk for person in witnesses}
    assert set(asked.values_list("url", flat=True)) == {f"/polls/{poll.slug}/witness/"}
