"""Choosing, writing, approving: the answering page through HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from civic.core import clock
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.discussion.models import Contribution
from consult.replies import domain as replies
from consult.replies.models import Reply, ReplyItem
from consult.replies.states import State
from orgs.grants.models import Grant
from tests.consult.conftest import DAY, County
from tests.consult.desk.conftest import FIRST, SECOND, Sent, said_in

CEILING = 22


def words(*said: Contribution, **values: object) -> dict[str, Any]:
    """Return an answer as a browser sends it."""
    return {"outcome": "adopted", "text": "照办。", "c": [each.pk for each in said], "version": 0} | values


def new(consultation: Consultation) -> str:
    return reverse("desk-reply-new", args=[consultation.slug])


def page_of(consultation: Consultation) -> str:
    return reverse("desk-consultation", args=[consultation.slug])


def test_several_are_answered_together_and_sent(county: County, official: Client, running: Consultation) -> None:
    first, second = said_in(running, county), said_in(running, county, "二")
    response = official.post(new(running), words(first, second, then="send", sort="newest"))
    reply = Reply.objects.get()
    assert (response.status_code, reply.state, reply.items.count()) == (302, State.SUBMITTED, 2)
    assert response["Location"] == f"{page_of(running)}?sort=newest"


def test_what_is_part_of_an_answer_waits_no_longer(
    county: County, official: Client, running: Consultation, send: Sent
) -> None:
    send(running, said_in(running, county))
    left = said_in(running, county, "还在等")
    context = official.get(page_of(running)).context
    assert ([each.pk for each in context["rows"]], context["progress"].waiting) == ([left.pk], 1)


def test_the_filter_finds_by_clause_and_words(county: County, official: Client, running: Consultation) -> None:
    night = said_in(running, county, "夜里太贵", clause=SECOND)
    said_in(running, county, "半小时太短", clause=FIRST)
    whole = said_in(running, county, "总的还行")

    def shown(query: str) -> list[int]:
        return [each.pk for each in official.get(page_of(running) + query).context["rows"]]

    assert shown(f"?clause={SECOND}") == [night.pk]
    assert shown("?clause=whole") == [whole.pk]
    assert shown("?q=太贵") == [night.pk]
    assert len(shown("?clause=nonsense&sort=nonsense&page=x")) == 3
    assert len(shown("?q=%00")) == 3


def test_everything_the_filter_shows_is_answered_at_once(
    county: County, official: Client, running: Consultation
) -> None:
    for number in range(60):
        said_in(running, county, f"夜里 {number}", clause=SECOND)
    said_in(running, county, "别的", clause=FIRST)
    official.post(new(running), words(all="1", clause_shown=str(SECOND), clause=str(SECOND)))
    assert ReplyItem.objects.count() == 60


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "长" * 20_000}, "text"),
        ({"text": "看\u202e这里"}, "text"),
        ({"outcome": ""}, "outcome"),
        ({"outcome": "waiting"}, "outcome"),
        ({"outcome": "not"}, "reason"),
        ({"outcome": "partly", "reason": "  "}, "reason"),
        ({"clause": "99999999-9999-4999-8999-999999999999"}, "clause"),
        ({"clause": "x"}, "clause"),
        ({"new_text": "改成这样"}, "clause"),
        ({"c": []}, "__all__"),
        ({"c": ["x", "9" * 30]}, "__all__"),
    ],
)
def test_bad_input_comes_back_with_a_sentence_and_as_typed(
    county: County, official: Client, running: Consultation, sent: dict[str, Any], field: str
) -> None:
    said = said_in(running, county)
    response = official.post(new(running), words(said, **sent))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"]["text"].value() == sent.get("text", "照办。")
    if "c" not in sent:
        assert f'value="{said.pk}:{said.version}" id="c-{said.pk}" checked' in response.content.decode()
    assert not Reply.objects.exists()


def test_somebody_faster_is_named_and_the_words_stay(
    county: County, official: Client, running: Consultation, send: Sent
) -> None:
    said = said_in(running, county)
    send(running, said)
    response = official.post(new(running), words(said, text="我的话"))
    assert response.status_code == 409
    assert "我的话" in response.content.decode()


def test_words_taken_back_meanwhile_are_not_answered(county: County, official: Client, running: Consultation) -> None:
    said = said_in(running, county)
    discussion.take_back(contribution=said, person=county.resident, at=clock.now())
    assert official.post(new(running), words(said)).status_code == 409


def test_another_consultations_contribution_cannot_be_slipped_in(
    county: County, official: Client, running: Consultation, over: Consultation
) -> None:
    response = official.post(new(running), words(said_in(over, county)))
    assert (response.status_code, Reply.objects.count()) == (422, 0)


def test_two_tabs_do_not_overwrite_each_other(county: County, official: Client, running: Consultation) -> None:
    said = said_in(running, county)
    official.post(new(running), words(said))
    path = reverse("desk-reply", args=[Reply.objects.get().pk])
    official.post(path, words(said, version=1, text="第一个窗口"))
    response = official.post(path, words(said, version=1, text="第二个窗口"))
    assert (response.status_code, Reply.objects.get().text) == (409, "第一个窗口")


def test_a_draft_can_let_one_go_and_be_thrown_away(county: County, official: Client, running: Consultation) -> None:
    first, second = said_in(running, county), said_in(running, county, "二")
    official.post(new(running), words(first, second))
    reply = Reply.objects.get()
    official.post(reverse("desk-reply", args=[reply.pk]), words(first, version=1))
    assert list(reply.items.values_list("contribution", flat=True)) == [first.pk]
    official.post(reverse("desk-reply-drop", args=[reply.pk]))
    assert not Reply.objects.exists()


def test_the_second_person_publishes_what_they_read(
    county: County, approver: Client, over: Consultation, send: Sent
) -> None:
    reply = send(over, said_in(over, county))
    page = approver.get(reverse("desk-reply", args=[reply.pk]))
    assert page.context["may_publish"]
    response = approver.post(reverse("desk-reply-approve", args=[reply.pk]), {"version": reply.version})
    reply.refresh_from_db()
    over.refresh_from_db()
    assert (response.status_code, reply.state, over.answered_count) == (302, State.PUBLISHED, 1)


def test_words_changed_since_they_were_read_are_not_published(
    county: County, approver: Client, over: Consultation, send: Sent
) -> None:
    said = said_in(over, county)
    reply = send(over, said)
    replies.send_back(reply=reply, actor=county.approver, note="改", at=clock.now())
    replies.save_draft(
        actor=county.official, consultation=over, contributions=[said], outcome="adopted", text="改过",
        version=1, reply=reply, send=True, at=clock.now(),
    )  # fmt: skip
    response = approver.post(reverse("desk-reply-approve", args=[reply.pk]), {"version": 1})
    reply.refresh_from_db()
    assert (response.status_code, reply.state) == (409, State.SUBMITTED)


def test_words_changed_while_the_answer_was_written_count_as_changed(
    county: County, official: Client, running: Consultation
) -> None:
    said = said_in(running, county)
    shown = f"{said.pk}:{said.version}"
    assert f'value="{shown}"' in official.get(page_of(running)).content.decode()
    Contribution.objects.filter(pk=said.pk).update(text="改了主意。", version=said.version + 1)

    official.post(new(running), words(c=[shown]))

    reply = Reply.objects.get()
    page = official.get(reverse("desk-reply", args=[reply.pk]))
    assert [each.changed_since for each in page.context["chosen"]] == [True]
    official.post(reverse("desk-reply", args=[reply.pk]), words(c=[f"{said.pk}:{said.version + 1}"], version=1))
    assert ReplyItem.objects.get().version == said.version + 1


def test_the_writer_cannot_publish_their_own_words(
    county: County, approver: Client, over: Consultation, send: Sent
) -> None:
    reply = send(over, said_in(over, county), author=county.approver)
    page = approver.get(reverse("desk-reply", args=[reply.pk]))
    assert page.context["may_publish"].reason.code == "own-reply"
    response = approver.post(reverse("desk-reply-approve", args=[reply.pk]), {"version": reply.version})
    assert response.status_code == 403


def test_nothing_is_published_while_people_may_still_speak(
    county: County, approver: Client, running: Consultation, send: Sent
) -> None:
    reply = send(running, said_in(running, county))
    response = approver.post(reverse("desk-reply-approve", args=[reply.pk]), {"version": reply.version})
    assert response.status_code == 403
    assert response.context["refusal"].reason.code == "not-over"


def test_sending_back_needs_a_note(county: County, approver: Client, running: Consultation, send: Sent) -> None:
    reply = send(running, said_in(running, county))
    path = reverse("desk-reply-return", args=[reply.pk])
    assert approver.post(path, {"note": " "}).status_code == 422
    assert approver.post(path, {"note": "写明日期"}).status_code == 302
    reply.refresh_from_db()
    assert (reply.state, reply.note) == (State.RETURNED, "写明日期")


def test_steps_opened_by_address_lead_back_to_the_page(
    county: County, official: Client, running: Consultation, send: Sent
) -> None:
    reply = send(running, said_in(running, county))
    names = ["desk-reply-submit", "desk-reply-approve", "desk-reply-return"]
    found = [official.get(reverse(name, args=[reply.pk]))["Location"] for name in names]
    assert found == [reverse("desk-reply", args=[reply.pk])] * 3
    assert official.get(new(running))["Location"] == page_of(running)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_an_answer_can_be_read(
    county: County, official: Client, over: Consultation, send: Sent, language: str
) -> None:
    reply = send(over, said_in(over, county))
    paths = [reverse("desk-reply", args=[reply.pk]), *(f"{page_of(over)}?show={state}" for state in State.values)]
    assert {official.get(path, headers={"Accept-Language": language}).status_code for path in paths} == {200}
    replies.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=clock.now())
    assert {official.get(path).status_code for path in paths} == {200}


def test_thirty_contributions_cost_as_many_queries_as_one(
    county: County, official: Client, running: Consultation
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert official.get(page_of(running)).status_code == 200
        return len(queries)

    said_in(running, county, clause=FIRST)
    official.get(page_of(running))
    one = cost()
    for number in range(29):
        said_in(running, county, f"第 {number} 条", clause=FIRST)
    assert cost() == one <= CEILING


def test_an_answer_to_thirty_costs_as_many_queries_as_to_one(
    county: County, approver: Client, over: Consultation, send: Sent
) -> None:
    def cost(*said: Contribution) -> int:
        path = reverse("desk-reply", args=[send(over, *said).pk])
        approver.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert approver.get(path).status_code == 200
        return len(queries)

    one = cost(said_in(over, county))
    assert cost(*(said_in(over, county, f"第 {number} 条") for number in range(30))) == one <= CEILING


def test_an_answer_typed_while_the_consultation_ended_stays_with_what_was_ticked(
    county: County, official: Client, running: Consultation
) -> None:
    said = said_in(running, county)
    assert official.get(reverse("desk-consultation", args=[running.slug])).status_code == 200
    Consultation.objects.filter(pk=running.pk).update(state="withdrawn", withdrawn_because="方案重做")
    response = official.post(new(running), words(said, text="写到一半的答复"))
    page = response.content.decode()
    assert response.status_code in {403, 409}
    assert "这一步现在办不了" in page
    assert "写到一半的答复</textarea>" in page
    assert 'aria-disabled="true"' in page
    assert not Reply.objects.exists()


def test_an_answer_typed_while_the_power_lapsed_can_be_copied(
    county: County, official: Client, running: Consultation
) -> None:
    said = said_in(running, county)
    Grant.objects.update(ends_at=clock.now() - DAY)
    response = official.post(new(running), words(said, text="写到一半的答复"))
    assert response.status_code == 403
    assert "写到一半的答复</textarea>" in response.content.decode()
    assert not Reply.objects.exists()
