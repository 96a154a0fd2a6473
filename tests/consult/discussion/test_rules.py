"""Who may comment, respond and support: place, standing and the clock, with every worker stopped."""

from datetime import datetime, timedelta

import pytest

from civic.access.questions import may
from civic.people.models import Level, Suspension
from consult.consultations.actions import CONCLUDE
from consult.consultations.models import Consultation
from consult.discussion import actions
from consult.replies.actions import DRAFT, PUBLISH
from consult.replies.models import Reply
from tests.consult.conftest import AT, DAY, SECOND, County, person, say

OPENS = AT - 2 * DAY
# The phases: people collect for ten days, discuss for five, the office replies for ten.
DISCUSS, REPLY, DUE = OPENS + 10 * DAY, OPENS + 15 * DAY, OPENS + 25 * DAY
EDGES = [
    # action, edge, one second before, at, one second after
    ("comment", OPENS, False, True, True),
    ("comment", DISCUSS, True, False, False),
    ("comment", REPLY, False, False, False),
    ("comment", DUE, False, False, False),
    ("propose", OPENS, False, True, True),
    ("propose", DISCUSS, True, False, False),
    ("propose", REPLY, False, False, False),
    ("propose", DUE, False, False, False),
    ("respond", OPENS, False, True, True),
    ("respond", DISCUSS, True, True, True),
    ("respond", REPLY, True, False, False),
    ("respond", DUE, False, False, False),
    ("support", OPENS, False, True, True),
    ("support", DISCUSS, True, True, True),
    ("support", REPLY, True, False, False),
    ("support", DUE, False, False, False),
    ("edit", OPENS, False, True, True),
    ("edit", DISCUSS, True, False, False),
    ("draft an answer", OPENS, False, True, True),
    ("draft an answer", DISCUSS, True, True, True),
    ("draft an answer", REPLY, True, True, True),
    # Late is late, and still has to be done: the page says that it is overdue.
    ("draft an answer", DUE, True, True, True),
    ("publish an answer", OPENS, False, False, False),
    ("publish an answer", DISCUSS, False, False, False),
    ("publish an answer", REPLY, False, True, True),
    ("publish an answer", DUE, True, True, True),
    ("conclude", OPENS, False, False, False),
    ("conclude", DISCUSS, False, False, False),
    ("conclude", REPLY, False, True, True),
    ("conclude", DUE, True, True, True),
]


@pytest.mark.parametrize(("act", "edge", "before", "exactly", "after"), EDGES)
def test_each_edge_of_a_phase_opens_and_closes_to_the_second(
    county: County, consultation: Consultation, act: str, edge: datetime, before: bool, exactly: bool, after: bool
) -> None:
    said = say(consultation, person("author", county.here))
    said.consultation = consultation
    reply = Reply(consultation=consultation, body=county.bureau, author=county.official, state="submitted")
    who, action, target = {
        "comment": (county.resident, actions.COMMENT, consultation),
        "propose": (county.resident, actions.PROPOSE, consultation),
        "respond": (county.resident, actions.RESPOND, said),
        "support": (county.resident, actions.SUPPORT, said),
        "edit": (said.author, actions.EDIT, said),
        "draft an answer": (county.official, DRAFT, consultation),
        "publish an answer": (county.approver, PUBLISH, reply),
        "conclude": (county.official, CONCLUDE, consultation),
    }[act]
    answers = [bool(may(who, action, target, at=edge + shift)) for shift in (-SECOND, timedelta(0), SECOND)]
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
