"""Who may take part, when."""

from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from civic.access.decisions import Decision, no, yes
from civic.core.refusals import NOT_FOUND, Reason
from civic.people.models import Person
from civic.people.rules import standing
from consult.consultations.kinds import OPENS
from consult.consultations.models import Consultation
from consult.consultations.states import Stage, State

OPENS_LATER = Reason("opens-later", _("This opens on %(when)s. You can read everything now and follow it."))
IS_OVER = Reason(
    "is-over", _("The time for this ended on %(when)s. You can still read everything and follow the answers.")
)
WAS_WITHDRAWN = Reason("was-withdrawn", _("This consultation was withdrawn: %(why)s"))
NOT_THIS_PHASE = Reason("not-this-phase", _("The present phase (%(phase)s) is not open for this."))
NOT_OVER = Reason("not-over", _("People may still take part until %(when)s; it can be closed only afterwards."))
NO_RESIDENCE = Reason("no-residence", _("Say where you live first: this is for people living in %(place)s."))
LIVES_ELSEWHERE = Reason(
    "lives-elsewhere", _("This is for people living in %(place)s; you told us you live in %(home)s.")
)
IS_DRAFT = NOT_FOUND


def is_public(consultation: Consultation, at: datetime) -> Decision:
    """Everybody may read what has been announced."""
    return no(IS_DRAFT) if consultation.state == State.DRAFT else yes()


def participation_is_over(consultation: Consultation, at: datetime) -> Decision:
    """The office concludes only after residents have had their time."""
    if consultation.stage(at) in {Stage.CLOSED, Stage.OVERDUE}:
        return yes()
    if consultation.stage(at) in {Stage.RUNNING, Stage.ANNOUNCED}:
        return no(NOT_OVER.with_(when=_show(consultation.closes_at)))
    return _not_open(consultation, at)


def opens(consultation: Consultation, action: str, at: datetime) -> Decision:
    """Does the phase that is on at ``at`` open ``action``?  Holds until the phase closes."""
    if consultation.stage(at) is not Stage.RUNNING:
        return _not_open(consultation, at)
    phase = consultation.phase_at(at)
    if phase is None:
        following = [p for p in consultation.timetable if p.opens_at > at and action in OPENS[p.kind]]
        if following:
            return no(OPENS_LATER.with_(when=_show(following[0].opens_at)))
        return no(IS_OVER.with_(when=_show(consultation.closes_at)))
    if action not in OPENS[phase.kind]:
        return no(NOT_THIS_PHASE.with_(phase=phase.get_kind_display()))
    ends = phase.closes_at
    for later in consultation.timetable:
        if later.opens_at == ends and action in OPENS[later.kind]:
            ends = later.closes_at
    return yes(until=ends)


def may_take_part(person: Any, consultation: Consultation, at: datetime) -> Decision:
    """Is this person among those the consultation asks: verified far enough, living here?"""
    reason = standing(person, level=consultation.level, at=at)
    if reason is not None:
        return no(reason)
    assert isinstance(person, Person)  # standing() refuses everybody else
    if person.residence is None:
        return no(NO_RESIDENCE.with_(place=consultation.open_to))
    if not consultation.open_to.contains(person.residence):
        return no(LIVES_ELSEWHERE.with_(place=consultation.open_to, home=person.residence))
    return yes()


def _not_open(consultation: Consultation, at: datetime) -> Decision:
    match consultation.stage(at):
        case Stage.DRAFT:
            return no(IS_DRAFT)
        case Stage.ANNOUNCED:
            return no(OPENS_LATER.with_(when=_show(consultation.opens_at)))
        case Stage.WITHDRAWN:
            return no(WAS_WITHDRAWN.with_(why=consultation.withdrawn_because))
        case _:
            return no(IS_OVER.with_(when=_show(consultation.closes_at)))


def _show(moment: datetime | None) -> "_Moment":
    assert moment is not None  # announced consultations have their dates
    return _Moment(moment)


class _Moment:
    """An instant that prints itself in the reader's language and zone when the sentence is shown."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __str__(self) -> str:
        return formats.date_format(timezone.localtime(self.moment), "DATETIME_FORMAT")
