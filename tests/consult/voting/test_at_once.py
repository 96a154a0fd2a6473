"""Many voters at the same moment, on a database that lets them: nobody twice, nobody lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from civic.audit.models import Entry
from civic.core.refusals import Refused
from civic.people.models import Person
from consult.voting import actions, closing, counting, domain, opening, stores
from consult.voting.casting import cast, draw, look_up, receipt_again, replace
from consult.voting.models import BoxBallot, BulletinEntry, Poll, RollEntry, RollMark
from consult.voting.states import State
from tests.consult.conftest import AT, County
from tests.consult.voting.conftest import CLOSES, faults
from tests.faults.together import waited_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("postgresql")]
PARK = {"choices": ["park"]}


def at_once(deeds: list[Callable[[], Any]], threads: int) -> list[Any]:
    """Do everything in that many threads; return what each returned, or the code of its refusal."""
    barrier = Barrier(threads)

    def run(deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        except Refused as refusal:
            return refusal.reason.code

    def start(share: list[Callable[[], Any]]) -> list[Any]:
        try:
            connection.ensure_connection()
            barrier.wait(120)
            return [run(deed) for deed in share]
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        done = [pool.submit(start, deeds[number::threads]) for number in range(threads)]
        return [each for share in done for each in share.result()]


def voting(poll: Poll, person: Person, at: datetime = AT) -> Callable[[], Any]:
    return lambda: cast(poll=poll, person=person, content=PARK, at=at) and "voted"


def fifty_times_one_voter(poll: Poll, county: County) -> Counter[str]:
    return Counter(at_once([voting(poll, county.resident)] * 50, 50))


def test_fifty_casts_of_one_voter_are_one_ballot_and_one_mark(open_poll, county: County) -> None:
    poll = open_poll()
    assert fifty_times_one_voter(poll, county) == {"voted": 1, "already-voted": 49}
    assert (BoxBallot.objects.count(), RollMark.objects.count()) == (1, 1)
    assert faults() == []


def test_without_the_constraint_one_voter_would_vote_more_than_once(open_poll, county: County) -> None:
    """The promise above is the constraint's: this is what is seen when it is gone."""
    poll = open_poll()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ballot_roll.mark DROP CONSTRAINT one_mark_per_person")
    assert fifty_times_one_voter(poll, county)["voted"] > 1


def test_two_hundred_voters_at_once_are_two_hundred_ballots_and_marks(open_poll, voters) -> None:
    people = voters(200)
    poll = open_poll()
    deeds = [voting(poll, each) for each in people]
    assert Counter(at_once(deeds, 20)) == {"voted": 200}
    assert (BoxBallot.objects.count(), RollMark.objects.count()) == (200, 200)
    assert faults() == []


def test_one_of_many_replacements_follows_each_turn(open_poll, county: County) -> None:
    poll = open_poll()
    code = cast(poll=poll, person=county.resident, content=PARK, at=AT).code
    deed = lambda: replace(poll=poll, person=county.resident, receipt=code, content=PARK, at=AT) and "replaced"  # noqa: E731
    done = Counter(at_once([deed] * 10, 10))
    assert set(done) <= {"replaced", "replaced-meanwhile"}
    turns = sorted(BoxBallot.objects.values_list("turn", flat=True))
    assert turns == list(range(1, done["replaced"] + 2))
    assert faults() == []


def test_votes_across_the_closing_instant_are_counted_or_refused(open_poll, voters) -> None:
    people = voters(120)
    poll = open_poll()
    moment = timedelta(milliseconds=1)
    deeds = [voting(poll, each, CLOSES + (n - 60) * moment) for n, each in enumerate(people)]
    deeds.insert(40, lambda: closing.close_due(at=CLOSES) and "closed")
    done = Counter(at_once(deeds, 12))
    counting.count_due(at=CLOSES)
    poll.refresh_from_db()
    assert poll.state == State.COUNTED
    assert done["voted"] + done["poll-is-over"] + done["too-late"] == 120
    assert done["voted"] == poll.ballot_count == poll.result["outcome"]["valid"] == RollMark.objects.count()
    assert faults() == []


def a_cast_is_under_way_while_the_box_closes(poll: Poll, county: County) -> bool:
    """Close while a cast is written and not committed; return whether closing waited for it."""
    written, waited, closed = Event(), Event(), Event()

    def vote() -> None:
        try:
            with transaction.atomic():
                cast(poll=poll, person=county.resident, content=PARK, at=AT)
                written.set()
                # It is committed as soon as closing waits for it, or has ended without waiting: no clock decides.
                while not closed.wait(0.01) and not waited.is_set():
                    if waited_for():
                        waited.set()
        finally:
            written.set()
            connection.close()

    def close() -> None:
        try:
            closing.close_due(at=CLOSES)
        finally:
            closed.set()
            connection.close()

    voter, clock = Thread(target=vote), Thread(target=close)
    voter.start()
    written.wait(120)
    clock.start()
    voter.join(120)
    clock.join(120)
    return waited.is_set()


def test_closing_waits_for_a_cast_under_way_and_counts_it(open_poll, county: County) -> None:
    poll = open_poll()
    assert a_cast_is_under_way_while_the_box_closes(poll, county)
    poll.refresh_from_db()
    assert poll.ballot_count == 1
    assert faults() == []


def test_without_the_lock_a_cast_under_way_would_be_lost(open_poll, county: County, monkeypatch) -> None:
    """The promise above is the lock's: this is what is seen when it is gone."""
    monkeypatch.setattr(stores, "share_poll", lambda poll: None)
    poll = open_poll()
    assert not a_cast_is_under_way_while_the_box_closes(poll, county)
    poll.refresh_from_db()
    assert poll.ballot_count == 0
    assert BoxBallot.objects.count() == 1
    assert any("ballots are not those" in fault for fault in faults())


def test_two_workers_close_and_count_once(open_poll, county: County) -> None:
    poll = open_poll()
    cast(poll=poll, person=county.resident, content=PARK, at=AT)
    assert sum(at_once([lambda: closing.close(poll_id=poll.pk, at=CLOSES)] * 4, 4)) == 1
    assert sum(at_once([lambda: counting.count_poll(poll_id=poll.pk, at=CLOSES)] * 4, 4)) == 1
    assert BulletinEntry.objects.filter(poll=poll, kind="result").count() == 1
    assert faults() == []


def test_eight_workers_open_a_poll_once_and_tell_of_its_beginning_once(draft, clerk: Person, county: County) -> None:
    poll = draft(opens_at=AT, closes_at=CLOSES)
    domain.announce(poll=poll, actor=clerk, at=AT)
    assert sum(at_once([lambda: opening.prepare_due(at=AT)] * 8, 8)) == 1
    assert sum(at_once([lambda: opening.begin_due(at=AT)] * 8, 8)) == 1
    assert BulletinEntry.objects.filter(poll=poll).count() == 1
    assert RollEntry.objects.filter(poll=poll).count() == Poll.objects.get().roll_size
    assert Entry.objects.about(poll).filter(type=actions.BEGUN).count() == 1


def test_one_form_sent_twice_at_once_is_one_ballot_and_one_receipt(open_poll, county: County) -> None:
    poll, secret = open_poll(), draw()

    def send() -> str:
        return cast(poll=poll, person=county.resident, content=PARK, at=AT, secret=secret).code

    assert sorted(Counter(at_once([send] * 8, 8)).values()) == [1, 7]
    assert BoxBallot.objects.count() == 1
    code = receipt_again(poll=poll, secret=secret)
    assert code is not None
    assert look_up(poll=poll, receipt=code).standing == "waiting"
