"""Writing, approving and publishing answers."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connections, transaction

from civic.core.refusals import Refused, Unfit
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.discussion.answers import answers_to
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from consult.replies import domain
from consult.replies.models import Reply, ReplyItem
from consult.replies.states import State
from tests.consult.conftest import AT, DAY, SECOND, County, person, say


def draft(county: County, consultation: Consultation, *said: Contribution, **fields: object) -> Reply:
    """Write an adopting answer."""
    values = {"outcome": Outcome.ADOPTED, "text": "照办。", "at": AT, "version": 0, "actor": county.official}
    return domain.save_draft(consultation=consultation, contributions=said, **(values | fields))


def submitted(county: County, consultation: Consultation, *said: Contribution) -> Reply:
    """Return an answer that waits for approval."""
    reply = draft(county, consultation, *said)
    domain.submit(reply=reply, actor=county.official, at=AT)
    return reply


def test_a_published_answer_gives_each_contribution_its_outcome(county: County, consultation: Consultation) -> None:
    first, second = say(consultation, county.resident), say(consultation, county.resident, "还有早班车。")
    reply = submitted(county, consultation, first, second)
    domain.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=consultation.closes_at)
    consultation.refresh_from_db()
    outcomes = list(Contribution.objects.values_list("outcome", flat=True))
    assert (outcomes, consultation.answered_count) == ([Outcome.ADOPTED, Outcome.ADOPTED], 2)
    assert answers_to([first.pk])[first.pk].together == 2


@pytest.mark.parametrize(("shift", "allowed"), [(-SECOND, False), (timedelta(0), True), (SECOND, True)])
def test_an_answer_is_final_only_after_peoples_time(
    county: County, consultation: Consultation, shift: timedelta, allowed: bool
) -> None:
    reply = submitted(county, consultation, say(consultation, county.resident))
    at = consultation.closes_at + shift
    if allowed:
        domain.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=at)
    else:
        with pytest.raises(Refused) as caught:
            domain.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=at)
        assert caught.value.reason.code == "not-over"
    reply.refresh_from_db()
    assert (reply.state == State.PUBLISHED) is allowed


def test_nobody_publishes_their_own_answer(county: County, consultation: Consultation) -> None:
    reply = draft(county, consultation, say(consultation, county.resident), actor=county.approver)
    domain.submit(reply=reply, actor=county.approver, at=AT)
    with pytest.raises(Refused) as caught:
        domain.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=consultation.closes_at)
    assert caught.value.reason.code == "own-reply"


def test_nobody_publishes_a_colleagues_answer_they_rewrote(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    reply = draft(county, consultation, said)
    draft(county, consultation, said, actor=county.approver, reply=reply, version=1, text="完全改写。", send=True)
    with pytest.raises(Refused) as caught:
        domain.approve_and_publish(reply=reply, actor=county.approver, at=consultation.closes_at, version=2)
    assert caught.value.reason.code == "own-reply"


def test_words_changed_after_the_answer_was_written_are_read_again_first(
    county: County, consultation: Consultation
) -> None:
    said = say(consultation, county.resident)
    reply = submitted(county, consultation, said)
    discussion.edit(contribution=said, person=county.resident, text="其实是早班车。", version=1, at=AT)
    with pytest.raises(Refused) as caught:
        domain.approve_and_publish(reply=reply, version=1, actor=county.approver, at=consultation.closes_at)
    assert caught.value.reason.code == "words-changed"
    domain.send_back(reply=reply, actor=county.approver, note="意见改过了", at=consultation.closes_at)
    draft(county, consultation, said, reply=reply, version=1, send=True)
    domain.approve_and_publish(reply=reply, version=2, actor=county.approver, at=consultation.closes_at)
    assert Contribution.objects.get().outcome == Outcome.ADOPTED


def test_the_database_refuses_an_author_as_approver(county: County, consultation: Consultation) -> None:
    reply = submitted(county, consultation, say(consultation, county.resident))
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.objects.filter(pk=reply.pk).update(approver=county.official)


def test_somebody_without_the_power_to_publish_is_refused(county: County, consultation: Consultation) -> None:
    reply = draft(county, consultation, say(consultation, county.resident), actor=county.approver)
    domain.submit(reply=reply, actor=county.approver, at=AT)
    with pytest.raises(Refused) as caught:
        domain.approve_and_publish(reply=reply, version=reply.version, actor=county.official, at=consultation.closes_at)
    assert caught.value.reason.code == "no-mandate"


def test_a_contribution_is_answered_once(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    draft(county, consultation, said)
    with pytest.raises(Refused) as caught:
        draft(county, consultation, said)
    assert (caught.value.reason.code, ReplyItem.objects.count()) == ("taken", 1)


def test_what_is_not_adopted_needs_a_reason(county: County, consultation: Consultation) -> None:
    with pytest.raises(Unfit) as caught:
        draft(county, consultation, say(consultation, county.resident), outcome=Outcome.NOT)
    assert caught.value.reason.code == "reason-needed"


def test_a_colleagues_newer_version_is_not_overwritten(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    reply = draft(county, consultation, said)
    draft(county, consultation, said, reply=reply, version=1, text="改过")
    with pytest.raises(Refused) as caught:
        draft(county, consultation, said, reply=reply, version=1, text="旧窗口")
    reply.refresh_from_db()
    assert (caught.value.conflict, reply.text) == (True, "改过")


def test_words_taken_back_leave_the_answer(county: County, consultation: Consultation) -> None:
    kept, gone = say(consultation, county.resident), say(consultation, county.resident, "收回的")
    reply = submitted(county, consultation, kept, gone)
    discussion.take_back(contribution=gone, person=county.resident, at=AT)
    domain.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=consultation.closes_at)
    consultation.refresh_from_db()
    assert (consultation.contribution_count, consultation.answered_count) == (1, 1)
    assert list(reply.items.values_list("contribution", flat=True)) == [kept.pk]


def test_answered_words_are_neither_edited_nor_taken_back(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    reply = submitted(county, consultation, said)
    domain.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=consultation.closes_at)
    said.refresh_from_db()
    with pytest.raises(Refused) as caught:
        discussion.take_back(contribution=said, person=county.resident, at=consultation.closes_at)
    assert caught.value.reason.code == "answered"


def test_a_reply_sent_back_says_what_has_to_change(county: County, consultation: Consultation) -> None:
    reply = submitted(county, consultation, say(consultation, county.resident))
    domain.send_back(reply=reply, actor=county.approver, note="说清楚哪天改", at=AT)
    assert (reply.state, reply.note) == (State.RETURNED, "说清楚哪天改")


def test_answering_everything_lets_the_consultation_be_concluded(county: County, consultation: Consultation) -> None:
    reply = submitted(county, consultation, say(consultation, county.resident))
    domain.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=consultation.closes_at)
    consultations.conclude(consultation=consultation, actor=county.official, at=consultation.closes_at + DAY)
    assert consultation.state == "answered"


def test_a_response_in_a_thread_is_not_answered_alone(county: County, consultation: Consultation) -> None:
    import uuid

    root = say(consultation, county.resident)
    response = discussion.respond(person=county.resident, parent=root, text="补充", at=AT, submission=uuid.uuid4())
    with pytest.raises(Refused) as caught:
        draft(county, consultation, response)
    assert caught.value.reason.code == "not-answerable"


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_of_two_people_publishing_at_once_one_wins(county: County, consultation: Consultation) -> None:
    reply = submitted(county, consultation, say(consultation, county.resident))
    results: list[str] = []
    start = threading.Barrier(4)

    def run() -> None:
        try:
            start.wait()
            domain.approve_and_publish(
                reply=Reply.objects.get(pk=reply.pk),
                version=Reply.objects.get(pk=reply.pk).version,
                actor=county.approver,
                at=consultation.closes_at,
            )
            results.append("won")
        except Refused as refusal:
            results.append("conflict" if refusal.conflict else refusal.reason.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    consultation.refresh_from_db()
    assert (sorted(results), consultation.answered_count) == (["conflict"] * 3 + ["won"], 1)


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_two_answers_cannot_take_the_same_contribution_at_once(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    results: list[str] = []
    start = threading.Barrier(4)

    def run() -> None:
        try:
            start.wait()
            draft(county, consultation, said)
            results.append("won")
        except Refused:
            results.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results.count("won"), ReplyItem.objects.count()) == (1, 1)


def test_an_answer_by_somebody_of_another_body_is_refused(county: County, consultation: Consultation) -> None:
    with pytest.raises(Refused) as caught:
        draft(county, consultation, say(consultation, county.resident), actor=person("outsider", county.here))
    assert caught.value.reason.code == "no-mandate"


def test_an_approver_publishes_the_version_they_read(county: County, consultation: Consultation) -> None:
    reply = submitted(county, consultation, say(consultation, county.resident))
    with pytest.raises(Refused) as caught:
        domain.approve_and_publish(reply=reply, actor=county.approver, at=consultation.closes_at, version=2)
    assert caught.value.conflict
    domain.approve_and_publish(reply=reply, actor=county.approver, at=consultation.closes_at, version=1)
    assert reply.state == State.PUBLISHED


def test_an_answer_to_nothing_but_words_taken_back_is_not_published(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident)
    reply = submitted(county, consultation, said)
    discussion.take_back(contribution=said, person=county.resident, at=AT)
    with pytest.raises(Refused) as caught:
        domain.approve_and_publish(reply=reply, version=reply.version, actor=county.approver, at=consultation.closes_at)
    assert caught.value.reason.code == "nothing-left"


@pytest.mark.parametrize("edge", ["opens_at", "answered_at"])
def test_answers_are_written_from_the_opening_until_the_closing(
    county: County, consultation: Consultation, edge: str
) -> None:
    said = say(consultation, county.resident)
    if edge == "opens_at":
        with pytest.raises(Refused):
            draft(county, consultation, said, at=consultation.opens_at - SECOND)
        assert draft(county, consultation, said, at=consultation.opens_at)
        return
    reply = submitted(county, consultation, said)
    domain.approve_and_publish(reply=reply, version=1, actor=county.approver, at=consultation.closes_at)
    consultations.conclude(consultation=consultation, actor=county.official, at=consultation.closes_at)
    with pytest.raises(Refused):
        draft(county, consultation, said, at=consultation.closes_at + SECOND)


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_taking_back_and_publishing_at_once_neither_hang_nor_miscount(
    county: County, consultation: Consultation
) -> None:
    said = [say(consultation, county.resident, f"第 {number} 条") for number in range(4)]
    reply = submitted(county, consultation, *said)
    start = threading.Barrier(5)
    faults: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except Refused:
            pass
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    def take_back(pk: int) -> None:
        mine = Contribution.objects.select_related("consultation").get(pk=pk)
        discussion.take_back(contribution=mine, person=county.resident, at=consultation.closes_at)

    def publish() -> None:
        found = Reply.objects.select_related("consultation").get(pk=reply.pk)
        domain.approve_and_publish(reply=found, version=found.version, actor=county.approver, at=consultation.closes_at)

    acts = [partial(take_back, each.pk) for each in said] + [publish]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    consultation.refresh_from_db()
    public = Contribution.objects.published().filter(consultation=consultation)
    assert faults == []
    assert consultation.contribution_count == public.count()
    assert consultation.answered_count == public.exclude(outcome=Outcome.WAITING).count()
