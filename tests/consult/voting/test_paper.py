"""Paper ballots: printed once, and handed out to nobody in particular."""

import csv
import html
import io
import re
import uuid
from typing import Any

import pytest

from civic.audit.models import Entry
from civic.people.models import Person
from consult.voting import paper
from consult.voting.casting import cast
from consult.voting.models import BulletinEntry, PaperPack, PaperSlip, RollMark
from consult.voting.paper import Reading
from tests.consult.conftest import AT, County
from tests.consult.voting.conftest import CLOSES, LATER, Drafter, faults, finish
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
from tests.consult.voting.test_secrecy import contents

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> set[str]:
    return {table.replace('"', "").split(".")[-1] for table, held in after.items() if held != before[table]}


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
    assert closed["paper"] == {"without_ballot": 3}
    assert faults() == []


@pytest.mark.parametrize(
    ("took", "invalid", "told"),
    [(4, 0, False), (12, 0, True), (12, 1, False), (12, 5, True), (12, 4, False)],
    ids=["few voted on paper", "none", "one", "enough", "nearly enough"],
)
def test_how_many_slips_were_invalid_is_told_where_it_singles_out_nobody(
    on_paper: Drafter, clerk: Person, keyers: list[Person], voters: Any, took: int, invalid: int, told: bool
) -> None:
    people, poll = voters(took), on_paper()
    slips = pack(poll, clerk, took)
    hand_out(poll, people, keyers[0])
    for number, slip in enumerate(slips):
        key_twice(poll, slip, keyers, *((None, None) if number < invalid else (PARK, PARK)))
    finish(poll, at=LATER)
    closed = BulletinEntry.objects.get(poll=poll, kind="closed").content
    assert closed["paper"] == {"without_ballot": invalid} | ({"invalid": invalid} if told else {})
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
    before = contents()
    found = paper.find_voter(poll=poll, actor=keyers[0], who=str(county.resident.email), at=AT)
    assert found == county.resident
    look = Entry.objects.latest("pk")
    assert look.facts["purpose"] == "paper-ballot"
    assert look.facts["about_id"] == str(poll.pk)
    looked = contents()
    hand_out(poll, [county.resident], keyers[0])
    after = contents()
    mark = RollMark.objects.get()
    assert (mark.person, mark.channel, mark.assisted) == (county.resident, "paper", False)
    assert changed(before, looked) == {"civic_audit_entry", "civic_audit_unsealed"}
    assert changed(looked, after) == {"mark"}


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
