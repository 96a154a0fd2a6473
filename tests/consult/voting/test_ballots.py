"""What can go wrong between choosing and the receipt: a clear sentence each, nothing lost, nothing half stored."""

import re
from typing import Any

import pytest
from django.test import Client

from civic.core import clock
from civic.people.models import Person
from consult.voting import domain
from consult.voting.casting import cast
from consult.voting.domain import ChoicePlan
from consult.voting.models import BoxBallot, RollMark
from tests.consult.conftest import AT, County
from tests.consult.voting.conftest import CLOSES, Drafter
from tests.consult.voting.test_pages import check, hidden

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]

MANY = tuple(ChoicePlan(f"c{number}", f"第{number}处", f"Place {number}", cost=10 * number) for number in range(1, 8))


def nothing_stored() -> bool:
    return not BoxBallot.objects.exists() and not RollMark.objects.exists()


def read_back(voter: Client, poll: Any, data: dict[str, Any]) -> dict[str, list[str]]:
    return hidden(check(voter, poll, data).content.decode())


def test_an_overspent_budget_says_by_how_much(voter: Client, open_poll: Drafter) -> None:
    counting = {"budget": 100, "ballot_within_budget": True}
    poll = open_poll(method="greedy-skip", counting=counting, choices=MANY)
    answer = check(voter, poll, {"choice": ["c5", "c7"]})
    assert answer.status_code == 422
    assert "20 yuan more" in answer.content.decode()
    assert nothing_stored()


def test_two_first_places_are_named(voter: Client, open_poll: Drafter) -> None:
    answer = check(voter, open_poll(method="irv"), {"at-park": "1", "at-road": "1"})
    assert answer.status_code == 422
    assert "A park, A road have the same number" in answer.content.decode()
    assert nothing_stored()


def test_names_in_a_row_are_parted_as_chinese_parts_them(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(method="irv")
    voter.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert "修公园、修道路标了同一个号" in check(voter, poll, {"at-park": "1", "at-road": "1"}).content.decode()
    assert "这张票没有给：" in (page := check(voter, poll, {"at-bus": "1"}).content.decode())
    assert re.search("修(公园|道路)、修(公园|道路)", page)


def test_a_ballot_that_waits_is_told_that_closing_ends_the_waiting(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll()
    code = re.search(r'class="code">([^<]+)<', check(voter, poll, {"choice": "park"}, cast="1").content.decode())
    assert code
    found = voter.post(f"{poll.get_absolute_url()}receipt/", {"receipt": code[1]}).content.decode()
    assert "at least 19 others, or with all that wait when voting ends" in found


@pytest.mark.parametrize(
    ("method", "data", "says"),
    [
        ("choose", {"choice": "moon"}, "cannot be chosen here"),
        ("score", {"at-park": "9"}, "outside the scale"),
        ("irv", {"at-park": "x"}, "cannot be chosen here"),
    ],
)
def test_something_that_is_not_on_the_paper_is_told(
    method: str, data: dict[str, Any], says: str, voter: Client, open_poll: Drafter
) -> None:
    answer = check(voter, open_poll(method=method), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert nothing_stored()


def test_the_same_form_sent_twice_is_answered_with_its_receipt_and_without_the_choice(
    voter: Client, open_poll: Drafter
) -> None:
    poll = open_poll()
    form = read_back(voter, poll, {"choice": "park"})
    first = re.search(r'class="code">([^<]+)<', check(voter, poll, form, cast="1").content.decode())
    again = check(voter, poll, form, cast="1")
    assert again.status_code == 409
    page = again.content.decode()
    assert first
    assert first[1] in page
    assert "taken already" in page
    assert "A park" not in page
    assert 'value="park"' not in page
    assert (BoxBallot.objects.count(), RollMark.objects.count()) == (1, 1)


def test_another_form_is_told_that_a_ballot_was_taken_and_shown_no_receipt(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll()
    other = read_back(voter, poll, {"choice": "road"})
    check(voter, poll, {"choice": "park"}, cast="1")
    answer = check(voter, poll, other, cast="1")
    assert answer.status_code == 409
    assert 'class="code"' not in answer.content.decode()
    assert "A road" not in answer.content.decode()
    assert BoxBallot.objects.count() == 1


def test_nobody_casts_with_a_receipt_of_their_own_making_or_of_somebody_else(
    voter: Client, open_poll: Drafter, county: County
) -> None:
    poll = open_poll()
    form = read_back(voter, poll, {"choice": "park"})
    neighbour = Client()
    neighbour.force_login(county.neighbour)
    page = check(neighbour, poll, form, cast="1").content.decode()
    made = re.search(r'class="code">([^<]+)<', page)
    mine = re.search(r'class="code">([^<]+)<', check(voter, poll, form, cast="1").content.decode())
    assert made
    assert mine
    assert made[1] != mine[1]


def test_a_form_left_open_beyond_closing_is_refused_with_what_was_chosen(
    voter: Client, open_poll: Drafter, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = open_poll()
    form = read_back(voter, poll, {"choice": "park"})
    monkeypatch.setattr(clock, "now", lambda: CLOSES)
    answer = check(voter, poll, form, cast="1")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Voting ended on" in page
    assert "not marked as having voted" in page
    assert "A park" in page
    assert "no-store" in answer["Cache-Control"]
    assert nothing_stored()


def test_a_change_that_comes_too_late_is_told_that_the_first_ballot_stays(
    voter: Client, open_poll: Drafter, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = open_poll()
    receipt = cast(poll=poll, person=county.resident, content={"choices": ["park"]}, at=AT)
    form = read_back(voter, poll, {"choice": "road", "receipt": receipt.shown})
    monkeypatch.setattr(clock, "now", lambda: CLOSES)
    page = check(voter, poll, form, cast="1").content.decode()
    assert "the ballot you cast before is as it was" in page
    assert "not marked as having voted" not in page


@pytest.mark.parametrize("may", [True, False])
def test_only_where_a_ballot_can_be_changed_is_it_offered(may: bool, voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(may_replace=may)
    pages = [voter.get(poll.get_absolute_url()), check(voter, poll, {"choice": "park"}, cast="1")]
    assert ["Vote again at home" in page.content.decode() for page in pages] == [may, may]


@pytest.mark.parametrize("ballot", ["[" * 20_000, '{"choices": ["\\ud800"]}', "[]", "7", ""])
def test_a_file_of_no_ballot_breaks_nothing(ballot: str, voter: Client, open_poll: Drafter) -> None:
    sent = {"receipt": "0000-0000-0000-0000", "ballot": ballot, "nonce": "n", "commitment": "c"}
    answer = voter.post(f"{open_poll().get_absolute_url()}receipt/file/", sent)
    assert answer.status_code in {200, 302}


def test_a_poll_withdrawn_meanwhile_says_why(voter: Client, open_poll: Drafter, clerk: Person) -> None:
    poll = open_poll()
    form = read_back(voter, poll, {"choice": "park"})
    domain.withdraw(poll=poll, actor=clerk, note="地块另有安排", at=AT)
    answer = check(voter, poll, form, cast="1")
    assert answer.status_code == 403
    assert "地块另有安排" in answer.content.decode()
    assert nothing_stored()


def test_what_was_chosen_survives_a_sign_in_in_the_voters_own_browser(
    voter: Client, open_poll: Drafter, county: County
) -> None:
    poll = open_poll()
    form = read_back(voter, poll, {"choice": "park"})
    voter.cookies.pop("sessionid")
    sent_away = check(voter, poll, form, cast="1")
    assert sent_away.status_code == 302
    kept = voter.cookies[f"gongyi_paper_{poll.pk}"]
    assert "park" not in kept.value
    assert kept["httponly"]
    assert kept["path"] == poll.get_absolute_url()
    assert nothing_stored()
    voter.force_login(county.resident)
    back = voter.get(poll.get_absolute_url())
    page = back.content.decode()
    assert "no-store" in back["Cache-Control"]
    assert "still ticked" in page
    assert re.search(r'value="park" checked', page)
    assert not voter.cookies[f"gongyi_paper_{poll.pk}"].value
    assert nothing_stored()


def test_somebody_else_signing_in_at_the_same_machine_gets_nothing_of_it(
    voter: Client, open_poll: Drafter, county: County
) -> None:
    poll = open_poll()
    form = read_back(voter, poll, {"choice": "park"})
    voter.cookies.pop("sessionid")
    check(voter, poll, form, cast="1")
    voter.force_login(county.neighbour)
    page = voter.get(poll.get_absolute_url()).content.decode()
    assert " checked" not in page
    assert "choose once more" in page


@pytest.mark.parametrize(("method", "is_long"), [("choose", False), ("irv", True)])
def test_in_elder_mode_no_paper_fills_more_than_a_view(
    voter: Client, open_poll: Drafter, method: str, is_long: bool
) -> None:
    """Three choices to tap are three things; three rows of ranks are nine buttons and more."""
    poll = open_poll(method=method)
    voter.cookies["gongyi_elder"] = "1"
    page = voter.get(f"/polls/{poll.slug}/", headers={"accept-language": "en"}).content.decode()
    assert ('value="next"' in page) is is_long
    assert "<summary>What this does not stop</summary><p>Somebody at your elbow" in page
    assert "<summary>Rules</summary>" in page
    voter.cookies["gongyi_elder"] = "0"
    plain = voter.get(f"/polls/{poll.slug}/", headers={"accept-language": "en"}).content.decode()
    assert "What this does not stop: </b>Somebody at your elbow" in plain


def test_a_paper_of_many_choices_is_read_one_by_one_in_elder_mode(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(method="approval", choices=MANY)
    assert "one by one" not in voter.get(poll.get_absolute_url()).content.decode()
    voter.cookies["gongyi_elder"] = "1"
    page = voter.get(poll.get_absolute_url()).content.decode()
    assert "one by one" in page
    assert 'type="checkbox"' not in page
    assert 'type="checkbox"' in voter.get(f"{poll.get_absolute_url()}?paper=all").content.decode()
    seen, sent = [], dict[str, Any](holder="x", go="next")
    for number in range(1, len(MANY) + 1):
        answer = check(voter, poll, sent)
        assert answer.status_code == 200
        shown = answer.content.decode()
        assert f"Choice {number} of 7" in shown
        mine = re.search(r'type="checkbox" name="choice" value="([^"]+)"', shown)
        assert mine
        seen.append(mine[1])
        sent = dict(hidden(shown), go="next")
        if mine[1] in {"c2", "c6"}:
            sent["choice"] = [*sent.get("choice", []), mine[1]]
    assert sorted(seen) == [choice.key for choice in MANY]
    sent.pop("go")
    assert hidden(check(voter, poll, sent).content.decode())["choice"] == [
        key for key in seen if key in {"c2", "c6"}
    ] or sorted(hidden(check(voter, poll, sent).content.decode())["choice"]) == ["c2", "c6"]
    assert nothing_stored()


@pytest.mark.parametrize("where", ["-1", "99", "x", "９", ""])
def test_reading_one_by_one_goes_on_wherever_it_is_told_to(where: str, voter: Client, open_poll: Drafter) -> None:
    poll = open_poll(method="irv", choices=MANY)
    assert check(voter, poll, {"go": "next", "at": where, "at-c1": "1"}).status_code == 200


def test_each_voter_has_an_order_of_their_own_and_keeps_it(voter: Client, open_poll: Drafter, county: County) -> None:
    poll = open_poll(choices=MANY)

    def order(client: Client) -> list[str]:
        return re.findall(
            r'name="choice" id="[^"]+" value="([^"]+)"', client.get(poll.get_absolute_url()).content.decode()
        )

    other = Client()
    other.force_login(county.neighbour)
    assert order(voter) == order(voter)
    assert sorted(order(voter)) == sorted(order(other))
    assert order(voter) != order(other)


def test_a_receipt_is_saved_alone_without_the_choice(voter: Client, open_poll: Drafter) -> None:
    poll = open_poll()
    page = check(voter, poll, {"choice": "park"}, cast="1").content.decode()
    code = re.search(r'class="code">([^<]+)<', page)
    assert code
    assert len(re.findall(r"<li>(?:<span>\w</span> ){4}</li>", page)) == 4
    saved = voter.post(f"{poll.get_absolute_url()}receipt/file/", {"receipt": code[1], "alone": "1"})
    assert "attachment" in saved["Content-Disposition"]
    assert code[1] in saved.content.decode()
    assert "park" not in saved.content.decode()
