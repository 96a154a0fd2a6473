"""When an office may write and publish answers."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.access.decisions import Decision, no, yes
from civic.core.refusals import NOT_FOUND, Reason
from consult.consultations import rules as consultations
from consult.consultations.models import Consultation
from consult.consultations.states import Stage
from consult.replies.models import Reply

OWN_REPLY = Reason("own-reply", _("You wrote this answer: a second person of your office must approve it."))
NOTHING_YET = Reason("nothing-yet", _("Nothing can be answered before the consultation opens."))


def can_be_drafted(consultation: Consultation, at: datetime) -> Decision:
    """Answers are written from the opening on, and as long as the consultation is not closed as answered."""
    match consultation.stage(at):
        case Stage.RUNNING | Stage.CLOSED | Stage.OVERDUE:
            return yes()
        case Stage.ANNOUNCED:
            return no(NOTHING_YET)
        case Stage.DRAFT:
            return no(NOT_FOUND)
        case _:
            return consultations.participation_is_over(consultation, at)


def can_be_published(reply: Reply, at: datetime) -> Decision:
    """An answer is final: it is published when people have had their time, to the second."""
    return consultations.participation_is_over(reply.consultation, at)


def is_second_person(person: Any, reply: Reply, at: datetime) -> Decision:
    """Nobody approves their own words."""
    return no(OWN_REPLY) if getattr(person, "pk", None) == reply.author_id else yes()
