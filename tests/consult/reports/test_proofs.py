"""Every fault planted in the rows is found and named."""

import uuid
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from civic.notify.models import Notice
from consult.consultations.models import ClauseTally, Consultation, Participation
from consult.discussion import domain as discussion
from consult.discussion.models import Contribution, Support
from consult.replies.models import Reply
from consult.reports.models import Report
from tests.consult.conftest import AT, DAY, County, say
from tests.consult.reports.conftest import ANSWERED_AT, answer


def prove() -> tuple[int, str]:
    """Run every proof; return the exit code and what it printed."""
    out = StringIO()
    try:
        call_command("prove", stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def said(county: County, open_consultation: Callable[..., Consultation]) -> Contribution:
    """Return words with a support, a response and an answer, in a consultation open to the whole county."""
    consultation = open_consultation(open_to=county.place)
    made = say(consultation, county.resident)
    discussion.support(contribution=made, person=county.neighbour, at=AT)
    discussion.respond(person=county.neighbour, parent=made, text="同意", at=AT, submission=uuid.uuid4())
    answer(county, made)
    return made


@pytest.fixture
def concluded(said: Contribution, conclude: Callable[..., Report], deliver_all: Callable[..., int]) -> Report:
    """Return the result of that consultation; everybody has been told."""
    report = conclude(said.consultation)
    deliver_all(ANSWERED_AT + 3650 * DAY)
    return report


@pytest.mark.usefixtures("concluded")
def test_a_whole_consultation_has_no_fault() -> None:
    assert prove()[0] == 0


Plant = Callable[[Contribution], Any]
ONE: dict[str, Plant] = {
    "contribution_count is 7": lambda c: Consultation.objects.update(contribution_count=7),
    "response_count is 7, the rows are 1": lambda c: Consultation.objects.update(response_count=7),
    "participant_count is 7": lambda c: Consultation.objects.update(participant_count=7),
    "answered_count is 0": lambda c: Consultation.objects.update(answered_count=0),
    "rules_hash does not fit": lambda c: Consultation.objects.update(rules={"level": 3}),
    "response_count is 5, the rows are 1": lambda c: Contribution.objects.filter(pk=c.pk).update(response_count=5),
    "num_vote_up is 9": lambda c: Contribution.objects.filter(pk=c.pk).update(num_vote_up=9),
    "vote_score is 8": lambda c: Contribution.objects.filter(pk=c.pk).update(vote_score=8),
    "num_vote_down is 1": lambda c: Contribution.objects.filter(pk=c.pk).update(num_vote_down=1),
    "num_vote_up is 1, the rows are 0": lambda c: Support.objects.all().delete(),
    "outcome is not, its answer says adopted": lambda c: Contribution.objects.filter(pk=c.pk).update(outcome="not"),
    "its answer says waiting": lambda c: Reply.objects.update(state="draft"),
    "the tally of clause": lambda c: ClauseTally.objects.create(
        consultation=c.consultation, clause=uuid.uuid4(), contributions=3
    ),
    "has contributions and no tally": lambda c: Contribution.objects.filter(pk=c.pk).update(clause=uuid.uuid4()),
    "is not among the participants": lambda c: Participation.objects.all().delete(),
    "is answered and has no result": lambda c: Consultation.objects.update(state="answered"),
}


@pytest.mark.parametrize("line", ONE)
def test_a_planted_fault_is_named(said: Contribution, line: str) -> None:
    assert prove()[0] == 0
    ONE[line](said)
    code, printed = prove()
    assert code == 1
    assert line in printed


def test_changed_sources_of_a_result_are_named(concluded: Report) -> None:
    Contribution.objects.filter(consultation=concluded.consultation).update(text="改过的话")
    assert "bus-lines: the sources of the result have changed" in prove()[1]


@pytest.mark.usefixtures("concluded")
def test_a_participant_nobody_told_is_named(county: County) -> None:
    Notice.objects.filter(person=county.neighbour).delete()
    assert f"person {county.neighbour.pk} took part and was not told" in prove()[1]
