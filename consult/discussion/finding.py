"""Contributions in search: the words and where they were said, never whose they are."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from consult.consultations.states import State as ConsultationState
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from search.documents import Document, register


def rows() -> "QuerySet[Contribution]":
    """Return the public words of announced consultations."""
    return (
        Contribution.objects.published()
        .filter(erased_at=None)
        .exclude(consultation__state=ConsultationState.DRAFT)
        .select_related("consultation__place")
    )


def document(contribution: Contribution) -> Document:
    """Return what search knows of somebody's words."""
    consultation = contribution.consultation
    return Document(
        kind="contribution",
        key=str(contribution.pk),
        url=contribution.get_absolute_url(),
        title=contribution.title,
        text=contribution.text,
        byline=consultation.title,
        byline_en=consultation.title_en,
        place_path=consultation.place.path,
        body_id=consultation.sponsor_id,
        matter_id=consultation.pk,
        at=contribution.created_at,
        status="" if contribution.outcome == Outcome.WAITING else "answered",
        language=contribution.language,
    )


register("contribution", label=_("Contributions"), model=Contribution, build=document, rows=rows)
