"""What ``test_at_once`` promises, without what keeps it: each lock, constraint and condition is needed."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import models

from civic.access.questions import require
from civic.audit.models import Entry
from civic.core.clock import Window
from civic.people.models import Person
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.discussion.models import Contribution, Support
from consult.discussion.supports import SupportManager
from consult.moderation.models import Case
from consult.moderation.models import Report as Complaint
from consult.replies import actions as reply_actions
from consult.reports import actions as report_actions
from consult.reports import domain as reports
from consult.reports.models import Report
from orgs.grants import actions as grant_actions
from orgs.grants import domain as grants
from orgs.grants.models import Grant
from tests.consult.conftest import AT, DAY, County, person
from tests.consult.moderation.test_reporting import report
from tests.faults.test_at_once import crowd, fresh, publishing, supporting, waiting_answer
from tests.faults.together import (
    Act,
    Meeting,
    all_at_once,
    faults,
    take_constraint_away,
    take_locks_away,
    while_written,
)

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.django_db(transaction=True)]


# --- closing and withdrawing ---------------------------------------------------------------------------------------


def closing(consultation: Consultation, county: County) -> Act:
    def act() -> None:
        found = Consultation.objects.for_pages().get(pk=consultation.pk)
        reports.conclude(consultation=found, actor=county.official, at=found.closes_at + DAY)

    return act


def withdrawing(consultation: Consultation, county: County) -> Act:
    def act() -> None:
        found = Consultation.objects.get(pk=consultation.pk)
        consultations.withdraw(consultation=found, actor=county.official, note="另议", at=found.closes_at + DAY)

    return act


def frozen(consultation: Consultation) -> int:
    return Entry.objects.about(consultation).filter(type=report_actions.FROZEN).count()


def test_who_closes_while_the_last_answer_is_written_waits_for_it(county: County, consultation: Consultation) -> None:
    publish = publishing(waiting_answer(county, consultation), county.approver)

    assert while_written(publish, closing(consultation, county)) == "done"
    assert faults() == []


def test_without_locks_they_are_told_of_an_answer_that_is_missing(
    county: County, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = publishing(waiting_answer(county, consultation), county.approver)
    take_locks_away(monkeypatch)

    assert while_written(publish, closing(consultation, county)) == "unanswered"


def test_who_closes_while_a_colleague_does_is_told(county: County, consultation: Consultation) -> None:
    publishing(waiting_answer(county, consultation), county.approver)()

    assert while_written(closing(consultation, county), closing(consultation, county)) == "conflict"
    assert frozen(consultation) == 1


def test_without_lock_and_constraint_it_is_closed_twice(
    county: County, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing(waiting_answer(county, consultation), county.approver)()
    take_locks_away(monkeypatch)
    take_constraint_away(Report, "consultation_id")

    assert while_written(closing(consultation, county), closing(consultation, county)) == "done"
    assert frozen(consultation) == 2


def test_no_answer_is_published_while_the_consultation_is_withdrawn(county: County, consultation: Consultation) -> None:
    publish = publishing(waiting_answer(county, consultation), county.approver)

    assert while_written(withdrawing(consultation, county), publish) != "done"
    assert not Entry.objects.filter(type=reply_actions.PUBLISHED).exists()
    assert faults() == []


def test_without_locks_an_answer_is_published_after_the_consultation_was_withdrawn(
    county: County, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = publishing(waiting_answer(county, consultation), county.approver)
    take_locks_away(monkeypatch)

    assert while_written(withdrawing(consultation, county), publish) == "done"
    consultation.refresh_from_db()
    assert (consultation.state, consultation.answered_count) == ("withdrawn", 1)


# --- supporting ----------------------------------------------------------------------------------------------------


def test_who_supports_words_while_they_are_taken_back_is_told(said: Contribution, county: County) -> None:
    back = partial(discussion.take_back, contribution=fresh(said), person=county.resident, at=AT)

    assert while_written(back, supporting(said, county.official, is_counted=True)) == "not-public"
    assert not Support.objects.exists()
    assert faults() == []


def test_without_its_condition_a_support_is_counted_of_words_that_are_gone(
    said: Contribution, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = partial(discussion.take_back, contribution=fresh(said), person=county.resident, at=AT)
    add = SupportManager.add_to_counters
    monkeypatch.setattr(SupportManager, "add_to_counters", lambda votes, change, **_seen: add(votes, change))

    assert while_written(back, supporting(said, county.official, is_counted=True)) == "done"
    assert Support.objects.exists()


# --- reporting -----------------------------------------------------------------------------------------------------


def test_one_person_reporting_many_times_at_once_reports_once(said: Contribution, county: County) -> None:
    ended = all_at_once([partial(report, fresh(said), county.neighbour)] * 20)

    assert ended == {"done": 1, "already-reported": 19}
    assert (Complaint.objects.count(), Case.objects.get().reporters) == (1, 1)
    assert faults() == []


def test_without_its_constraint_one_person_reports_many_times(said: Contribution, county: County) -> None:
    take_constraint_away(Complaint, "one_report_per_person_and_contribution")
    all_at_once([partial(report, fresh(said), county.neighbour)] * 6)

    assert Complaint.objects.count() > 1


def test_without_lock_and_constraint_many_reporters_make_more_than_one_case(
    said: Contribution, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = take_locks_away(monkeypatch, people=20)
    take_constraint_away(Case, "contribution_id")
    all_at_once([partial(report, fresh(said), who) for who in crowd(county, 20)], meeting)

    assert Case.objects.count() > 1


# --- powers --------------------------------------------------------------------------------------------------------


def ended_by_ten(county: County, meeting: Meeting | None = None) -> int:
    """End one power ten times at once; return how often the record says so."""
    head = person("head", county.here)
    issue, power = (
        grants.found(
            holder=grants.Holder(person=head), action=action, scope=grants.Scope(place=county.place),
            window=Window(AT - DAY, AT + 30 * DAY), reason="test", at=AT - DAY,
        )
        for action in (grant_actions.ISSUE, "consult:reply:draft")
    )  # fmt: skip
    require(head, issue.action, county.place, at=AT)

    def end() -> None:
        grants.end(grant=Grant.objects.get(pk=power.pk), actor=Person.objects.get(pk=head.pk), note="调离", at=AT)

    all_at_once([end] * 10, meeting)
    return Entry.objects.about(power).filter(type=grant_actions.ENDED).count()


def test_a_power_ended_by_ten_is_ended_once(county: County) -> None:
    assert ended_by_ten(county) == 1


def test_read_first_and_written_afterwards_a_power_is_ended_more_than_once(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No lock keeps this, but that the condition stands in the statement that writes."""
    plain: Callable[..., int] = models.QuerySet.update
    meeting = Meeting(10)

    def update(rows: "models.QuerySet[models.Model]", **values: object) -> int:
        if rows.model is not Grant:
            return plain(rows, **values)
        found = list(rows.values_list("pk", flat=True))
        meeting.come()
        return plain(Grant.objects.filter(pk__in=found), **values)

    monkeypatch.setattr(models.QuerySet, "update", update)
    assert ended_by_ten(county, meeting) > 1
