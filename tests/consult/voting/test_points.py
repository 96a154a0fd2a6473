"""Budgets in which voters spread points: drafted at the desk, given without scripts, read back, counted and shown."""

import re
from typing import Any

import pytest
from django.test import Client

from civic.people.models import Person
from consult.voting import domain, paper
from consult.voting.casting import cast
from consult.voting.domain import ChoicePlan
from consult.voting.models import BoxBallot, Poll, RollMark
from tests.consult.conftest import AT
from tests.consult.voting.conftest import PROJECTS, Drafter, finish
from tests.consult.voting.test_desk import NEW, data, desk, rows
from tests.consult.voting.test_pages import check, hidden

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]

__all__ = ["data", "desk"]

POINTS = {"method": "greedy-skip", "counting": {"budget": 100_000, "points": 10}, "choices": PROJECTS}


def budget(data: dict[str, Any], **changes: str) -> dict[str, Any]:
    projects = rows({"title": "公园", "cost": "60"}, {"title": "道路", "cost": "50"})
    return data | projects | {"method": "greedy-skip", "budget": "100", "points": "10"} | changes


def test_the_desk_drafts_a_budget_in_points_and_reads_its_rules_through(desk: Client, data: dict[str, Any]) -> None:
    assert desk.post(NEW, budget(data)).status_code == 302
    poll = Poll.objects.get()
    assert (poll.counting["points"], poll.points, poll.counting_rules.points) == (10, 10, 10)
    page = desk.get("/desk/polls/lamps/").content.decode()
    assert "Every voter has 10 points" in page
    assert "As many choices on a ballot" not in page
    assert 'name="points" value="10"' in desk.get("/desk/polls/lamps/edit/").content.decode()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"points": "0"}, "id_points"),
        ({"points": "101"}, "id_points"),
        ({"max_choices": "2"}, "id_max_choices"),
        ({"ballot_within_budget": "on"}, "id_ballot_within_budget"),
    ],
)
def test_the_desk_says_what_does_not_go_with_points(
    change: dict[str, str], where: str, desk: Client, data: dict[str, Any]
) -> None:
    answer = desk.post(NEW, budget(data, **change))
    assert answer.status_code == 422
    assert where in answer.content.decode().split("data-errors", 1)[1].split("</ul>", 1)[0]


def test_other_ways_of_counting_know_no_points(desk: Client, data: dict[str, Any]) -> None:
    assert desk.post(NEW, data | {"points": "10"}).status_code == 302
    assert Poll.objects.get().points is None


def test_so_many_ways_to_spread_points_that_ballots_are_signatures_are_published_as_tables() -> None:
    assert domain.advised_grade("greedy-skip", 5, 10) == "public"
    assert domain.advised_grade("greedy-skip", 12, 20) == "auditor"


def test_points_are_typed_read_back_cast_and_counted(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(**POINTS)
    page = voter.get(poll.get_absolute_url()).content.decode()
    assert "You have 10 points to give" in page
    assert re.search(r'<label for="id_at-park">.*?<input type="text" inputmode="numeric"[^>]*id="id_at-park"', page)
    back = check(voter, poll, {"at-park": "7", "at-road": "", "at-bus": "３"}).content.decode()
    assert "A park: 7 points" in back
    assert "10 of 10 points given, 0 left" in back
    assert "Nothing from this ballot goes to: A road" in re.sub(r"\s+", " ", back)
    cast_page = check(voter, poll, hidden(back), cast="1").content.decode()
    assert BoxBallot.objects.get().content == '{"scores":{"bus":3,"park":7}}'
    slip = re.search(r'class="slip".*?</section>', cast_page, re.DOTALL)
    assert slip
    assert "park" not in slip[0]
    finish(poll)
    result = voter.get(f"{poll.get_absolute_url()}result/").content.decode()
    assert "every voter could give 10" in result
    assert "Wanted by" not in result


FAULTS: list[tuple[dict[str, str], str]] = [
    ({"at-park": "7", "at-road": "5"}, "You gave 12 points and have 10: take 2 away."),
    ({"at-park": "11"}, "A park: write a whole number from 0 to 10."),
    ({"at-park": "-1"}, "A park: write a whole number from 0 to 10."),
    ({"at-park": "two"}, "A park: write a whole number from 0 to 10."),
    ({"at-park": "2.5"}, "A park: write a whole number from 0 to 10."),
    ({"at-park": "0", "at-road": ""}, "Nothing is chosen."),
]


@pytest.mark.parametrize(("sent", "says"), FAULTS)
def test_a_fault_is_said_and_what_was_typed_is_kept(
    sent: dict[str, str], says: str, voter: Client, open_poll: Drafter
) -> None:
    answer = check(voter, open_poll(**POINTS), sent | {"at-bus": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert says in page
    for name, value in sent.items():
        assert re.search(rf'name="{name}"[^>]* value="{re.escape(value)}"', page)
    assert not BoxBallot.objects.exists()
    assert not RollMark.objects.exists()


def test_a_blank_ballot_gives_no_points(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(**POINTS)
    back = check(voter, poll, {"at-park": "7", "blank": "1"}).content.decode()
    assert "a blank ballot" in back
    check(voter, poll, hidden(back), cast="1")
    assert BoxBallot.objects.get().content == '{"scores":{}}'


def test_points_are_given_one_by_one_in_elder_mode(voter: Client, open_poll: Drafter) -> None:
    many = tuple(ChoicePlan(f"c{n}", f"第{n}处", f"Place {n}", cost=10) for n in range(1, 8))
    poll = open_poll(method="equal-shares", counting={"budget": 50, "points": 5}, choices=many)
    voter.cookies["gongyi_elder"] = "1"
    sent: dict[str, Any] = {"holder": "x", "go": "next"}
    for _number in many:
        shown = check(voter, poll, sent).content.decode()
        mine = re.search(r'<input type="text" inputmode="numeric"[^>]*name="(at-[^"]+)"', shown)
        assert mine
        sent = dict(hidden(shown), go="next")
        if mine[1] in {"at-c2", "at-c6"}:
            sent[mine[1]] = "2"
    sent.pop("go")
    assert "4 of 5 points given, 1 left" in check(voter, poll, sent).content.decode()


def test_points_are_keyed_from_paper(
    client: Client, open_poll: Drafter, keyers: list[Person], clerk: Person, voters: Any
) -> None:
    people = voters(1)
    poll = open_poll(question_en="What first?", **POINTS)
    client.force_login(clerk)
    pack = client.post(
        f"/desk/polls/{poll.slug}/paper/pack/",
        {"slips": "1", "per_sheet": "1", "submission": "5a0a1c8e-7d3c-4b57-9a53-0d1f3c9f4d10"},
    ).content.decode()
    assert "您有 10 分" in pack
    assert "不要写姓名" in pack
    assert "Write no name on it." in pack
    code = re.search(r'class="code"><span>[^<]*</span> <b>([^<]+)</b>', pack)
    assert code
    paper.hand_out(poll=poll, person=people[0], actor=keyers[0], at=AT)
    for keyer in keyers[:2]:
        client.force_login(keyer)
        assert "100,000" in client.post(f"/desk/polls/{poll.slug}/paper/key/", {"code": code[1]}).content.decode()
        answer = client.post(
            f"/desk/polls/{poll.slug}/paper/key/", {"code": code[1], "keep": "1", "at-park": "6", "at-bus": "4"}
        )
        assert answer.status_code == 302
    assert BoxBallot.objects.get().content == '{"scores":{"bus":4,"park":6}}'


def test_points_decide_where_ticks_would_not(open_poll: Drafter, voters: Any) -> None:
    people = voters(3)
    poll = open_poll(**POINTS)
    for each, given in zip(people, ({"park": 10}, {"road": 2, "bus": 1}, {"road": 2, "bus": 1}), strict=True):
        cast(poll=poll, person=each, content={"scores": given}, at=AT)
    finish(poll)
    assert poll.result is not None
    assert poll.result["outcome"]["totals"] == {"park": 10, "road": 4, "bus": 2}
    assert poll.result["outcome"]["winners"] == ["bus", "park"]
