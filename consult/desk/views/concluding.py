"""Closing a consultation as answered, and archiving it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from civic.access.questions import may
from civic.core.http import HttpRequest
from civic.core.refusals import Refused
from civic.people.models import Person
from consult.consultations import domain
from consult.consultations.actions import CONCLUDE, MANAGE
from consult.consultations.concluding import why_not_yet
from consult.consultations.models import Consultation
from consult.consultations.presentation import STATUS
from consult.consultations.states import State
from consult.desk import queries
from consult.desk.decorators import desk_page
from consult.desk.views.doors import find_consultation
from consult.replies.states import State as ReplyState
from consult.reports import domain as reports


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def conclude(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what came in and what is still open; close it as answered when nothing is."""
    found = find_consultation(request, slug, powers=[CONCLUDE])
    if request.method != "POST":
        return _page(request, found)
    assert isinstance(request.user, Person)  # desk_page let only people through
    try:
        reports.conclude(consultation=found, actor=request.user, at=request.at)
    except Refused as refusal:
        return _page(request, find_consultation(request, slug, powers=[CONCLUDE]), refusal=refusal)
    messages.success(request, _("Closed as answered. Everybody who took part is told what became of it."))
    return redirect("consultation-result", slug)


@require_POST
@desk_page
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    """Put an answered consultation away."""
    found = find_consultation(request, slug, powers=[MANAGE])
    assert isinstance(request.user, Person)  # desk_page let only people through
    try:
        domain.archive(consultation=found, actor=request.user, at=request.at)
    except Refused as refusal:
        return _page(request, find_consultation(request, slug, powers=[MANAGE]), refusal=refusal)
    messages.success(request, _("Archived. Everything stays readable."))
    return redirect("desk-consultation", slug)


def _page(request: HttpRequest, found: Consultation, *, refusal: Refused | None = None) -> HttpResponse:
    allowed = may(request.user, CONCLUDE, found, at=request.at)
    why_not = allowed.reason
    if allowed and found.state == State.ANNOUNCED and found.unanswered_count:
        why_not = domain.UNANSWERED.with_(count=found.unanswered_count)
    if why_not is None and found.state == State.ANNOUNCED:
        why_not = why_not_yet(found, at=request.at)
    stage = found.stage(request.at)
    progress = queries.progress(found, [])
    context = {
        "consultation": found,
        "stage": stage,
        "status": STATUS[stage],
        "outcomes": queries.outcomes(found),
        "waiting": progress.waiting,
        "unpublished": {
            "draft": progress.replies[ReplyState.DRAFT] + progress.replies[ReplyState.RETURNED],
            "submitted": progress.replies[ReplyState.SUBMITTED],
        },
        "is_done": found.state in {State.ANSWERED, State.ARCHIVED},
        "may_archive": found.state == State.ANSWERED and bool(may(request.user, MANAGE, found, at=request.at)),
        "why_not": why_not,
        "refusal": refusal,
    }
    status = 200 if refusal is None else 409 if refusal.conflict else 403
    return render(request, "consult/desk/conclude.html", context, status=status)
