"""What waits for a person, and the consultations they look after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Window
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from civic.access.mandates import mandates_of
from civic.core.http import HttpRequest
from civic.people.models import Person
from civic.policies import queries as policies
from civic.policies.actions import EDIT as EDIT_POLICIES
from civic.policies.actions import PUBLISH as PUBLISH_POLICIES
from consult.consultations.actions import CONCLUDE, MANAGE
from consult.consultations.models import Consultation
from consult.consultations.presentation import STATUS
from consult.consultations.states import Stage
from consult.desk import queries
from consult.desk.decorators import desk_page
from consult.moderation.actions import JUDGE
from consult.replies.actions import APPROVE, DRAFT
from consult.replies.models import Reply
from orgs.bodies.queries import bodies_of

PAGE_SIZE = 20


@dataclass(frozen=True)
class Section:
    """One list of the work list: opened by one power."""

    key: str
    title: str | Promise
    empty: str | Promise
    action: str
    rows: Callable[..., "QuerySet[Any]"]
    kind: Literal["consultations", "replies", "policies"] = "consultations"


SECTIONS = (
    Section(
        "approve", _("Waiting for your approval"), _("No colleague waits for you."), APPROVE, queries.to_approve,
        kind="replies",
    ),
    Section(
        "answer", _("Waiting for an answer"), _("Everything has its answer."), DRAFT, queries.to_answer
    ),
    Section(
        "mine", _("Your unfinished answers"), _("You have no unfinished answers."), DRAFT, queries.in_hand,
        kind="replies",
    ),
    Section(
        "conclude", _("Ready to be closed as answered"), _("Nothing can be closed now."), CONCLUDE, queries.to_conclude
    ),
    Section(
        "policies", _("Texts waiting for your approval"), _("No text waits for you."), PUBLISH_POLICIES,
        policies.waiting_for, kind="policies",
    ),
    Section("drafts", _("Drafted, not announced"), _("No drafts."), MANAGE, queries.drafted),
)  # fmt: skip


@require_safe
@desk_page
def desk(request: HttpRequest) -> HttpResponse:
    """The work list: a section for each kind of work the person's powers open, first due first."""
    assert isinstance(request.user, Person)  # desk_page let only people through
    mandates = mandates_of(request.user, at=request.at)
    held = {mandate.action for mandate in mandates}
    open_ = [section for section in SECTIONS if section.action in held]
    chosen = [section for section in open_ if section.key == request.GET.get("show")]
    parts = [_shown(section, request, whole=bool(chosen)) for section in chosen or open_]
    if not chosen:
        queries.remember_waiting(request.user, {part["section"].key: part["total"] for part in parts}, at=request.at)
    ends = [mandate.until for mandate in mandates if mandate.until is not None]
    return render(
        request,
        "consult/desk/desk.html",
        {
            "sections": sorted(parts, key=lambda part: not part["total"]),  # what is empty comes last
            "is_part": bool(chosen),
            "bodies": bodies_of(request.user, at=request.at),
            "powers_until": min(ends, default=None),
            "may_open": MANAGE in held,
            "may_moderate": JUDGE in held,
            "may_edit_policies": bool(held & {EDIT_POLICIES, PUBLISH_POLICIES}),
        },
    )


@require_safe
@desk_page
def consultations(request: HttpRequest) -> HttpResponse:
    """Every consultation of the bodies the person manages."""
    assert isinstance(request.user, Person)
    rows = queries.managed(request.user, at=request.at)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [consultation_line(each, request.at) for each in page]}
    return render(request, "consult/desk/consultations.html", context)


def consultation_line(consultation: Consultation, at: datetime, *, in_hand: int = 0) -> dict[str, Any]:
    """Return what one consultation's line shows; ``in_hand`` counts what lies in unpublished answers."""
    stage = consultation.stage(at)
    return {
        "consultation": consultation,
        "stage": stage,
        "status": STATUS[stage],
        "waiting": consultation.unanswered_count - in_hand,
        "in_hand": in_hand,
        "is_over": stage in {Stage.CLOSED, Stage.OVERDUE},
        "is_draft": stage is Stage.DRAFT,
    }


def reply_line(reply: Reply, at: datetime) -> dict[str, Any]:
    """Return what one answer's line shows."""
    return {"reply": reply, "is_late": reply.consultation.stage(at) is Stage.OVERDUE, "is_returned": bool(reply.note)}


def _shown(section: Section, request: HttpRequest, *, whole: bool) -> dict[str, Any]:
    found = section.rows(request.user, at=request.at)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")) if whole else None
    # The beginning of a list comes with the length of it all, in one query.
    rows = list(page if page is not None else found.annotate(in_all=Window(Count("pk")))[: queries.SHOWN])
    total = page.paginator.count if page is not None else rows[0].in_all if rows else 0
    if section.kind == "policies":
        lines = [{"policy": row} for row in rows]
    elif section.kind == "replies":
        lines = [reply_line(row, request.at) for row in rows]
    else:
        in_hand = queries.being_answered(rows) if rows and section.key == "answer" else {}
        lines = [consultation_line(row, request.at, in_hand=in_hand.get(row.pk, 0)) for row in rows]
    return {"section": section, "page": page, "lines": lines, "total": total, "whole": whole}
