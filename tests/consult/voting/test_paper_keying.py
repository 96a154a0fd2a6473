"""What is read on slips: keyed by two people, and settled by a third where they differ."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from civic.people import personal
from civic.people.models import Person
from consult.voting import casting, paper, receipts
from consult.voting.casting import look_up, replace
from consult.voting.domain import ChoicePlan
from consult.voting.models import BoxBallot, PaperKeying, PaperPack, PaperSlip, RollMark
from consult.voting.paper import Reading
from tests.consult.conftest import AT, SECOND, County
from tests.consult.voting.conftest import LATER, OPENS, Drafter, faults, finish
from tests.consult.voting.slips import (
    PARK,
    ROAD,
    browser,
    hand_out,
    key_twice,
    outcome,
    pack,
    printed,
    refused,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]


def test_a_code_is_used_once(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    one = slips[0].code
    paper.key(poll=poll, actor=keyers[0], code=one, content=PARK, at=AT)
    assert not BoxBallot.objects.exists()
    assert refused(lambda: paper.key(poll=poll, actor=keyers[0], code=one, content=PARK, at=AT)) == "keyed-by-you"
    paper.key(poll=poll, actor=keyers[1], code=one, content=PARK, at=AT)
    for keyer in keyers:
        assert refused(lambda who=keyer: paper.key(poll=poll, actor=who, code=one, content=ROAD, at=AT)) == "used-code"
    assert BoxBallot.objects.count() == 1
    assert faults() == []


def test_codes_that_cannot_be_keyed_are_told_apart(
    ready: Any, clerk: Person, keyers: list[Person], on_paper: Drafter
) -> None:
    poll, slips = ready
    wrong = slips[0].code.replace(slips[0].code[3], "0" if slips[0].code[3] != "0" else "1", 1)
    of = lambda code, at=AT: lambda: paper.key(poll=poll, actor=keyers[0], code=code, content=PARK, at=at)  # noqa: E731
    assert refused(of(wrong)) == "mistyped-code"
    assert refused(of("12")) == "mistyped-code"
    assert refused(of(receipts.new())) == "unknown-code"
    assert refused(of(slips[0].receipt)) == "unknown-code"
    assert refused(of(slips[0].code, LATER)) == "paper-is-over"
    assert refused(of(slips[0].code, OPENS - SECOND)) == "poll-opens-later"
    paper.cancel_pack(pack=PaperPack.objects.get(), actor=clerk, at=AT)
    assert refused(of(slips[0].code)) == "cancelled-code"
    other = on_paper(slug="other")
    code = pack(other, clerk)[0].code
    assert refused(of(code)) == "unknown-code"
    assert not PaperKeying.objects.exists()


def test_each_refusal_keeps_what_was_typed(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    station, url = browser(keyers[0]), f"/desk/polls/{poll.slug}/paper/key/"
    for code in ("12", receipts.shown(receipts.new())):
        answer = station.post(url, {"code": code})
        assert answer.status_code == 422
        assert f'value="{code}"' in answer.content.decode()
    sent = {"code": slips[0].shown, "choice": "road", "keep": "1"}
    assert station.post(url, sent).status_code == 302
    replayed = station.post(url, sent)
    assert replayed.status_code == 409
    assert 'value="road" checked' in replayed.content.decode()
    assert PaperKeying.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "counting", "typed", "kept"),
    [
        ("choose", {}, {"choice": "moon"}, ""),
        ("choose", {"max_choices": 2}, {"choice": ["park", "road", "bus"]}, 'value="park" checked'),
        ("greedy-skip", {"budget": 100, "ballot_within_budget": True}, {"choice": ["park", "road"]}, 'value="road" checked'),
        ("irv", {}, {"at-park": "1", "at-road": "1"}, 'id="id_at-road_1" value="1" checked'),
        ("score", {}, {"at-park": "9"}, ""),
        ("choose", {}, {}, ""),
    ],
)  # fmt: skip
def test_what_no_ballot_may_say_is_told_to_the_clerk(
    method: str, counting: dict[str, Any], typed: dict[str, Any], kept: str, on_paper: Drafter, clerk: Person,
    keyers: list[Person], county: County,
) -> None:  # fmt: skip
    choices = (
        ChoicePlan("park", "修公园", "A park", cost=60), ChoicePlan("road", "修道路", "A road", cost=50),
        ChoicePlan("bus", "加公交", "A bus", cost=30),
    )  # fmt: skip
    poll = on_paper(method=method, counting=counting, choices=choices)
    code = pack(poll, clerk)[0].shown
    hand_out(poll, [county.resident], keyers[0])
    station, url = browser(keyers[0]), f"/desk/polls/{poll.slug}/paper/key/"
    answer = station.post(url, {"code": code, "keep": "1"} | typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "data-errors" in page
    assert kept in page
    assert code in page
    assert not PaperKeying.objects.exists()
    assert station.post(url, {"code": code, "invalid": "1"} | typed).status_code == 302
    assert PaperKeying.objects.get().content == ""
    assert browser(keyers[1]).post(url, {"code": code, "invalid": "1"}).status_code == 302
    assert not BoxBallot.objects.exists()
    assert faults() == []


@pytest.mark.parametrize("method", ["yes-no", "approval", "score", "stv", "schulze", "equal-shares"])
def test_every_method_has_its_paper(
    method: str, on_paper: Drafter, clerk: Person, keyers: list[Person], county: County
) -> None:
    choices = [ChoicePlan(key, key, key, cost=5) for key in ("yes", "no", "abstain")]
    counting = {"budget": 10} if method == "equal-shares" else {}
    poll = on_paper(method=method, counting=counting, choices=choices)
    data = {"slips": "2", "per_sheet": "2", "submission": str(uuid.uuid4())}
    page = browser(clerk).post(f"/desk/polls/{poll.slug}/paper/pack/", data)
    slips = printed(page.content.decode())
    assert len(slips) == 2
    code = next(iter(slips.values()))[0]
    hand_out(poll, [county.resident], keyers[0])
    typed = {"at-yes": "1"} if method in {"score", "stv", "schulze"} else {"choice": "yes"}
    for keyer in keyers[:2]:
        sent = {"code": code, "keep": "1"} | typed
        assert browser(keyer).post(f"/desk/polls/{poll.slug}/paper/key/", sent).status_code == 302
    assert BoxBallot.objects.get().group == "paper"


def test_neither_keyer_sees_what_the_other_typed(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    url = f"/desk/polls/{poll.slug}/paper/key/"
    before = browser(keyers[1]).post(url, {"code": slips[0].shown}).content.decode()
    paper.key(poll=poll, actor=keyers[0], code=slips[0].code, content=ROAD, at=AT)
    after = browser(keyers[1]).post(url, {"code": slips[0].shown}).content.decode()
    tokens = re.compile(r'(name="csrfmiddlewaretoken" value=|nonce-)"?[^"]+"')
    assert tokens.sub("", before) == tokens.sub("", after)
    assert " checked" not in after


def test_the_clerk_sees_the_choices_in_the_order_of_the_slip(
    on_paper: Drafter, clerk: Person, keyers: list[Person]
) -> None:
    choices = [ChoicePlan(f"c{n}", f"选项{n}号") for n in range(8)]
    poll = on_paper(choices=choices)
    data = {"slips": "5", "per_sheet": "1", "submission": str(uuid.uuid4())}
    page = browser(clerk).post(f"/desk/polls/{poll.slug}/paper/pack/", data).content.decode()
    orders = set()
    for sheet in page.split('class="sheet"')[1:]:
        code = next(iter(printed(sheet).values()))[0]
        keying = browser(keyers[0]).post(f"/desk/polls/{poll.slug}/paper/key/", {"code": code}).content.decode()
        on_sheet = re.findall(r"选项\d号", sheet)
        assert re.findall(r"选项\d号", keying) == on_sheet
        orders.add(tuple(on_sheet))
    assert len(orders) > 1


def test_a_third_person_settles_and_nobody_else(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    number = slips[0].number
    settle = lambda who, content=PARK: paper.settle(poll=poll, actor=who, number=number, content=content, at=AT)  # noqa: E731
    assert refused(lambda: settle(keyers[2])) == "not-different"
    assert key_twice(poll, slips[0], keyers, PARK, ROAD) == Reading.DIFFERS
    assert not BoxBallot.objects.exists()
    for keyer in keyers[:2]:
        assert refused(lambda who=keyer: settle(who)) == "one-of-the-two"
    third = lambda: paper.key(poll=poll, actor=keyers[2], code=slips[0].code, content=PARK, at=AT)  # noqa: E731
    assert refused(third) == "to-be-settled"
    settle(keyers[2])
    assert BoxBallot.objects.get().content == '{"choices":["park"]}'
    assert refused(lambda: settle(keyers[2])) == "not-different"
    assert faults() == []


def test_a_third_person_may_find_the_slip_invalid(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    key_twice(poll, slips[0], keyers, PARK, None)
    paper.settle(poll=poll, actor=keyers[2], number=slips[0].number, content=None, at=AT)
    assert not BoxBallot.objects.exists()
    assert faults() == []


def test_no_more_paper_ballots_than_people_marked_for_paper(ready: Any, clerk: Person, keyers: list[Person]) -> None:
    poll, slips = ready
    more = pack(poll, clerk, 1)
    for slip in slips:
        key_twice(poll, slip, keyers)
    assert refused(lambda: key_twice(poll, more[0], keyers)) == "more-than-handed-out"
    assert BoxBallot.objects.count() == 3
    with transaction.atomic():
        casting.drop(poll=poll, ballot=b'{"choices":["park"]}', at=AT, group="paper")
    assert any("4 paper ballots in the box, 3 people" in fault for fault in faults())
    assert any("never keyed" in fault for fault in faults())


def test_prove_finds_a_slip_that_is_not_in_the_box_as_keyed(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    slip = PaperSlip.objects.get(number=slips[0].number)
    for turn, keyer in enumerate(keyers[:2], start=1):
        PaperKeying.objects.create(
            poll=poll.pk, slip=slip.pk, turn=turn, content='{"choices":["park"]}', keyed_by=keyer
        )
    assert any("1 slips were keyed" in fault for fault in faults())
    with pytest.raises(SystemExit):
        call_command("prove")


def test_paper_is_keyed_after_voting_until_the_box_is_sealed(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    assert key_twice(poll, slips[0], keyers, at=LATER - SECOND) == Reading.AGREED
    paper.key(poll=poll, actor=keyers[0], code=slips[1].code, content=PARK, at=LATER - SECOND)
    finish(poll, at=LATER)
    late = lambda: paper.key(poll=poll, actor=keyers[1], code=slips[1].code, content=PARK, at=LATER - SECOND)  # noqa: E731
    assert refused(late) == "paper-is-over"
    assert poll.ballot_count == 1


def test_who_took_paper_is_offered_no_change_on_the_site(ready: Any) -> None:
    poll, _slips = ready
    page = browser(RollMark.objects.all()[0].person).get(poll.get_absolute_url()).content.decode()
    assert "您投的是纸质选票" in page
    assert 'name="receipt"' not in page


def test_who_looks_for_a_paper_ballot_reads_why_it_may_not_be_there_yet(ready: Any) -> None:
    poll, slips = ready
    reader = Client(headers={"accept-language": "zh-CN"})
    page = reader.post(f"{poll.get_absolute_url()}receipt/", {"receipt": slips[0].receipt}).content.decode()
    assert "如果是纸质选票" in page


def test_the_voters_part_looks_the_ballot_up_and_changes_nothing(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    voter = RollMark.objects.all()[0].person
    assert look_up(poll=poll, receipt=slips[0].receipt).standing == "unknown"
    key_twice(poll, slips[0], keyers)
    assert look_up(poll=poll, receipt=slips[0].receipt).standing == "waiting"
    assert look_up(poll=poll, receipt=slips[0].code).standing == "unknown"
    changed = lambda: replace(poll=poll, person=voter, receipt=slips[0].receipt, content=ROAD, at=AT)  # noqa: E731
    assert refused(changed) == "paper-stays"
    finish(poll, at=LATER)
    assert look_up(poll=poll, receipt=slips[0].receipt).standing == "counted"
    assert outcome(poll)["totals"] == {"park": 1, "road": 0, "bus": 0}
    assert faults() == []


def test_people_without_the_power_neither_hand_out_nor_key(ready: Any, county: County) -> None:
    poll, slips = ready
    other = county.approver
    assert refused(lambda: paper.key(poll=poll, actor=other, code=slips[0].code, content=PARK, at=AT)) == "no-mandate"
    assert refused(lambda: hand_out(poll, [county.resident], other)) == "no-mandate"


FORBIDDEN = [
    'UPDATE "ballot_box"."slip" SET code_hash = token_hash',
    'DELETE FROM "ballot_box"."slip"',
    'UPDATE "ballot_box"."keying" SET content = \'\'',
    'DELETE FROM "ballot_box"."keying"',
    'INSERT INTO "ballot_box"."keying" SELECT * FROM "ballot_box"."keying"',
]


def refusals(statements: list[str]) -> Iterator[str]:
    for statement in statements:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError as error:
            if "append-only" in str(error) or "keyed_in_time" in str(error):
                yield statement


def test_the_database_changes_no_slip_and_no_keying_and_takes_none_after_sealing(
    ready: Any, keyers: list[Person]
) -> None:
    poll, slips = ready
    key_twice(poll, slips[0], keyers)
    assert list(refusals(FORBIDDEN[:4])) == FORBIDDEN[:4]
    finish(poll, at=LATER)
    assert list(refusals(FORBIDDEN)) == FORBIDDEN


def test_a_person_is_told_how_many_slips_they_keyed(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    key_twice(poll, slips[0], keyers)
    records = list(personal.records(personal.section("paper-ballots"), keyers[0]))
    assert [fact.value for fact in records[0].facts] == [str(poll), 1]
