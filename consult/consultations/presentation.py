"""How a consultation is shown: its status word and its thread of steps."""

from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from civic.ui.components import Step, StepState
from civic.ui.dates import day_text, when_text
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation
from consult.consultations.states import Stage

# stage → one of the seven status shapes
STATUS: dict[TextChoices, str] = {
    Stage.DRAFT: "ended",
    Stage.ANNOUNCED: "doing",
    Stage.RUNNING: "open",
    Stage.CLOSED: "review",
    Stage.OVERDUE: "late",
    Stage.ANSWERED: "answered",
    Stage.ARCHIVED: "done",
    Stage.WITHDRAWN: "ended",
}


def status_word(consultation: Consultation, *, at: datetime) -> str:
    """Return the word beside the status shape: while people only respond to each other, the one that says so.

    Uses prefetched phases.
    """
    stage = consultation.stage(at)
    if stage is Stage.RUNNING and getattr(consultation.phase_at(at), "kind", None) == PhaseKind.DISCUSS:
        return _("Being discussed")
    return str(stage.label)


def steps(consultation: Consultation, *, at: datetime, mine: str = "") -> list[Step]:
    """Return the thread from announcing to the outcome; ``mine`` marks where the reader took part."""
    made = []
    if consultation.announced_at:
        made.append(
            Step(
                state="done",
                title=_("Announced"),
                when=day_text(consultation.announced_at, at),
                text=str(consultation.sponsor),
            )
        )
    withdrawn = consultation.stage(at) is Stage.WITHDRAWN
    for phase in consultation.timetable:
        if withdrawn and (phase.opens_at > at or phase.kind == PhaseKind.REPLY):
            continue  # never came, or came to nothing
        cut_short = withdrawn and phase.closes_at > at
        made.append(
            Step(
                state="done"
                if cut_short
                else _phase_state(consultation, phase.kind, phase.opens_at, phase.closes_at, at),
                title=phase.get_kind_display(),
                when=_from(phase.opens_at, at) if cut_short else _span(phase.opens_at, phase.closes_at, at),
                text=_phase_text(consultation, phase.kind),
                mine=mine if phase.is_participation and phase.kind == PhaseKind.COLLECT else "",
            )
        )
    made.append(_last(consultation, at))
    return made


def _phase_state(
    consultation: Consultation, kind: str, opens_at: datetime, closes_at: datetime, at: datetime
) -> StepState:
    if kind == PhaseKind.REPLY and consultation.answered_at:
        return "done"
    if at < opens_at:
        return "later"
    if kind == PhaseKind.REPLY:
        return "now"
    return "now" if at < closes_at else "done"


def _phase_text(consultation: Consultation, kind: str) -> str:
    if kind == PhaseKind.REPLY:
        return _("Every contribution gets an outcome; what is late is shown as overdue.")
    if kind == PhaseKind.DISCUSS:
        return _("Respond to each other and support what you agree with.")
    return _("Comment on the text, propose, support.")


def _last(consultation: Consultation, at: datetime) -> Step:
    stage = consultation.stage(at)
    if stage is Stage.WITHDRAWN:
        return Step(state="now", title=_("Withdrawn"), text=consultation.withdrawn_because)
    if consultation.answered_at:
        return Step(
            state="now" if stage is Stage.ANSWERED else "done",
            title=_("Result published"),
            when=day_text(consultation.answered_at, at),
            text=_("What came in, what was answered, what changes."),
        )
    if stage is Stage.ARCHIVED:
        return Step(state="done", title=_("Archived"))
    when = _("by %(day)s") % {"day": day_text(consultation.answer_due_at, at)} if consultation.answer_due_at else ""
    return Step(
        state="later", title=_("Result"), when=when, text=_("What changes, and because of whom, is written beside it.")
    )


def _span(opens_at: datetime, closes_at: datetime, at: datetime) -> str:
    """Say what matters of a window now: its end while it is on, its beginning before, both afterwards."""
    if at < opens_at:
        return _from(opens_at, at)
    if at < closes_at:
        return _("until %(moment)s") % {"moment": when_text(closes_at, at)}
    return f"{day_text(opens_at, at)} – {day_text(closes_at, at)}"


def _from(opens_at: datetime, at: datetime) -> str:
    return _("from %(day)s") % {"day": day_text(opens_at, at)}
