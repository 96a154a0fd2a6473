"""Consultations in search."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from consult.consultations.models import Consultation
from consult.consultations.states import State
from search.documents import PUBLIC, Document, register

STATUS = {State.ANSWERED: "answered", State.ARCHIVED: "done", State.WITHDRAWN: "ended"}


def rows() -> "QuerySet[Consultation]":
    """Return what everybody may find."""
    return Consultation.objects.public().select_related("place", "sponsor")


def document(consultation: Consultation) -> Document | None:
    """Return what search knows of a consultation."""
    assert consultation.opens_at is not None  # announced ones are dated
    assert consultation.closes_at is not None
    running = consultation.state == State.ANNOUNCED
    return Document(
        kind="consultation",
        key=str(consultation.pk),
        url=consultation.get_absolute_url(),
        title=consultation.title,
        title_en=consultation.title_en,
        text="\n".join(
            [consultation.summary, consultation.question, consultation.background, consultation.sponsor.name]
        ),
        text_en="\n".join([consultation.summary_en, consultation.question_en, consultation.background_en]).strip(),
        byline=consultation.sponsor.name,
        byline_en=consultation.sponsor.name_en,
        place_path=consultation.place.path,
        body_id=consultation.sponsor_id,
        matter_id=consultation.pk,
        at=consultation.announced_at or consultation.opens_at,
        status="soon" if running else STATUS[State(consultation.state)],
        later=_by_the_clock(consultation) if running else (),
        audience=PUBLIC,
        boost=2.0,
    )


def _by_the_clock(consultation: Consultation) -> tuple[tuple[datetime, str], ...]:
    changes = (
        (consultation.opens_at, "open"),
        (consultation.closes_at, "review"),
        (consultation.answer_due_at, "late"),
    )
    return tuple((at, status) for at, status in changes if at is not None)


register("consultation", label=_("Consultations"), model=Consultation, build=document, rows=rows)
