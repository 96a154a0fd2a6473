"""Objections: the resident's form, and the desk at which they are answered."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.decorators import office_page
from civic.access.questions import may
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import Refused
from civic.people.models import Person
from consult.voting import objecting, queries
from consult.voting.actions import OBJECT
from consult.voting.audit_forms import AnswerForm, HideForm, ObjectionForm
from consult.voting.models import Objection, Poll
from consult.voting.views.reading import around, find

PAGE_SIZE = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("report")
def poll_object(request: HttpRequest, slug: str) -> HttpResponse:
    """Object to a poll: a sentence or two, entered in the bulletin by date and hash."""
    poll = find(request, slug)
    if not isinstance(request.user, Person):
        return redirect_to_login(request.path)
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    allowed = may(request.user, OBJECT, poll, at=request.at)
    status = 200 if allowed else 403
    if request.method == "POST" and allowed:
        status = 422
        if form.is_valid():
            try:
                made = objecting.object_to(
                    poll=poll, person=request.user, text=form.cleaned_data["text"], at=request.at
                )
            except Refused as refusal:
                form.add_error("text", str(refusal))
                status = 409 if refusal.conflict else 422
            else:
                messages.success(
                    request,
                    _("Your objection is entry %(number)s of the bulletin. We tell you when it is answered.")
                    % {"number": made.entry.number},
                )
                return redirect(_shown_at(poll))
    context = around(request, poll) | {
        "form": form,
        "allowed": allowed,
        "why_not": allowed.reason,
        "back": _shown_at(poll),
    }
    return render(request, "consult/voting/object.html", context, status=status)


@require_safe
@office_page
def desk_poll_objections(request: HttpRequest, slug: str) -> HttpResponse:
    """Objections to one poll, those that wait first: for whoever runs it, and whoever audits it."""
    return _show(request, _for_work(request, slug))


@require_POST
@office_page
def desk_poll_objection(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Answer an objection, or hide its words for a public reason."""
    poll = _for_work(request, slug)
    objection = get_object_or_404(Objection.objects.select_related("entry"), poll=poll, entry__number=number)
    assert isinstance(request.user, Person)  # office_page let only people through
    hides = "hide" in request.POST
    form = HideForm(request.POST) if hides else AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, poll, open_=objection, form=form, status=422)
    try:
        if hides:
            objecting.hide(objection=objection, actor=request.user, reason=form.cleaned_data["reason"], at=request.at)
        else:
            objecting.answer(objection=objection, actor=request.user, text=form.cleaned_data["answer"], at=request.at)
    except Refused as refusal:
        if refusal.reason.code in {"no-mandate", "mandate-ended", "not-your-own-poll"}:
            raise
        form.add_error(None, str(refusal))
        return _show(request, poll, open_=objection, form=form, status=409 if refusal.conflict else 422)
    messages.success(request, _("Done."))
    return redirect("desk-poll-objections", slug)


def _show(
    request: HttpRequest, poll: Poll, *, open_: Objection | None = None, form: Any = None, status: int = 200
) -> HttpResponse:
    assert isinstance(request.user, Person)  # office_page let only people through
    audits = queries.audits(request.user, poll, at=request.at)
    may_hide = audits and not queries.ran_it(request.user, poll, at=request.at)
    page = Paginator(queries.objections_at_the_desk(poll), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = []
    for objection in page:
        is_open = open_ is not None and objection.pk == open_.pk
        rows.append(
            {
                "objection": objection,
                "answer": form
                if is_open and isinstance(form, AnswerForm)
                else AnswerForm(auto_id=f"a{objection.pk}-%s"),
                "hide": form if is_open and isinstance(form, HideForm) else HideForm(auto_id=f"h{objection.pk}-%s"),
                "is_open": is_open,
            }
        )
    context = around(request, poll) | {"page": page, "rows": rows, "audits": audits, "may_hide": may_hide}
    return render(request, "consult/voting/desk/objections.html", context, status=status)


def _for_work(request: HttpRequest, slug: str) -> Poll:
    """Return a poll this person runs or audits; colleagues who do neither are told so."""
    poll = find(request, slug)
    queries.require_office(poll, request.user, at=request.at)
    return poll


def _shown_at(poll: Poll) -> str:
    """Return where the objections of a poll stand: under its result, and before that on its bulletin."""
    return reverse("poll-result" if poll.result_hash else "poll-bulletin", args=[poll.slug])
