"""Choosing contributions, writing their answer, approving a colleague's."""

from collections.abc import Sequence
from copy import copy
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.questions import may
from civic.core.http import HttpRequest
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from civic.policies.clauses import clauses_of, compare_words
from civic.ui.forms import refuse
from consult.consultations.actions import CONCLUDE, MANAGE
from consult.consultations.models import Consultation
from consult.consultations.presentation import STATUS
from consult.consultations.states import Stage
from consult.consultations.states import State as ConsultationState
from consult.desk import queries
from consult.desk.decorators import desk_page
from consult.desk.forms import MOST_CHOSEN, FilterForm, NoteForm, ReplyForm
from consult.desk.views.doors import find_consultation, find_reply
from consult.discussion.models import Contribution
from consult.discussion.queries import Sort
from consult.moderation.actions import SLOW
from consult.replies import domain
from consult.replies.actions import APPROVE, DRAFT, PUBLISH
from consult.replies.models import Reply
from consult.replies.states import State

# the domain's complaint → the field it belongs to
FIELD_OF = {"reason-needed": "reason", "clause-unknown": "clause", "no-clause": "clause"}


@require_safe
@desk_page
def consultation(request: HttpRequest, slug: str) -> HttpResponse:
    """The answering page: what waits, the words themselves, the form; or the answers in one state."""
    asked = find_consultation(request, slug, powers=queries.WORK)
    if asked.state == ConsultationState.DRAFT:
        return redirect("desk-consultation-announce", slug)
    if request.GET.get("show") in State.values:
        return _replies_page(request, asked, str(request.GET["show"]))
    form = ReplyForm(clauses=_clauses(asked), initial=_first_words(request, asked))
    return _answering_page(request, asked, form, ticked=_ids(request.GET))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def reply_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the ticked contributions."""
    asked = find_consultation(request, slug, powers=queries.WORK)
    if request.method != "POST":
        return redirect("desk-consultation", slug)
    return _save(request, asked, None)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer: its form while its writer works on it, otherwise to be read, approved or sent back."""
    found = find_reply(request, pk)
    if request.method == "POST":
        return _save(request, found.consultation, found)
    if not _is_writable(request, found):
        return _reading_page(request, found)
    answered = queries.answered_by(found)
    form = ReplyForm(clauses=_clauses(found.consultation), initial=_words_of(found))
    return _answering_page(
        request, found.consultation, form, reply=found, chosen=answered, ticked=[each.pk for each in answered]
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def reply_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a saved answer for approval."""
    found = find_reply(request, pk)
    if request.method == "POST":
        domain.submit(reply=found, actor=_person(request), at=request.at)
        messages.success(request, _("Sent for approval. A second person reads it before anybody else does."))
        return redirect("desk-consultation", found.consultation.slug)
    return redirect("desk-reply", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def reply_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a colleague's answer, exactly as it was read."""
    found = find_reply(request, pk)
    if request.method != "POST":
        return redirect("desk-reply", pk)
    version = request.POST.get("version", "")
    try:
        domain.approve_and_publish(
            reply=found, actor=_person(request), at=request.at,
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0,
        )  # fmt: skip
    except Refused as refusal:
        found.refresh_from_db()
        return _reading_page(request, found, refusal=refusal)
    messages.success(request, _("Published. It now stands beside the words it answers."))
    return redirect(_next_to_approve(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def reply_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a colleague's answer back, with what has to change."""
    found = find_reply(request, pk)
    if request.method != "POST":
        return redirect("desk-reply", pk)
    form = _return_form(request.POST)
    if not form.is_valid():
        return _reading_page(request, found, returning=form)
    try:
        domain.send_back(reply=found, actor=_person(request), note=form.cleaned_data["note"], at=request.at)
    except Refused as refusal:
        found.refresh_from_db()
        return _reading_page(request, found, returning=form, refusal=refusal)
    messages.success(request, _("Sent back. Its writer sees your note."))
    return redirect(_next_to_approve(request, found))


@require_POST
@desk_page
def reply_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw an unpublished answer away: what it answered waits again."""
    found = find_reply(request, pk)
    slug = found.consultation.slug
    domain.drop(reply=found, actor=_person(request), at=request.at)
    messages.success(request, _("Thrown away. The contributions wait again."))
    return redirect("desk-consultation", slug)


def _save(request: HttpRequest, asked: Consultation, found: Reply | None) -> HttpResponse:
    form = ReplyForm(request.POST, clauses=_clauses(asked))
    ticked = _ticked(request, asked, form)
    if not form.is_valid():
        return _again(request, asked, form, found, ticked, status=422)
    data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    sends = request.POST.get("then") == "send"
    try:
        saved = domain.save_draft(
            actor=_person(request), consultation=asked, contributions=_as_read(ticked, request.POST), reply=found,
            version=form.cleaned_data["version"], send=sends, at=request.at, **data,
        )  # fmt: skip
    except Unfit as error:
        form.add_error(FIELD_OF.get(error.reason.code), str(error))
        return _again(request, asked, form, found, ticked, status=422)
    except Refused as refusal:
        refuse(form, refusal)
        return _again(request, asked, form, found, ticked, status=409 if refusal.conflict else 403)
    if not sends:
        messages.success(request, _("Draft kept."))
        return redirect("desk-reply", saved.pk)
    messages.success(request, _("Sent for approval. A second person reads it before anybody else does."))
    return redirect(f"{reverse('desk-consultation', args=[asked.slug])}{_query(request.POST)}")


def _again(
    request: HttpRequest,
    asked: Consultation,
    form: ReplyForm,
    found: Reply | None,
    ticked: Sequence[Contribution],
    *,
    status: int,
) -> HttpResponse:
    """Show the form with what was typed and ticked, whatever page the ticks were on."""
    return _answering_page(
        request, asked, form, reply=found, chosen=list(ticked), ticked=[each.pk for each in ticked], status=status
    )


def _answering_page(
    request: HttpRequest,
    asked: Consultation,
    form: ReplyForm,
    *,
    reply: Reply | None = None,
    chosen: Sequence[Contribution] = (),
    ticked: Sequence[int] = (),
    status: int = 200,
) -> HttpResponse:
    clauses = _clauses(asked)
    progress = queries.progress(asked, clauses)
    choice = _choice(request, progress.groups)
    page = Paginator(queries.waiting(asked, choice), queries.PAGE_SIZE).get_page(request.GET.get("page"))
    shown = {each.pk for each in chosen}
    about = choice.clause or str(form["clause"].value() or "" if "clause" in form.fields else "")
    context = _frame(request, asked, progress) | {
        "form": form,
        "reply": reply,
        "chosen": chosen,
        "page": page,
        "rows": [each for each in page if each.pk not in shown],
        "ticked": set(ticked),
        "choice": choice,
        "sorts": Sort.choices,
        "clause": next((each for each in clauses if str(each.id) == about), None),
        "may_draft": may(request.user, DRAFT, asked, at=request.at),
        "concerned": queries.people_concerned(list(shown)) if reply else 0,
        "action": reverse("desk-reply", args=[reply.pk]) if reply else reverse("desk-reply-new", args=[asked.slug]),
    }
    return render(request, "consult/desk/answering.html", context, status=status)


def _replies_page(request: HttpRequest, asked: Consultation, state: str) -> HttpResponse:
    page = Paginator(queries.replies_of(asked, state), queries.PAGE_SIZE).get_page(request.GET.get("page"))
    context = _frame(request, asked, queries.progress(asked, _clauses(asked))) | {
        "page": page, "shown": state, "shown_label": State(state).label,
    }  # fmt: skip
    return render(request, "consult/desk/replies.html", context)


def _reading_page(
    request: HttpRequest, found: Reply, *, returning: NoteForm | None = None, refusal: Refused | None = None
) -> HttpResponse:
    asked, at = found.consultation, request.at
    answered = queries.answered_by(found)
    clauses = _clauses(asked)
    clause = next((each for each in clauses if each.id == found.clause), None)
    context = _frame(request, asked, queries.progress(asked, clauses)) | {
        "reply": found,
        "answered": answered,
        "clause": clause,
        "parts": compare_words(clause.text, found.new_text) if clause and found.new_text else (),
        "concerned": queries.people_concerned([each.pk for each in answered]),
        "waits": found.state == State.SUBMITTED,
        "is_published": found.state == State.PUBLISHED,
        "may_send": found.is_editable and may(request.user, DRAFT, asked, at=at),
        "may_publish": may(request.user, PUBLISH, found, at=at),
        "may_return": may(request.user, APPROVE, found, at=at),
        "returning": returning or _return_form(),
        "refusal": refusal,
        "shown": found.state,
    }
    status = 200
    if refusal is not None:
        status = 409 if refusal.conflict else 403
    elif returning is not None:
        status = 422
    return render(request, "consult/desk/reply.html", context, status=status)


def _frame(request: HttpRequest, asked: Consultation, progress: queries.Progress) -> dict[str, Any]:
    """Return what the queue of every page of a consultation shows."""
    stage = asked.stage(request.at)
    total = asked.contribution_count
    here = queries.powers_over(request.user, asked, at=request.at)
    return {
        "consultation": asked,
        "stage": stage,
        "status": STATUS[stage],
        "is_late": stage is Stage.OVERDUE,
        "is_answered": stage in {Stage.ANSWERED, Stage.ARCHIVED},
        "is_announced": stage in {Stage.ANNOUNCED, Stage.RUNNING, Stage.CLOSED, Stage.OVERDUE},
        "takes_part": stage in {Stage.ANNOUNCED, Stage.RUNNING},
        "progress": progress,
        "by_state": [
            (key, label, progress.replies[key]) for key, label in _STATES_SHOWN if progress.replies[key]
        ],
        "percent": 100 * asked.answered_count / total if total else 100,
        "may_manage": MANAGE in here,
        "may_slow": bool(may(request.user, SLOW, asked, at=request.at)),
        "may_conclude": CONCLUDE in here,
    }  # fmt: skip


_STATES_SHOWN = [
    (State.RETURNED, State.RETURNED.label), (State.DRAFT, State.DRAFT.label),
    (State.SUBMITTED, State.SUBMITTED.label), (State.PUBLISHED, State.PUBLISHED.label),
]  # fmt: skip


def _is_writable(request: HttpRequest, found: Reply) -> bool:
    return found.is_editable and bool(may(request.user, DRAFT, found.consultation, at=request.at))


def _ticked(request: HttpRequest, asked: Consultation, form: ReplyForm) -> list[Contribution]:
    """Return the contributions the form names; with ``all`` also everything its filter shows."""
    wanted = set(_ids(request.POST))
    if request.POST.get("all") == "1":
        groups = queries.progress(asked, _clauses(asked)).groups
        choice = _choice(request, groups)
        wanted |= set(queries.waiting(asked, choice).values_list("pk", flat=True)[:MOST_CHOSEN])
    rows = Contribution.objects.filter(pk__in=wanted, consultation=asked).for_pages()
    return list(rows.order_by("-num_vote_up", "pk"))


def _ids(sent: QueryDict) -> list[int]:
    return list(_versions(sent))


def _versions(sent: QueryDict) -> dict[int, int | None]:
    """Return what was ticked, with the version of the words that was shown: ``12:3``; a bare number names none."""
    ticked: dict[int, int | None] = {}
    for text in sent.getlist("c")[:MOST_CHOSEN]:
        number, _colon, version = text.partition(":")
        if number.isascii() and number.isdigit() and len(number) < 16:
            ticked[int(number)] = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else None
    return ticked


def _as_read(ticked: Sequence[Contribution], sent: QueryDict) -> list[Contribution]:
    """Return the contributions in the version the writer was shown: words changed since count as changed."""
    shown = _versions(sent)
    read = []
    for each in ticked:
        seen = copy(each)
        seen.version = min(each.version, shown.get(each.pk) or each.version)
        read.append(seen)
    return read


def _choice(request: HttpRequest, groups: Sequence[queries.Group]) -> queries.Choice:
    """Return which contributions are looked at; a sent form carries its filter beside the answer's own clause."""
    values = request.GET.dict()
    if request.method == "POST":
        values = request.POST.dict() | {"clause": request.POST.get("clause_shown", "")}
    return FilterForm(values).choice(groups)


def _first_words(request: HttpRequest, asked: Consultation) -> dict[str, Any]:
    """Begin with the clause that is looked at."""
    clause = request.GET.get("clause", "")
    return {"version": 0, "clause": "" if clause == queries.WHOLE else clause}


def _words_of(found: Reply) -> dict[str, Any]:
    names = ("outcome", "text", "text_en", "reason", "reason_en", "new_text", "new_text_en", "version")
    return {name: getattr(found, name) for name in names} | {"clause": found.clause or ""}


def _query(sent: QueryDict) -> str:
    """Keep the filter, so that the next ones that wait are shown."""
    kept = {"clause": sent.get("clause_shown"), "sort": sent.get("sort"), "q": sent.get("q")}
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"?{query}" if query else ""


def _next_to_approve(request: HttpRequest, found: Reply) -> str:
    following = queries.to_approve(_person(request), at=request.at).exclude(pk=found.pk).first()
    return reverse("desk-reply", args=[following.pk]) if following else reverse("desk")


def _return_form(sent: QueryDict | None = None) -> NoteForm:
    return NoteForm(
        sent, label=_("What has to change"), hint=_("Its writer reads this; residents do not."), auto_id="return_%s"
    )


def _clauses(asked: Consultation) -> list[Any]:
    return list(clauses_of(asked.revision)) if asked.revision_id and asked.revision else []


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # desk_page let only people through
    return request.user
