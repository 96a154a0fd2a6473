"""The work list: what the powers open, first due first, in a constant number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civic.core import clock
from civic.core.clock import Window
from civic.policies.models import PolicyPage
from consult.consultations.models import Consultation
from consult.replies import domain as replies
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import DAY, County, Opener
from tests.consult.desk.conftest import Sent, said_in

CEILING = 20


def lines(client: Client, key: str) -> list[Any]:
    """Return the rows of one section."""
    sections = client.get("/desk/").context["sections"]
    return next(part["lines"] for part in sections if part["section"].key == key)


def test_what_waits_stands_first_in_the_bar(official: Client) -> None:
    bar = official.get("/desk/").content.decode().split('class="dnav"')[1].split("</nav>")[0]
    assert bar.split("<a ")[1].startswith('href="/desk/" aria-current="page"')


def test_a_page_belongs_to_the_desk_it_is_reached_from(official: Client) -> None:
    bar = official.get("/desk/open/").content.decode().split('class="dnav"')[1].split("</nav>")[0]
    assert 'href="/desk/consultations/" aria-current="page"' in bar
    assert bar.count("aria-current") == 1


def test_lists_with_something_in_them_come_before_empty_ones(
    county: County, approver: Client, running: Consultation, send: Sent
) -> None:
    send(running, said_in(running, county))
    totals = [part["total"] for part in approver.get("/desk/").context["sections"]]
    assert totals[0] == 1
    assert totals == sorted(totals, key=lambda total: not total)


def test_what_has_no_answer_waits_and_the_first_due_comes_first(
    county: County, official: Client, running: Consultation, over: Consultation
) -> None:
    said_in(running, county)
    said_in(over, county)
    assert [line["consultation"].slug for line in lines(official, "answer")] == ["over", "bus-lines"]


def test_contributions_in_an_unpublished_answer_are_counted_apart(
    county: County, official: Client, running: Consultation, send: Sent
) -> None:
    first = said_in(running, county)
    said_in(running, county, "还有早班车。")
    send(running, first)
    [line] = lines(official, "answer")
    assert (line["waiting"], line["in_hand"]) == (1, 1)


def test_ones_own_answers_do_not_wait_for_ones_own_approval(
    county: County, official: Client, approver: Client, running: Consultation, send: Sent
) -> None:
    send(running, said_in(running, county))
    send(running, said_in(running, county, "二"), author=county.approver)
    assert [line["reply"].author for line in lines(approver, "approve")] == [county.official]
    assert not [part for part in official.get("/desk/").context["sections"] if part["section"].key == "approve"]


def test_what_was_sent_back_lies_with_its_writer_and_says_why(
    county: County, official: Client, running: Consultation, send: Sent
) -> None:
    reply = send(running, said_in(running, county))
    replies.send_back(reply=reply, actor=county.approver, note="写明日期", at=clock.now())
    assert "写明日期" in official.get("/desk/").content.decode()


def test_what_is_over_and_answered_is_ready_to_close(official: Client, over: Consultation) -> None:
    assert [line["consultation"].slug for line in lines(official, "conclude")] == ["over"]


def test_the_staff_bar_counts_what_waits(county: County, official: Client, running: Consultation) -> None:
    said_in(running, county)
    assert 'aria-current="page">' in (page := official.get("/desk/").content.decode())
    assert "<b>1</b>" in page


def test_a_text_waits_for_whoever_may_approve_it_and_had_no_hand_in_it(
    county: County, official: Client, approver: Client, policy: PolicyPage
) -> None:
    for who in (county.official, county.approver):
        found(
            holder=Holder(person=who), action="civic:policy:publish", scope=Scope(body=county.bureau),
            window=Window(clock.now() - DAY, clock.now() + DAY), reason="test", at=clock.now() - DAY,
        )  # fmt: skip
    assert lines(approver, "policies") == []
    policy.save_revision(user=county.official)
    policy.get_workflow().start(policy, county.official)
    assert [line["policy"].pk for line in lines(approver, "policies")] == [policy.pk]
    assert "停车管理办法" in (page := approver.get("/desk/").content.decode())
    assert "<b>1</b>" in page
    assert lines(official, "policies") == []


@pytest.mark.parametrize("path", ["/desk/", "/desk/?show=answer", "/desk/consultations/"])
def test_thirty_rows_cost_as_many_queries_as_one(
    county: County, official: Client, open_consultation: Opener, path: str
) -> None:
    def another(number: int) -> None:
        said_in(open_consultation(opens_at=clock.now() - DAY, slug=f"c-{number}"), county)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert official.get(path).status_code == 200
        return len(queries)

    another(0)
    official.get(path)
    one = cost()
    for number in range(1, 30):
        another(number)
    assert cost() == one <= CEILING


def test_a_section_alone_is_paged(county: County, official: Client, open_consultation: Opener) -> None:
    for number in range(21):
        said_in(open_consultation(opens_at=clock.now() - DAY + timedelta(minutes=number), slug=f"c-{number}"), county)
    [part] = official.get("/desk/?show=answer&page=2").context["sections"]
    assert (len(part["lines"]), part["total"]) == (1, 21)
