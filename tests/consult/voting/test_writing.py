"""A sitting at a station on its pages: find, agree, write, read back, cast, hand over; and nothing afterwards."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from civic.audit.models import Entry
from civic.audit.reads import READ
from civic.core import clock
from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.people.models import Person
from consult.voting import assisted, domain, listing
from consult.voting.casting import NOT_VOTED, UNKNOWN_RECEIPT, cast, replace
from consult.voting.models import BoxBallot, Poll, RollMark
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import AT, DAY, County, person
from tests.consult.voting.conftest import CLOSES, Drafter
from tests.consult.voting.test_desk import NEW, data, desk
from tests.consult.voting.test_pages import hidden
from tests.consult.voting.test_points import POINTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]

__all__ = ["data", "desk"]


@pytest.fixture
def helper(county: County) -> Person:
    made = person("小周", county.here)
    may_write(made, county)
    return made


@pytest.fixture
def station(client: Client, helper: Person) -> Client:
    """The helper's browser."""
    client.force_login(helper)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def may_write(who: Person, county: County) -> None:
    found(
        holder=Holder(person=who), action="consult:poll:write-for", scope=Scope(place=county.place),
        window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
    )  # fmt: skip


def at(poll: Poll) -> str:
    return f"/desk/polls/{poll.slug}/write-for/"


def send(station: Client, poll: Poll, form: dict[str, Any], **more: str) -> Any:
    return station.post(at(poll), form | more)


def seat(station: Client, poll: Poll, voter: Person) -> dict[str, Any]:
    """Find a voter and hear that they agree; return what the ballot page carries."""
    consent = send(station, poll, {"who": voter.email or ""})
    assert consent.status_code == 200, consent.content.decode()
    return hidden(send(station, poll, hidden(consent.content.decode()), agree="1").content.decode())


def nothing_stored() -> bool:
    return not BoxBallot.objects.exists() and not RollMark.objects.exists()


def test_a_sitting_goes_from_finding_to_the_receipt(
    station: Client, open_poll: Drafter, county: County, helper: Person
) -> None:
    poll, voter = open_poll(), county.resident
    assert poll.slug in station.get("/desk/writing-for/").content.decode()
    assert "Find on the roll" in station.get(at(poll)).content.decode()
    consent = send(station, poll, {"who": voter.email or ""})
    assert consent.status_code == 200
    assert "no-store" in consent["Cache-Control"]
    page = consent.content.decode()
    assert f"May {helper.public_name} write your ballot?" in page
    assert 'name="choice"' not in page
    paper = send(station, poll, hidden(page), agree="1").content.decode()
    assert 'data-mode="elder"' in paper
    assert 'value="park"' in paper
    back = send(station, poll, hidden(paper), choice="road")
    assert "A road" in back.content.decode()
    assert nothing_stored()
    done = send(station, poll, hidden(back.content.decode()), cast="1")
    assert done.status_code == 200
    said = done.content.decode()
    assert re.search(r'class="code">[0-9A-Z-]{19}<', said)
    assert "A road" not in said
    assert "road" not in said
    mark = RollMark.objects.get()
    assert (mark.person_id, mark.channel, mark.assisted) == (voter.pk, "station", True)
    assert mark.voted_on == timezone.localtime(AT).date()
    assert (BoxBallot.objects.get().group, BoxBallot.objects.get().content) == ("assisted", '{"choices":["road"]}')


def test_looking_somebody_up_is_on_the_record_they_see_and_casting_leaves_nothing(
    station: Client, open_poll: Drafter, county: County, helper: Person
) -> None:
    poll = open_poll()
    form = seat(station, poll, county.resident)
    [look] = Entry.objects.about(county.resident).filter(type=READ)
    assert (look.actor_id, look.facts["purpose"], look.facts["about_id"]) == (helper.pk, "write-for", str(poll.pk))
    entries = Entry.objects.count()
    back = send(station, poll, form, choice="park").content.decode()
    send(station, poll, hidden(back), cast="1")
    assert Entry.objects.count() == entries


def test_the_last_page_sent_twice_brings_the_receipt_and_no_page_ever_the_choice(
    station: Client, open_poll: Drafter, county: County
) -> None:
    poll = open_poll()
    form = seat(station, poll, county.resident)
    last = hidden(send(station, poll, form, choice="road").content.decode())
    code = re.search(r'class="code">([^<]+)<', send(station, poll, last, cast="1").content.decode())
    again = send(station, poll, last, cast="1")
    assert again.status_code == 409
    assert code
    assert code[1] in again.content.decode()
    assert "road" not in again.content.decode()
    # Going back in the browser sends the earlier pages anew.
    for sent in (last, form | {"choice": "road"}, last | {"change": "1"}, form):
        answer = send(station, poll, sent)
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "has voted already" in page
        assert "road" not in page
        assert 'class="code"' not in page
    assert BoxBallot.objects.count() == 1


def test_only_what_was_read_back_is_cast(station: Client, open_poll: Drafter, county: County) -> None:
    poll = open_poll()
    form = seat(station, poll, county.resident)
    last = hidden(send(station, poll, form, choice="road").content.decode())
    for wrong in (last | {"choice": "park"}, last | {"proof": "x"}, form | {"choice": "park"}):
        answer = send(station, poll, wrong, cast="1")
        assert "Is this your ballot?" in answer.content.decode()
        assert nothing_stored()


def test_a_ballot_can_be_changed_before_it_is_cast_and_faults_keep_it(
    station: Client, open_poll: Drafter, county: County
) -> None:
    poll = open_poll()
    form = seat(station, poll, county.resident)
    last = hidden(send(station, poll, form, choice="road").content.decode())
    assert re.search(r'value="road" checked', send(station, poll, last, change="1").content.decode())
    empty = send(station, poll, form)
    assert empty.status_code == 422
    assert "Nothing is chosen" in empty.content.decode()
    assert "a blank ballot" in send(station, poll, form, blank="1").content.decode()


def test_points_are_written_for_somebody_too(station: Client, open_poll: Drafter, county: County) -> None:
    poll = open_poll(**POINTS)
    form = seat(station, poll, county.resident)
    assert send(station, poll, form | {"at-park": "12"}).status_code == 422
    back = send(station, poll, form | {"at-park": "4", "at-bus": "6"}).content.decode()
    send(station, poll, hidden(back), cast="1")
    assert BoxBallot.objects.get().content == '{"scores":{"bus":6,"park":4}}'


def test_who_has_voted_or_is_not_on_the_roll_is_told_at_once(
    station: Client, open_poll: Drafter, county: County, helper: Person
) -> None:
    poll = open_poll()
    cast(poll=poll, person=county.resident, content={"choices": ["park"]}, at=AT)
    answers = {
        county.resident.email: "has voted already",
        county.stranger.email: "not on the roll",
        helper.email: "Nobody writes a ballot for themselves",
        "nobody@test.example": "Nobody here has this address",
    }
    for who, says in answers.items():
        answer = send(station, poll, {"who": who or ""})
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert BoxBallot.objects.count() == 1


def test_nobody_votes_twice_by_sitting_down_while_voting_at_home(
    station: Client, open_poll: Drafter, county: County
) -> None:
    poll = open_poll()
    form = seat(station, poll, county.resident)
    last = hidden(send(station, poll, form, choice="road").content.decode())
    cast(poll=poll, person=county.resident, content={"choices": ["park"]}, at=AT)
    answer = send(station, poll, last, cast="1")
    assert answer.status_code == 409
    assert 'class="code"' not in answer.content.decode()
    assert BoxBallot.objects.get().group == "web"


def test_pages_of_one_sitting_open_nothing_in_another(
    station: Client, open_poll: Drafter, county: County, helper: Person
) -> None:
    poll = open_poll()
    form = seat(station, poll, county.resident)
    other = person("other-helper", county.here)
    may_write(other, county)
    colleague = Client()
    colleague.force_login(other)
    assert colleague.post(at(poll), form).status_code == 404
    assert send(station, poll, {"ticket": "forged"}).status_code == 404
    assert send(station, open_poll(slug="another"), form).status_code == 404


def test_somebody_who_sits_too_long_is_looked_up_anew(
    station: Client, open_poll: Drafter, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = open_poll()
    form = seat(station, poll, county.resident)
    monkeypatch.setattr("consult.voting.views.writing.LASTS", -1)
    answer = send(station, poll, form, choice="road")
    assert answer.status_code == 422
    assert "longer than twenty minutes" in answer.content.decode()
    assert nothing_stored()


def test_a_closed_poll_and_one_where_everybody_votes_alone_take_nothing_here(
    station: Client, open_poll: Drafter, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = open_poll(slug="alone", roll_rule={"kind": "residents", "place": county.place.code, "level": 1, "alone": True})  # fmt: skip
    answer = station.get(at(alone))
    assert answer.status_code == 403
    assert "everybody marks their ballot alone" in answer.content.decode()
    poll = open_poll()
    form = seat(station, poll, county.resident)
    last = hidden(send(station, poll, form, choice="road").content.decode())
    monkeypatch.setattr(clock, "now", lambda: CLOSES)
    late = send(station, poll, last, cast="1")
    assert late.status_code == 403
    assert "Voting ended on" in late.content.decode()
    assert nothing_stored()


def test_who_runs_a_vote_writes_no_ballot_in_it(client: Client, open_poll: Drafter, county: County) -> None:
    poll = open_poll()
    may_write(county.official, county)
    client.force_login(county.official)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = client.get(at(poll))
    assert answer.status_code == 403
    assert "Whoever runs a vote" in answer.content.decode()


def test_one_helper_sits_down_with_so_many_people_and_then_another_goes_on(
    station: Client, open_poll: Drafter, county: County, voters: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = voters(2)
    poll = open_poll()
    monkeypatch.setattr(assisted, "MOST_BY_ONE", 1)
    assert send(station, poll, {"who": people[0].email}).status_code == 200
    assert send(station, poll, {"who": people[0].email}).status_code == 200
    answer = send(station, poll, {"who": people[1].email})
    assert answer.status_code == 409
    assert "somebody else goes on" in answer.content.decode()


def test_a_receipt_seen_at_the_table_replaces_nothing_for_the_helper(
    open_poll: Drafter, county: County, helper: Person
) -> None:
    poll = open_poll(roll_rule={"kind": "residents", "place": county.place.code, "level": 0})
    sitting = type("Beside", (), {"helper": helper, "voter": county.resident, "is_present": True, "is_read_back": True})
    given = assisted.write_for(poll=poll, sitting=sitting(), content={"choices": ["road"]}, at=AT)
    theft: dict[str, Any] = {"poll": poll, "receipt": given.code, "content": {"choices": ["park"]}, "at": AT}
    with pytest.raises(Refused) as refusal:
        replace(person=helper, **theft)
    assert refusal.value.reason == NOT_VOTED
    cast(poll=poll, person=helper, content={"choices": ["park"]}, at=AT)
    with pytest.raises(Refused) as refusal:
        replace(person=helper, **theft)
    assert refusal.value.reason == UNKNOWN_RECEIPT
    replace(person=county.resident, **theft)
    assert BoxBallot.objects.filter(group="assisted").count() == 2


def test_the_desk_says_whether_helpers_write(desk: Client, data: dict[str, Any]) -> None:
    assert desk.post(NEW, data | {"alone": "on"}).status_code == 302
    poll = Poll.objects.get()
    assert poll.everybody_alone
    assert "none is written for anybody" in desk.get("/desk/polls/lamps/").content.decode()
    assert re.search(r'name="alone"[^>]* checked', desk.get("/desk/polls/lamps/edit/").content.decode())
    assert desk.post("/desk/polls/lamps/edit/", data).status_code == 302
    assert not Poll.objects.get().everybody_alone
    assert "written by a helper" in desk.get("/desk/polls/lamps/").content.decode()


def test_bringing_a_list_in_keeps_that_everybody_votes_alone(draft: Drafter, clerk: Person) -> None:
    poll = draft(roll_rule={"kind": "list", "level": 0, "alone": True})
    listing.bring(poll=poll, actor=clerk, lines=listing.read(b"email\na@test.example\n"), at=AT - 2 * DAY)
    assert poll.everybody_alone
    assert domain.frozen_rules(poll)["roll"]["alone"] is True
