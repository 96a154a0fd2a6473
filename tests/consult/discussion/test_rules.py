"""Who may comment, respond and support: place, standing and the clock, with every worker stopped."""

from datetime import datetime, timedelta

import pytest

from civic.access.questions import may
from civic.people.models import Level, Suspension
from consult.consultations.models import Consultation
from consult.discussion import actions
from tests.consult.conftest import AT, DAY, SECOND, County, person, say

OPENS = AT - 2 * DAY
EDGES = [
    # action, edge, one second before, at, one second after
    ("COMMENT", OPENS, False, True, True),
    ("COMMENT", OPENS + 10 * DAY, True, False, False),
    ("PROPOSE", OPENS, False, True, True),
    ("PROPOSE", OPENS + 10 * DAY, True, False, False),
    ("SUPPORT", OPENS + 10 * DAY, True, True, True),
    ("SUPPORT", OPENS + 15 * DAY, True, False, False),
    ("RESPOND", OPENS + 10 * DAY, True, True, True),
    ("RESPOND", OPENS + 15 * DAY, True, False, False),
]


@pytest.mark.parametrize(("action", "edge", "before", "exactly", "after"), EDGES)
def test_each_edge_of_a_phase_opens_and_closes_to_the_second(
    county: County, consultation: Consultation, action: str, edge: datetime, before: bool, exactly: bool, after: bool
) -> None:
    target = consultation
    if action in {"SUPPORT", "RESPOND"}:
        target = say(consultation, person("author", county.here))
        target.consultation = consultation
    answers = [
        bool(may(county.resident, getattr(actions, action), target, at=edge + shift))
        for shift in (-SECOND, timedelta(0), SECOND)
    ]
    assert answers == [before, exactly, after]


def test_an_answer_that_allows_says_until_when(county: County, consultation: Consultation) -> None:
    assert may(county.resident, actions.COMMENT, consultation, at=AT).until == OPENS + 10 * DAY


@pytest.mark.parametrize(
    ("who", "code"), [("neighbour", "lives-elsewhere"), ("stranger", "no-residence"), ("resident", None)]
)
def test_only_people_living_in_the_place_may_take_part(
    county: County, consultation: Consultation, who: str, code: str | None
) -> None:
    decision = may(getattr(county, who), actions.COMMENT, consultation, at=AT)
    assert (decision.reason.code if decision.reason else None) == code


def test_somebody_unverified_is_told_how_to_get_verified(county: County, consultation: Consultation) -> None:
    newcomer = person("newcomer", county.here, level=Level.REGISTERED)
    reason = may(newcomer, actions.COMMENT, consultation, at=AT).reason
    assert reason is not None
    assert reason.code == "verify-contact"


def test_a_suspended_account_may_not_comment(county: County, consultation: Consultation) -> None:
    Suspension.objects.create(person=county.resident, starts_at=AT - DAY, ends_at=AT + DAY, reason="spam")
    reason = may(county.resident, actions.COMMENT, consultation, at=AT).reason
    assert reason is not None
    assert reason.code == "suspended"


def test_nobody_supports_their_own_words(county: County, consultation: Consultation) -> None:
    own = say(consultation, county.resident)
    reason = may(county.resident, actions.SUPPORT, own, at=AT).reason
    assert reason is not None
    assert reason.code == "own-words"


def test_a_withdrawn_consultation_takes_nothing_and_says_why(county: County, consultation: Consultation) -> None:
    from consult.consultations.domain import withdraw

    withdraw(consultation=consultation, actor=county.official, note="方案改由省里统一制定", at=AT)
    reason = may(county.resident, actions.COMMENT, consultation, at=AT).reason
    assert reason is not None
    assert "方案改由省里统一制定" in str(reason)
