"""Paper ballots keyed at the same moment, and what the whole database tells of who was handed which."""

import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from civic.core.clock import Window
from civic.people.models import Person
from consult.voting import closing, paper, stores
from consult.voting.casting import drop
from consult.voting.hashing import token_hash
from consult.voting.models import BoxBallot, PaperKeying, PaperSlip, Poll
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import AT, DAY, County
from tests.consult.voting.conftest import CLOSES, KEY, faults, finish
from tests.consult.voting.slips import PARK, ROAD, hand_out, pack
from tests.consult.voting.test_at_once import at_once
from tests.consult.voting.test_secrecy import CHANCE, best_hits, rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("postgresql")]


@pytest.fixture
def crowd(voters: Any, county: County) -> list[Person]:
    """Twenty people who may key."""
    made = voters(20)
    for each in made:
        found(
            holder=Holder(person=each), action=KEY, scope=Scope(place=county.place),
            window=Window(AT - DAY, AT + 265 * DAY), reason="test", at=AT - DAY,
        )  # fmt: skip
    return list(made)


@pytest.fixture
def handed_out(open_poll: Any, crowd: list[Person], clerk: Person) -> tuple[Poll, Any]:
    """Return a poll with twenty slips handed out, and the slips."""
    poll = open_poll(paper_until=CLOSES + DAY)
    slips = pack(poll, clerk, 20)
    hand_out(poll, crowd, clerk)
    return poll, slips


def keying(poll: Poll, who: Person, code: str, content: Any = PARK) -> Callable[[], Any]:
    return lambda: str(paper.key(poll=poll, actor=who, code=code, content=content, at=AT))


def test_twenty_people_key_one_slip_at_once_and_it_is_one_ballot(handed_out: Any, crowd: list[Person]) -> None:
    poll, slips = handed_out
    done = Counter(at_once([keying(poll, each, slips[0].code) for each in crowd], 20))
    assert done == {"first": 1, "agreed": 1, "used-code": 18}
    assert (BoxBallot.objects.count(), PaperKeying.objects.count()) == (1, 2)
    assert faults() == []


def test_one_person_keys_a_slip_twenty_times_at_once_and_it_is_one_keying(handed_out: Any, crowd: list[Person]) -> None:
    poll, slips = handed_out
    done = Counter(at_once([keying(poll, crowd[0], slips[0].code)] * 20, 20))
    assert done == {"first": 1, "keyed-by-you": 19}
    assert PaperKeying.objects.count() == 1


def test_without_the_lock_the_constraints_still_let_one_ballot_through(
    handed_out: Any, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "hold_paper", lambda poll: None)
    poll, slips = handed_out
    done = Counter(at_once([keying(poll, each, slips[0].code) for each in crowd], 20))
    assert set(done) <= {"first", "agreed", "used-code", "keyed-meanwhile"}
    assert done["keyed-meanwhile"] > 0
    assert done["first"] == 1
    assert BoxBallot.objects.count() == done["agreed"] <= 1
    assert faults() == []


def test_twenty_settle_one_slip_at_once_and_it_is_one_ballot(handed_out: Any, crowd: list[Person]) -> None:
    poll, slips = handed_out
    keying(poll, crowd[0], slips[0].code)()
    keying(poll, crowd[1], slips[0].code, ROAD)()

    def settling(who: Person) -> Callable[[], Any]:
        def deed() -> str:
            paper.settle(poll=poll, actor=who, number=slips[0].number, content=PARK, at=AT)
            return "settled"

        return deed

    done = Counter(at_once([settling(each) for each in crowd[2:]], 18))
    assert done == {"settled": 1, "not-different": 17}
    assert BoxBallot.objects.count() == 1
    assert faults() == []


def dropping(poll: Poll, slip: PaperSlip) -> Callable[[], Any]:
    def deed() -> str:
        with transaction.atomic():
            drop(poll=poll, ballot=b'{"choices":["park"]}', at=AT, group="paper", slip=slip.token_hash)
        return "dropped"

    return deed


def test_one_code_is_one_ballot_by_the_databases_own_constraint(handed_out: Any) -> None:
    poll, slips = handed_out
    slip = PaperSlip.objects.get(number=slips[0].number)
    assert Counter(at_once([dropping(poll, slip)] * 20, 20)) == {"dropped": 1, "replaced-meanwhile": 19}


def test_without_that_constraint_a_code_would_be_many(handed_out: Any) -> None:
    poll, slips = handed_out
    slip = PaperSlip.objects.get(number=slips[0].number)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ballot_box.ballot DROP CONSTRAINT one_ballot_per_token_and_turn")
    assert Counter(at_once([dropping(poll, slip)] * 20, 20))["dropped"] > 1


def test_slips_keyed_across_the_sealing_are_counted_or_refused(handed_out: Any, crowd: list[Person]) -> None:
    poll, slips = handed_out
    end = poll.seals_at
    for slip in slips:
        keying(poll, crowd[0], slip.code)()
    deeds: list[Callable[[], Any]] = [keying(poll, crowd[1], slip.code) for slip in slips]
    deeds.insert(8, lambda: closing.close_due(at=end) and "closed")
    done = Counter(at_once(deeds, 7))
    assert done["agreed"] + done["paper-is-over"] + done["too-late"] == 20
    finish(poll, at=end)
    assert poll.ballot_count == done["agreed"]
    assert faults() == []


def test_nothing_links_who_was_marked_to_what_was_keyed(
    open_poll: Any, voters: Any, clerk: Person, county: County
) -> None:
    """Handed out and keyed in the very same order, which no urn would do: afterwards the order is gone."""
    people = voters(120)
    keyers = [clerk, county.official, *voters_who_key(county, 2)]
    poll = open_poll(paper_until=CLOSES + DAY)
    slips = pack(poll, clerk, 120)
    for person, slip in zip(people, slips, strict=True):
        hand_out(poll, [person], clerk)
        for keyer in keyers[-2:]:
            keying(poll, keyer, slip.code, PARK if slip.number % 2 else ROAD)()
    receipts = {person.pk: slip for person, slip in zip(people, slips, strict=True)}
    finish(poll, at=poll.seals_at)
    tokens = {token_hash(poll.pk, slip.receipt): person for person, slip in receipts.items()}
    truth = {
        tokens[token]: commitment for token, commitment in BoxBallot.objects.values_list("token_hash", "commitment")
    }
    assert len(truth) == 120
    hits, how = best_hits(truth)
    assert hits <= CHANCE, how
    assert hits_of_keyings(receipts) <= CHANCE
    assert len(rows("SELECT DISTINCT xmin::text FROM ballot_box.keying")) == 1
    assert faults() == []


def hits_of_keyings(receipts: dict[int, Any]) -> int:
    """Lay marks and slips, or marks and keyings, side by side in every order there is; return the most right pairs."""
    numbers = {person: slip.number for person, slip in receipts.items()}
    best = 0
    for by in ("", "id", "ctid", "xmin::text::bigint", "voted_on, id"):
        left = [pk for (pk,) in rows("SELECT person_id FROM ballot_roll.mark" + (f" ORDER BY {by}" if by else ""))]
        for order in ("", "s.id", "s.ctid", "s.number", "s.code_hash", "k.id", "k.ctid", "k.cmin::text::bigint"):
            source = "SELECT s.number FROM ballot_box.slip s JOIN ballot_box.keying k ON k.slip = s.id AND k.turn = 1"
            right = [number for (number,) in rows(source + (f" ORDER BY {order}" if order else ""))]
            for way in (right, right[::-1]):
                best = max(best, sum(numbers.get(pk) == number for pk, number in zip(left, way, strict=False)))
    return best


def voters_who_key(county: County, number: int) -> list[Person]:
    made = []
    for n in range(number):
        each = Person.objects.create_user(email=f"k{n}@test.example", display_name=f"k{n}", level=3)
        found(
            holder=Holder(person=each), action=KEY, scope=Scope(place=county.place),
            window=Window(AT - DAY, AT + 265 * DAY), reason="test", at=AT - DAY,
        )  # fmt: skip
        made.append(each)
    return made


def test_two_posts_of_one_pack_form_make_one_pack(open_poll: Any, clerk: Person) -> None:
    poll = open_poll()
    submission = uuid.uuid4()
    deed = lambda: paper.make_pack(poll=poll, actor=clerk, slips=5, submission=submission, at=AT) and "made"  # noqa: E731
    assert Counter(at_once([deed] * 6, 6)) == {"made": 1, "printed-already": 5}
    assert PaperSlip.objects.count() == 5


def test_the_last_slip_is_handed_to_one_of_two_at_once(open_poll: Any, voters: Any, clerk: Person) -> None:
    people = voters(6)
    poll = open_poll()
    pack(poll, clerk, 1)

    def to(person: Person) -> str:
        hand_out(poll, [person], clerk)
        return "handed out"

    assert Counter(at_once([partial(to, each) for each in people], 6)) == {"handed out": 1, "no-slips-left": 5}
