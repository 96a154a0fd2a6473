"""Saying, responding, supporting, editing and taking back."""

import re
import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from civic.access.questions import require
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from civic.ui.forms import refuse
from consult.consultations.models import Consultation
from consult.discussion import actions, domain, drafts, queries
from consult.discussion.forms import EditForm, RespondForm, SayForm, as_form_error
from consult.discussion.models import Contribution
from consult.discussion.views.drafting import keep_and_sign_in, keep_words, kept_words
from consult.discussion.views.page import (
    find,
    find_for_act,
    find_said,
    find_said_for_act,
    page_of,
    pinned_clauses,
    sent_kind,
    sent_uuid,
)


@require_http_methods(["GET", "HEAD", "POST"])
@limited(lambda request: sent_kind(request.POST), keep=keep_words, spare_unfit=True)
def say(request: HttpRequest, slug: str) -> HttpResponse:
    """The form to comment or propose.  What is typed is kept, whatever happens."""
    if request.method != "POST":
        asked = find(request, slug)
        clause_id = sent_uuid(request.GET.get("clause"))
        kind = sent_kind(request.GET)
        kept = kept_words(request, asked, drafts.box_of(kind=kind, clause=clause_id))
        form = SayForm(
            consultation=asked,
            kind=kind,
            is_first=queries.speaks_first(request.user),
            initial={
                "kind": kind, "clause": clause_id or "", "submission": uuid.uuid4(),
                "title": kept.title if kept else "", "text": kept.text if kept else "",
                "draft_version": kept.version if kept else 0,
            },
        )  # fmt: skip
        return _say_page(request, asked, form, kept=kept)
    asked, has_spoken, has_taken_part = find_for_act(request, slug)
    is_first = request.user.is_authenticated and not has_spoken
    form = SayForm(request.POST, consultation=asked, kind=sent_kind(request.POST), is_first=is_first)
    try:
        if not request.user.is_authenticated:
            return keep_and_sign_in(request, asked, reverse("consultation-say", args=[slug]))
        made = _publish(request, asked, form, is_counted=has_taken_part)
    except Refused as refusal:
        refuse(form, refusal)
        return _say_page(request, asked, form, status=409 if refusal.conflict else 403)
    except Unfit as error:
        form.add_error(None, as_form_error(error))
        return _say_page(request, asked, form, status=422)
    if made is None:
        return _say_page(request, asked, form, status=422)
    if made.is_public:
        messages.success(request, _("Your words are published. We tell you what becomes of them."))
    else:
        messages.info(request, _("Your words are kept and wait for a moderator. Below you read why."))
    return redirect(made)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("response", keep=keep_words, spare_unfit=True)
def respond(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Respond in a thread."""
    asked, parent = find_said(request, slug, pk)
    parent.consultation = asked
    if request.method != "POST":
        kept = kept_words(request, asked, drafts.response_box(parent))
        form = RespondForm(
            is_first=queries.speaks_first(request.user),
            initial={
                "submission": uuid.uuid4(),
                "text": kept.text if kept else "",
                "draft_version": kept.version if kept else 0,
            },
        )
        return _respond_page(request, asked, parent, form)
    form = RespondForm(request.POST, is_first=queries.speaks_first(request.user))
    if not request.user.is_authenticated:
        here = reverse("contribution-respond", args=[slug, pk])
        try:
            return keep_and_sign_in(request, asked, here, box=drafts.response_box(parent))
        except Refused as refusal:
            refuse(form, refusal)
            return _respond_page(request, asked, parent, form, status=403)
    if not form.is_valid():
        return _respond_page(request, asked, parent, form, status=422)
    try:
        made = domain.respond(
            person=request.user, parent=parent, text=form.cleaned_data["text"],
            submission=form.cleaned_data["submission"], language=_language_of(form.cleaned_data["text"]), at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        refuse(form, refusal)
        return _respond_page(request, asked, parent, form, status=409 if refusal.conflict else 403)
    if made.is_public:
        messages.success(request, _("Your response is published."))
    else:
        messages.info(request, _("Your words are kept and wait for a moderator. Below you read why."))
    return redirect(made)


@require_POST
@limited("support")
def support(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Support somebody's words, or take the support back."""
    asked, said, has_taken_part = find_said_for_act(request, slug, pk)
    said.consultation = asked
    if not request.user.is_authenticated:
        return redirect_to_login(said.get_absolute_url())
    if request.POST.get("on") == "0":
        domain.unsupport(contribution=said, person=request.user, at=request.at)
    else:
        domain.support(contribution=said, person=request.user, at=request.at, is_counted=has_taken_part)
    if "HTTP_HX_REQUEST" in request.META:  # ``request.htmx`` reads every header for this one
        [card] = queries.cards([said], consultation=asked, person=request.user, at=request.at, with_answers=False)
        context = {"card": card, "consultation": asked, "back": _safe_back(request, asked) or said.get_absolute_url()}
        return render(request, "consult/discussion/_support.html", context)
    return HttpResponseRedirect(_back_to(request, said))


@require_http_methods(["GET", "HEAD", "POST"])
@limited("edit", spare_unfit=True)
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change one's own words; the earlier ones stay readable."""
    asked, said = find_said(request, slug, pk)
    said.consultation = asked
    require(request.user, actions.EDIT, said, at=request.at)
    if request.method != "POST":
        form = EditForm(contribution=said, initial={"title": said.title, "text": said.text, "version": said.version})
        return render(request, "consult/discussion/edit.html", page_of(request, asked) | {"form": form, "said": said})
    form = EditForm(request.POST, contribution=said)
    status = 422
    if form.is_valid():
        try:
            domain.edit(
                contribution=said, person=cast("Person", request.user), at=request.at, text=form.cleaned_data["text"],
                title=form.cleaned_data.get("title", ""), version=form.cleaned_data["version"],
            )  # fmt: skip
        except Refused as refusal:
            refuse(form, refusal)
            status = 409
        else:
            messages.success(request, _("Your words are changed. The earlier version stays readable."))
            return redirect(said)
    context = page_of(request, asked) | {"form": form, "said": said}
    return render(request, "consult/discussion/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("edit")
def take_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take one's words back, after one question."""
    asked, said = find_said(request, slug, pk)
    said.consultation = asked
    require(request.user, actions.TAKE_BACK, said, at=request.at)
    if request.method != "POST":
        return render(request, "consult/discussion/take_back.html", page_of(request, asked) | {"said": said})
    domain.take_back(contribution=said, person=request.user, at=request.at)  # type: ignore[arg-type]
    messages.success(request, _("Your words are taken back. What others said below them stays."))
    return redirect(asked)


def _publish(request: HttpRequest, asked: Consultation, form: SayForm, *, is_counted: bool) -> Contribution | None:
    """Publish what a valid form says; None when it is not valid."""
    if not form.is_valid():
        return None
    data = form.cleaned_data
    return domain.contribute(
        person=cast("Person", request.user), consultation=asked, kind=data["kind"], text=data["text"],
        title=data.get("title", ""), clause=data.get("clause"), language=_language_of(data["text"]),
        submission=data["submission"], at=request.at, is_counted=is_counted,
    )  # fmt: skip


def _say_page(
    request: HttpRequest, asked: Consultation, form: SayForm, *, kept: Any = None, status: int = 200
) -> HttpResponse:
    if request.method == "POST":
        asked = find(request, asked.slug)  # found with what the act needed; the page shows more
    clause_id = sent_uuid(str(form["clause"].value() or "")) if "clause" in form.fields else None
    chosen = next((each for each in pinned_clauses(asked) if each.id == clause_id), None)
    kind = str(form["kind"].value())
    context = page_of(request, asked) | {
        "form": form,
        "clause": chosen,
        "kept": kept,
        "is_proposal": kind == Contribution.Kind.PROPOSAL,
        "propose_url": f"{reverse('consultation-say', args=[asked.slug])}?kind=proposal",
    }
    return render(request, "consult/discussion/say.html", context, status=status)


def _respond_page(
    request: HttpRequest, asked: Consultation, parent: Contribution, form: RespondForm, *, status: int = 200
) -> HttpResponse:
    [card] = queries.cards([parent], consultation=asked, person=request.user, at=request.at)
    context = page_of(request, asked) | {"form": form, "card": card}
    return render(request, "consult/discussion/respond.html", context, status=status)


def _back_to(request: HttpRequest, said: Contribution) -> str:
    """Return to the page the button was on."""
    back = _safe_back(request, said.consultation)
    return f"{back}#c{said.pk}" if back else said.get_absolute_url()


def _safe_back(request: HttpRequest, asked: Consultation) -> str:
    """Return the page a button was on, when it is one of this consultation's; otherwise nothing."""
    back = request.POST.get("back", "")
    if not back:
        return ""
    ours = reverse("consultation", args=[asked.slug])
    return back if back.startswith(ours) and "\\" not in back and "\n" not in back else ""


def _language_of(text: str) -> str:
    """Guess from the script: words with Chinese characters are Chinese."""
    return "zh-hans" if re.search(r"[\u3400-\u9fff]", text) else "en"
