"""Opening, extending, withdrawing and concluding consultations."""

from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from civic.audit.models import Entry
from civic.core.clock import Window
from civic.core.refusals import Refused
from consult.consultations import domain
from consult.consultations.domain import PhasePlan
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation, Phase
from consult.consultations.queries import with_phases
from consult.consultations.states import Stage
from tests.consult.conftest import AT, DAY, County, Opener, say


def test_the_stage_follows_the_clock_with_no_worker_running(consultation: Consultation) -> None:
    opens = AT - 2 * DAY
    stages = [consultation.stage(at) for at in (opens - DAY / 86400, opens, opens + 15 * DAY, opens + 25 * DAY)]
    assert stages == [Stage.ANNOUNCED, Stage.RUNNING, Stage.CLOSED, Stage.OVERDUE]


def test_a_shorter_period_than_the_template_asks_needs_a_reason(county: County, open_consultation: Opener) -> None:
    with pytest.raises(Refused) as caught:
        open_consultation(template="major_decision")
    assert caught.value.reason.code == "too-short"
    made = open_consultation(slug="second", template="major_decision", shorter_because="汛期将至，须在汛前定稿。")
    assert made.rules["shorter_because"] == "汛期将至，须在汛前定稿。"


def test_the_rules_are_frozen_and_hashed_when_announced(consultation: Consultation) -> None:
    assert consultation.rules_hash == domain.hash_of(consultation.rules)
    assert consultation.rules["open_to"] == "990126001"


def test_overlapping_phases_are_refused(county: County) -> None:
    plans = [
        PhasePlan(PhaseKind.COLLECT, Window(AT, AT + 10 * DAY)),
        PhasePlan(PhaseKind.DISCUSS, Window(AT + 9 * DAY, AT + 12 * DAY)),
    ]
    with pytest.raises(Refused) as caught:
        domain.create(
            actor=county.official, at=AT, phases=plans, slug="x", template="general", title="x", summary="x",
            question="x", place=county.place, sponsor=county.bureau, open_to=county.place,
        )  # fmt: skip
    assert caught.value.reason.code == "phases-overlap"


def test_a_resident_cannot_open_a_consultation(county: County) -> None:
    plans = [PhasePlan(PhaseKind.COLLECT, Window(AT, AT + 10 * DAY))]
    with pytest.raises(Refused) as caught:
        domain.create(
            actor=county.resident, at=AT, phases=plans, slug="x", template="general", title="x", summary="x",
            question="x", place=county.place, sponsor=county.bureau, open_to=county.place,
        )  # fmt: skip
    assert caught.value.reason.code == "no-mandate"


def test_time_can_be_given_but_not_taken(county: County, consultation: Consultation) -> None:
    with pytest.raises(Refused) as caught:
        domain.extend(
            consultation=consultation, actor=county.official, until=consultation.closes_at - DAY, note="早点结束", at=AT
        )
    assert caught.value.reason.code == "not-longer"


def test_extending_moves_the_last_phase_and_what_follows(county: County, consultation: Consultation) -> None:
    closes, due = consultation.closes_at, consultation.answer_due_at
    domain.extend(consultation=consultation, actor=county.official, until=closes + 3 * DAY, note="天气原因", at=AT)
    assert (consultation.closes_at, consultation.answer_due_at) == (closes + 3 * DAY, due + 3 * DAY)
    windows = [phase.window for phase in consultation.phases.order_by("opens_at")]
    assert not any(a.overlaps(b) for a, b in pairwise(windows))
    assert consultation.rules_hash == domain.hash_of(consultation.rules)


def test_frozen_phases_are_asked_for_once_and_anew_when_extended(
    county: County, consultation: Consultation, django_assert_num_queries: Any
) -> None:
    before = list(with_phases(Consultation.objects.get(pk=consultation.pk)).phases.all())
    again = Consultation.objects.get(pk=consultation.pk)
    with django_assert_num_queries(0):
        assert list(with_phases(again).phases.all()) == before
        assert {phase.consultation for phase in again.phases.all()} == {again}
    assert consultation.closes_at is not None
    until = consultation.closes_at + 3 * DAY
    domain.extend(consultation=consultation, actor=county.official, until=until, note="天气原因", at=AT)
    now = with_phases(Consultation.objects.get(pk=consultation.pk))
    kept = [(phase.kind, phase.window) for phase in now.phases.all()]
    assert kept == [(phase.kind, phase.window) for phase in Phase.objects.filter(consultation=now)]
    assert kept != [(phase.kind, phase.window) for phase in before]


def test_extending_leaves_an_interim_answer_phase_where_it_was(county: County) -> None:
    starts = AT + DAY
    made = domain.create(
        actor=county.official, at=AT, slug="twice", template="general", title="分两次征集", summary="先答一次。",
        question="您怎么看？", place=county.place, sponsor=county.bureau, open_to=county.here, level=1,
        phases=[
            PhasePlan(PhaseKind.COLLECT, Window(starts, starts + 10 * DAY)),
            PhasePlan(PhaseKind.REPLY, Window(starts + 10 * DAY, starts + 12 * DAY)),
            PhasePlan(PhaseKind.COLLECT, Window(starts + 12 * DAY, starts + 20 * DAY)),
            PhasePlan(PhaseKind.REPLY, Window(starts + 20 * DAY, starts + 30 * DAY)),
        ],
    )  # fmt: skip
    domain.announce(consultation=made, actor=county.official, at=AT)
    domain.extend(consultation=made, actor=county.official, until=made.closes_at + 3 * DAY, note="天气原因", at=AT)
    edges = [((p.opens_at - starts).days, (p.closes_at - starts).days) for p in made.phases.order_by("opens_at")]
    assert edges == [(0, 10), (10, 12), (12, 23), (23, 33)]


@pytest.mark.parametrize("act", ["create", "change", "announce"])
def test_an_office_asks_only_the_people_of_its_own_place(
    county: County, open_consultation: Opener, consultation: Consultation, act: str
) -> None:
    made = open_consultation(slug="later", opens_at=AT + DAY)
    Consultation.objects.filter(pk=made.pk).update(state="draft", rules_hash="", rules={})
    if act == "announce":
        # it was drafted while the office worked for the whole county
        Consultation.objects.filter(pk=made.pk).update(open_to=county.place)
    county.bureau.place = county.here
    county.bureau.save()
    plan = [PhasePlan(PhaseKind(p.kind), p.window) for p in made.phases.all()]
    with pytest.raises(Refused) as caught:
        match act:
            case "create":
                open_consultation(slug="wide", open_to=county.place)
            case "change":
                domain.change_draft(
                    consultation=made, actor=county.official, at=AT, phases=plan, open_to=county.elsewhere
                )
            case "announce":
                domain.announce(consultation=made, actor=county.official, at=AT)
    assert caught.value.reason.code == "asked-too-wide"


def test_withdrawing_needs_a_public_reason(county: County, consultation: Consultation) -> None:
    with pytest.raises(Refused) as caught:
        domain.withdraw(consultation=consultation, actor=county.official, note=" ", at=AT)
    assert caught.value.reason.code == "note-needed"


def test_an_unanswered_contribution_keeps_a_consultation_open(county: County, consultation: Consultation) -> None:
    say(consultation, county.resident)
    with pytest.raises(Refused) as caught:
        domain.conclude(consultation=consultation, actor=county.official, at=consultation.closes_at)
    assert caught.value.reason.code == "unanswered"


def test_the_database_itself_refuses_answered_with_one_unanswered(county: County, consultation: Consultation) -> None:
    say(consultation, county.resident)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consultation.objects.filter(pk=consultation.pk).update(state="answered")


def test_a_consultation_is_not_concluded_while_people_may_speak(county: County, consultation: Consultation) -> None:
    with pytest.raises(Refused) as caught:
        domain.conclude(consultation=consultation, actor=county.official, at=AT)
    assert caught.value.reason.code == "not-over"


def test_the_clock_is_recorded_once_at_the_due_instant(consultation: Consultation) -> None:
    later = consultation.closes_at + DAY
    assert domain.record_clock(at=later) == 2
    with CaptureQueriesContext(connection) as seen:
        assert domain.record_clock(at=later) == 0
    assert not [query for query in seen.captured_queries if "FOR " in query["sql"]]
    entries = Entry.objects.about(consultation).filter(actor=None)
    assert [entry.at for entry in entries] == [consultation.opens_at, consultation.closes_at]
