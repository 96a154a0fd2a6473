"""Policies, made findable from here because ``civic`` knows nothing of search."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civic.policies.clauses import clauses_of
from civic.policies.models import PolicyPage
from civic.policies.states import Stage
from search.documents import Document, register

KIND = "policy"


def rows() -> "QuerySet[PolicyPage]":
    """Return the policies that everybody may read."""
    return PolicyPage.objects.live().public().select_related("issuing_body", "place")


def document(page: PolicyPage) -> Document | None:
    """Return a published policy as search knows it: its newest published text."""
    url = page.url
    if url is None:
        return None
    published_at = page.last_published_at or page.first_published_at or page.latest_revision_created_at
    clauses = clauses_of(page)
    return Document(
        kind=KIND,
        key=str(page.pk),
        url=url,
        title=page.title,
        title_en=page.title_en,
        at=published_at,
        text="\n".join(
            _said(
                page.summary,
                *(f"{c.number}　{c.heading}　{c.text}".strip("　") for c in clauses),
                page.number,
                page.basis,
                page.issuing_body.name,
            )
        ),
        text_en="\n".join(
            _said(
                page.summary_en,
                *(f"{c.number_en} {c.heading_en}. {c.text_en}" for c in clauses if c.text_en or c.heading_en),
                page.basis_en,
                page.issuing_body.name_en,
            )
        ),
        byline=page.issuing_body.name,
        byline_en=page.issuing_body.name_en,
        place_path=page.place.path,
        body_id=page.issuing_body_id,
        status=_first_status(page),
        later=tuple(_changes(page)),
        boost=1.5,
    )


def _said(*texts: str) -> list[str]:
    return [text for text in texts if text.strip()]


def _first_status(page: PolicyPage) -> str:
    if page.stage == Stage.PROPOSED:
        return "review"
    return "soon" if page.in_force_from else "answered"


def _changes(page: PolicyPage) -> Iterator[tuple[datetime, str]]:
    if page.in_force_from and page.stage != Stage.PROPOSED:
        yield _midnight(page.in_force_from), "doing"
        if page.in_force_until:
            yield _midnight(page.in_force_until), "ended"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


register(
    KIND,
    label=_("Policies"),
    model=PolicyPage,
    build=document,
    rows=rows,
    status_words={
        "review": _("Draft for comment"),
        "answered": _("Decided"),
        "soon": _("Not yet in force"),
        "doing": _("In force"),
        "ended": _("No longer in force"),
    },
)
