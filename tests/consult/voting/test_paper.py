"""Paper ballots: printed once, handed out to nobody in particular, keyed twice, settled by a third."""

import csv
import html
import io
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from civic.audit.models import Entry
from civic.core import clock, proofs
from civic.core.refusals import Refused, Unfit
from civic.people import personal
from civic.people.models import Person
from consult.voting import casting, paper, receipts, stores
from consult.voting.casting import cast, look_up, replace
from consult.voting.domain import ChoicePlan
from consult.voting.models import BoxBallot, BulletinEntry, PaperKeying, PaperPack, PaperSlip, Poll, RollMark
from consult.voting.paper import NewSlip, Reading
from tests.consult.conftest import AT, DAY, SECOND, County
from tests.consult.voting.conftest import CLOSES, OPENS, Drafter, finish

pytestmark = pytest.mark.django_db
PARK, ROAD = {"choices": ["park"]}, {"choices": ["road"]}
LATER = CLOSES + DAY
PROOFS = ("votes", "paper-ballots", "ballot-chains", "ballot-batches", "ballot-guards")


def faults() -> list[str]:
    return [fault for name in PROOFS for fault in proofs.faults(name)]


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def on_paper(open_poll: Drafter) -> Drafter:
    """Return a function that opens a poll whose paper ballots are keyed until a day after closing."""
    return lambda **fields: open_poll(**({"paper_until": LATER} | fields))


def pack(poll: Poll, clerk: Person, slips: int = 3) -> tuple[NewSlip, ...]:
    return paper.make_pack(poll=poll, actor=clerk, slips=slips, submission=uuid.uuid4(), at=AT).slips


def hand_out(poll: Poll, people: list[Person], keyer: Person) -> None:
    for each in people:
        paper.hand_out(poll=poll, person=each, actor=keyer, at=AT)


def key_twice(poll: Poll, slip: NewSlip, keyers: list[Person], *said: Any, at: Any = AT) -> Reading:
    for keyer, content in zip(keyers, said or (PARK, PARK), strict=False):
        reading = paper.key(poll=poll, actor=keyer, code=slip.code, content=content, at=at)
    return reading


def refused(deed: Any) -> str:
    try:
        deed()
    except (Refused, Unfit) as refusal:
        return refusal.reason.code
    pytest.fail("this was allowed")


def outcome(poll: Poll) -> Any:
    assert poll.result is not None
    return poll.result["outcome"]


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def printed(page: str) -> dict[int, tuple[str, str]]:
    """Read number, code and receipt off the sheets."""
    slips = re.findall(
        r'class="no">[^<]*?(\d{5})<.*?class="code">.*?<b>([^<]+)</b>.*?class="receipt">.*?<b>([^<]+)</b>',
        page,
        re.DOTALL,
    )
    return {int(number): (code, receipt) for number, code, receipt in slips}


def test_a_pack_goes_round_and_the_report_names_the_planted_mistakes(
    on_paper: Drafter, clerk: Person, keyers: list[Person], voters: Any
) -> None:
    people = voters(12)
    poll = on_paper()
    desk, (first, second, third) = browser(clerk), [browser(each) for each in keyers]
    at_desk = f"/desk/polls/{poll.slug}/paper/"
    page = desk.post(f"{at_desk}pack/", {"slips": "12", "per_sheet": "1", "submission": str(uuid.uuid4())})
    slips = printed(page.content.decode())
    assert len(slips) == 12
    for each in people:
        found = first.post(f"{at_desk}hand-out/", {"who": each.email})
        ticket = re.search(r'name="ticket" value="([^"]+)"', found.content.decode())
        assert ticket
        assert first.post(f"{at_desk}hand-out/", {"ticket": html.unescape(ticket[1])}).status_code == 302
    says = {number: ("park", "road", "bus")[n % 3] for n, number in enumerate(slips)}
    mistakes = set(list(slips)[:3])
    for number, (code, _receipt) in slips.items():
        assert first.post(f"{at_desk}key/", {"code": code}).status_code == 200
        kept = first.post(f"{at_desk}key/", {"code": code.lower(), "choice": says[number], "keep": "1"})
        assert kept.status_code == 302
        wrong = {"park": "road", "road": "bus", "bus": "park"}[says[number]]
        misread = wrong if number in mistakes else says[number]
        assert second.post(f"{at_desk}key/", {"code": code, "choice": misread, "keep": "1"}).status_code == 302
    table = desk.get(f"{at_desk}report.csv").content.decode("utf-8-sig")
    rows = {int(row["slip"]): row for row in csv.DictReader(io.StringIO(table))}
    assert set(rows) == mistakes
    titles = {"park": "修公园", "road": "修道路", "bus": "加公交"}
    for number in mistakes:
        assert rows[number]["first_keying"] == titles[says[number]]
        assert rows[number]["second_keying"] != rows[number]["first_keying"]
        assert rows[number]["settled_by"] == ""
    report = desk.get(f"{at_desk}report/").content.decode()
    assert {number for number in slips if f">{number}<" in report} == mistakes
    assert not any(each.public_name in report or each.email in report for each in people)
    waiting, by_hand = sorted(mistakes)[:2], sorted(mistakes)[2]
    for number in waiting:
        assert third.get(f"{at_desk}differences/{number}/").status_code == 200
        assert third.post(f"{at_desk}differences/{number}/", {"reading": "1"}).status_code == 302
    by_keying = {"choice": says[by_hand], "keep": "1"}
    assert third.post(f"{at_desk}differences/{by_hand}/", by_keying).status_code == 302
    assert keyers[2].public_name in desk.get(f"{at_desk}report.csv").content.decode()
    finish(poll, at=LATER)
    wanted = {key: sum(said == key for said in says.values()) for key in ("park", "road", "bus")}
    assert outcome(poll)["totals"] == wanted
    closed = BulletinEntry.objects.get(poll=poll, kind="closed").content
    assert closed["groups"] == {"paper": 12}
    assert closed["paper"] == {"without_ballot": 0, "invalid": 0}
    assert faults() == []
    desk.get(f"{at_desk}report/")


def test_slips_that_did_not_come_back_are_marks_without_ballots(
    on_paper: Drafter, clerk: Person, keyers: list[Person], voters: Any
) -> None:
    people = voters(5)
    poll = on_paper()
    slips = pack(poll, clerk, 6)
    hand_out(poll, people, keyers[0])
    assert key_twice(poll, slips[0], keyers) == Reading.AGREED
    assert key_twice(poll, slips[1], keyers, None, None) == Reading.AGREED
    assert key_twice(poll, slips[2], keyers, {"choices": []}, {"choices": []}) == Reading.AGREED
    assert key_twice(poll, slips[3], keyers, PARK, ROAD) == Reading.DIFFERS
    finish(poll, at=LATER)
    assert (poll.ballot_count, outcome(poll)["blank"], RollMark.objects.count()) == (2, 1, 5)
    closed = BulletinEntry.objects.get(poll=poll, kind="closed").content
    assert closed["paper"] == {"without_ballot": 3, "invalid": 1}
    assert faults() == []


def test_paper_and_web_are_counted_together(
    on_paper: Drafter, clerk: Person, keyers: list[Person], voters: Any
) -> None:
    people = voters(6)
    poll = on_paper()
    slip = pack(poll, clerk)[0]
    hand_out(poll, people[:1], keyers[0])
    for each in people[1:]:
        cast(poll=poll, person=each, content=ROAD, at=AT)
    key_twice(poll, slip, keyers, at=CLOSES)
    finish(poll, at=LATER)
    assert outcome(poll)["totals"] == {"park": 1, "road": 5, "bus": 0}
    assert faults() == []


def test_a_pack_is_shown_once_and_its_codes_are_kept_nowhere(on_paper: Drafter, clerk: Person) -> None:
    poll = on_paper()
    desk, url = browser(clerk), f"/desk/polls/{poll.slug}/paper/pack/"
    data = {"slips": "4", "per_sheet": "2", "submission": str(uuid.uuid4())}
    page = desk.post(url, data)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    slips = printed(page.content.decode())
    assert len(slips) == 4
    again = desk.post(url, data)
    assert again.status_code == 409
    assert PaperPack.objects.count() == 1
    assert desk.get(url).status_code == 302
    dump = "\n".join(map(repr, PaperSlip.objects.values_list()))
    for code, receipt in slips.values():
        for secret in (code, receipt):
            assert secret.replace("-", "") not in dump
            assert secret not in again.content.decode()
    entry = Entry.objects.get(type="consult:poll:pack-made")
    assert entry.facts == {"pack": 1, "slips": 4}


def test_the_order_of_printing_is_not_that_of_the_rows(on_paper: Drafter, clerk: Person) -> None:
    poll = on_paper()
    made = [slip.number for slip in pack(poll, clerk, 60)]
    assert made != sorted(made)
    for order in ("pk", "number", "code_hash", "token_hash"):
        assert list(PaperSlip.objects.order_by(order).values_list("number", flat=True)) != made


@pytest.mark.parametrize(
    ("data", "fault"),
    [({"slips": "0"}, "slips"), ({"slips": "501"}, "slips"), ({"slips": "x"}, "slips"), ({"per_sheet": "3"}, "per_sheet")],
)  # fmt: skip
def test_a_wrong_pack_is_told_and_nothing_is_made(
    data: dict[str, str], fault: str, on_paper: Drafter, clerk: Person
) -> None:
    poll = on_paper()
    right = {"slips": "4", "per_sheet": "1", "submission": str(uuid.uuid4())}
    answer = browser(clerk).post(f"/desk/polls/{poll.slug}/paper/pack/", right | data)
    assert answer.status_code == 422
    assert "data-errors" in answer.content.decode()
    assert not PaperPack.objects.exists()


def test_nothing_is_printed_before_the_box_is_set_up_or_after_voting(
    draft: Drafter, on_paper: Drafter, clerk: Person
) -> None:
    assert refused(lambda: pack(draft(slug="other"), clerk)) == "no-box-yet"
    poll = on_paper()
    late = lambda: paper.make_pack(poll=poll, actor=clerk, slips=1, submission=uuid.uuid4(), at=CLOSES)  # noqa: E731
    assert refused(late) == "poll-is-over"


def test_a_clerk_without_the_power_to_run_polls_prints_nothing(on_paper: Drafter, keyers: list[Person]) -> None:
    poll = on_paper()
    assert refused(lambda: pack(poll, keyers[0])) == "no-mandate"


# -- handing out --


def test_handing_out_writes_the_mark_and_the_look_and_nothing_else(
    on_paper: Drafter, clerk: Person, keyers: list[Person], county: County
) -> None:
    poll = on_paper()
    pack(poll, clerk)
    before = Entry.objects.count()
    lookup = {"email__iexact": county.resident.email}
    found = paper.find_voter(poll=poll, actor=keyers[0], lookup=lookup, at=AT)
    assert found == county.resident
    look = Entry.objects.latest("pk")
    assert look.facts["purpose"] == "paper-ballot"
    assert look.facts["about_id"] == str(poll.pk)
    hand_out(poll, [county.resident], keyers[0])
    assert Entry.objects.count() == before + 1
    mark = RollMark.objects.get()
    assert (mark.person, mark.channel, mark.assisted) == (county.resident, "paper", False)
    assert not PaperKeying.objects.exists()


def test_a_person_is_found_by_address_or_number_and_exactly(
    on_paper: Drafter, clerk: Person, keyers: list[Person], county: County
) -> None:
    poll = on_paper()
    pack(poll, clerk)
    county.resident.phone, county.resident.phone_verified = "+8613800000001", True
    county.resident.save()
    station, url = browser(keyers[0]), f"/desk/polls/{poll.slug}/paper/hand-out/"
    for known in (county.resident.email.upper(), "138 0000 0001", str(county.resident.number)):
        assert 'name="ticket"' in station.post(url, {"who": known}).content.decode()
    for unknown in ("resident@test", "1380000000", "13900000001", "nobody@test.example", str(uuid.uuid4()), ""):
        answer = station.post(url, {"who": unknown})
        assert answer.status_code == 422
        assert f'value="{unknown}"' in answer.content.decode() or not unknown


def test_who_is_not_on_the_roll_or_has_voted_gets_no_slip(
    on_paper: Drafter, clerk: Person, keyers: list[Person], county: County
) -> None:
    poll = on_paper()
    pack(poll, clerk)
    cast(poll=poll, person=county.resident, content=PARK, at=AT)
    give = lambda person: lambda: hand_out(poll, [person], keyers[0])  # noqa: E731
    assert refused(give(county.resident)) == "has-voted"
    assert refused(give(county.stranger)) == "not-on-roll"
    hand_out(poll, [county.neighbour], keyers[0])
    assert refused(give(county.neighbour)) == "has-voted"
    assert refused(lambda: cast(poll=poll, person=county.neighbour, content=PARK, at=AT)) == "already-voted"


def test_no_more_people_are_marked_than_there_are_slips(
    on_paper: Drafter, clerk: Person, keyers: list[Person], voters: Any
) -> None:
    people = voters(3)
    poll = on_paper()
    pack(poll, clerk, 2)
    assert refused(lambda: hand_out(poll, people, keyers[0])) == "no-slips-left"
    assert RollMark.objects.count() == 2


def test_nothing_is_handed_out_once_voting_has_ended(
    on_paper: Drafter, clerk: Person, keyers: list[Person], county: County
) -> None:
    poll = on_paper()
    pack(poll, clerk)
    late = lambda: paper.hand_out(poll=poll, person=county.resident, actor=keyers[0], at=CLOSES)  # noqa: E731
    assert refused(late) == "poll-is-over"


def test_only_who_looked_somebody_up_marks_them(
    on_paper: Drafter, clerk: Person, keyers: list[Person], county: County
) -> None:
    poll = on_paper()
    pack(poll, clerk)
    url = f"/desk/polls/{poll.slug}/paper/hand-out/"
    page = browser(keyers[0]).post(url, {"who": county.resident.email}).content.decode()
    ticket = html.unescape(re.search(r'name="ticket" value="([^"]+)"', page)[1])  # type: ignore[index]
    assert browser(keyers[1]).post(url, {"ticket": ticket}).status_code == 404
    assert browser(keyers[0]).post(url, {"ticket": f"{ticket}x"}).status_code == 422
    assert not RollMark.objects.exists()


# -- keying --


@pytest.fixture
def ready(on_paper: Drafter, clerk: Person, keyers: list[Person], voters: Any) -> tuple[Poll, tuple[NewSlip, ...]]:
    """Return a poll whose three slips are all handed out."""
    people = voters(3)
    poll = on_paper()
    slips = pack(poll, clerk, 3)
    hand_out(poll, people, keyers[0])
    return poll, slips


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


def test_the_voters_part_looks_the_ballot_up_and_replaces_it(ready: Any, keyers: list[Person]) -> None:
    poll, slips = ready
    voter = RollMark.objects.all()[0].person
    assert look_up(poll=poll, receipt=slips[0].receipt).standing == "unknown"
    key_twice(poll, slips[0], keyers)
    assert look_up(poll=poll, receipt=slips[0].receipt).standing == "waiting"
    assert look_up(poll=poll, receipt=slips[0].code).standing == "unknown"
    replace(poll=poll, person=voter, receipt=slips[0].receipt, content=ROAD, at=AT)
    finish(poll, at=LATER)
    assert look_up(poll=poll, receipt=slips[0].receipt).standing == "counted"
    assert outcome(poll)["totals"]["road"] == 1
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


def test_a_held_lock_is_no_row(ready: Any) -> None:
    """Only asked of PostgreSQL; on the embedded database there is one writer."""
    with transaction.atomic():
        stores.hold_paper(ready[0].pk)
