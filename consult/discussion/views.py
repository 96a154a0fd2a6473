"""A consultation's own pages, its text, its threads and the forms to take part."""

import re
import secrets
import uuid
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.questions import may, require
from civic.core.http import HttpRequest
from civic.core.refusals import SIGN_IN, Refused, Unfit
from civic.people.models import Person
from civic.policies.clauses import clauses_of
from civic.ui.components import Tab
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation, Follow
from consult.consultations.presentation import STATUS, steps
from consult.consultations.queries import readable
from consult.consultations.states import Stage
from consult.discussion import actions, domain, drafts, queries
from consult.discussion.forms import EditForm, RespondForm, SayForm, as_form_error
from consult.discussion.models import Contribution
from consult.discussion.panels import panels_of
from consult.discussion.subscribers import DRAFT_COOKIE

DRAFT_COOKIE_AGE = 30 * 24 * 3600


@require_safe
def consultation(request: HttpRequest, slug: str) -> HttpResponse:
    """A consultation: what is asked, until when, what people say, what became of it."""
    asked = _find(request, slug)
    sort = request.GET.get("sort", queries.Sort.NEWEST)
    if sort not in queries.Sort.values:
        sort = queries.Sort.NEWEST
    rows = queries.roots(asked, sort=sort)
    # Elder mode shows one voice at a time.
    paginator = Paginator(rows, 1 if getattr(request, "elder", False) else queries.PAGE_SIZE)
    paginator.count = asked.contribution_count  # kept, so that no page counts rows
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "consult/discussion/consultation.html",
        _page(request, asked)
        | {
            "page": page,
            "cards": queries.cards(list(page), consultation=asked, person=request.user, at=request.at),
            "tabs": [Tab(str(label), f"?sort={key}", key == sort) for key, label in queries.Sort.choices],
            "clause_total": len(_clauses(asked)),
            "panels": panels_of(asked, request.user, at=request.at),
        },
    )


@require_safe
def text(request: HttpRequest, slug: str) -> HttpResponse:
    """The text under discussion, clause by clause, each with a button to speak to it."""
    asked = _find(request, slug)
    if asked.revision_id is None:
        raise Http404
    counts = queries.clause_counts(asked)
    clauses = [
        {
            "clause": clause,
            "count": counts.get(clause.id, 0),
            "url": reverse("consultation-clause", args=[slug, clause.id]),
            "say_url": f"{reverse('consultation-say', args=[slug])}?clause={clause.id}",
        }
        for clause in _clauses(asked)
    ]
    return render(request, "consult/discussion/text.html", _page(request, asked) | {"clauses": clauses})


@require_safe
def clause(request: HttpRequest, slug: str, clause: UUID) -> HttpResponse:
    """One clause and what people say about it."""
    asked = _find(request, slug)
    found = next((each for each in _clauses(asked) if each.id == clause), None)
    if found is None:
        raise Http404
    page = Paginator(queries.roots(asked, sort=queries.Sort.SUPPORTED, clause=clause), queries.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    cards = queries.cards(list(page), consultation=asked, person=request.user, at=request.at)
    say_url = f"{reverse('consultation-say', args=[slug])}?clause={clause}"
    return render(
        request,
        "consult/discussion/clause.html",
        _page(request, asked) | {"clause": found, "page": page, "cards": cards, "say_url": say_url},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, slug: str) -> HttpResponse:
    """The form to comment or propose.  What is typed is kept, whatever happens."""
    asked = _find(request, slug)
    if request.method != "POST":
        clause_id = _uuid(request.GET.get("clause"))
        kind = _kind(request.GET)
        kept = _kept(request, asked, domain.box_of(kind=kind, clause=clause_id))
        form = SayForm(
            consultation=asked,
            kind=kind,
            initial={
                "kind": kind, "clause": clause_id or "", "submission": uuid.uuid4(),
                "title": kept.title if kept else "", "text": kept.text if kept else "",
                "draft_version": kept.version if kept else 0,
            },
        )  # fmt: skip
        return _say_page(request, asked, form, kept=kept)
    form = SayForm(request.POST, consultation=asked, kind=_kind(request.POST))
    if not request.user.is_authenticated:
        return _keep_and_sign_in(request, asked, reverse("consultation-say", args=[slug]))
    if not form.is_valid():
        return _say_page(request, asked, form, status=422)
    data = form.cleaned_data
    try:
        made = domain.contribute(
            person=request.user, consultation=asked, kind=data["kind"], text=data["text"],
            title=data.get("title", ""), clause=data.get("clause"), language=_language_of(data["text"]),
            submission=data["submission"], at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _say_page(request, asked, form, status=409 if refusal.conflict else 403)
    except Unfit as error:
        form.add_error(None, as_form_error(error))
        return _say_page(request, asked, form, status=422)
    messages.success(request, _("Your words are published. We tell you what becomes of them."))
    return redirect(made)


@require_POST
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep what is being typed; answers with the draft's new version."""
    asked = _find(request, slug)
    token = request.COOKIES.get(DRAFT_COOKIE, "") or secrets.token_urlsafe(24)
    owner = _owner(request, token)
    box = request.POST.get("box", "")[:80].replace("\0", "") or domain.box_of(
        kind=_kind(request.POST), clause=_uuid(request.POST.get("clause"))
    )
    try:
        kept = drafts.save(
            owner=owner, consultation=asked, box=box, text=request.POST.get("text", ""),
            title=request.POST.get("title", ""), version=_whole(request.POST.get("draft_version")), at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        return JsonResponse({"message": str(refusal)}, status=409)
    response = JsonResponse({"version": kept.version, "message": _("Draft kept.")})
    if owner.person is None:
        _set_draft_cookie(request, response, token)
    return response


@require_safe
def contribution(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One contribution, its answer and the thread below it."""
    asked, said = _find_said(request, slug, pk)
    if said.root_id is not None:
        return redirect(said)
    return _thread_page(request, asked, said)


@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Respond in a thread."""
    asked, parent = _find_said(request, slug, pk)
    parent.consultation = asked
    if request.method != "POST":
        kept = _kept(request, asked, f"reply-{parent.pk}")
        form = RespondForm(
            initial={
                "submission": uuid.uuid4(),
                "text": kept.text if kept else "",
                "draft_version": kept.version if kept else 0,
            }
        )
        return _respond_page(request, asked, parent, form)
    form = RespondForm(request.POST)
    if not request.user.is_authenticated:
        here = reverse("contribution-respond", args=[slug, pk])
        return _keep_and_sign_in(request, asked, here, box=f"reply-{parent.pk}")
    if not form.is_valid():
        return _respond_page(request, asked, parent, form, status=422)
    try:
        made = domain.respond(
            person=request.user, parent=parent, text=form.cleaned_data["text"],
            submission=form.cleaned_data["submission"], language=_language_of(form.cleaned_data["text"]), at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _respond_page(request, asked, parent, form, status=409 if refusal.conflict else 403)
    messages.success(request, _("Your response is published."))
    return redirect(made)


@require_POST
def support(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Support somebody's words, or take the support back."""
    asked, said = _find_said(request, slug, pk)
    said.consultation = asked
    if not request.user.is_authenticated:
        return redirect_to_login(said.get_absolute_url())
    change = domain.unsupport if request.POST.get("on") == "0" else domain.support
    change(contribution=said, person=request.user, at=request.at)
    if request.htmx:
        [card] = queries.cards([said], consultation=asked, person=request.user, at=request.at, with_answers=False)
        context = {"card": card, "consultation": asked, "back": _safe_back(request, asked) or said.get_absolute_url()}
        return render(request, "consult/discussion/_support.html", context)
    return redirect(_back_to(request, said))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change one's own words; the earlier ones stay readable."""
    asked, said = _find_said(request, slug, pk)
    said.consultation = asked
    require(request.user, actions.EDIT, said, at=request.at)
    if request.method != "POST":
        form = EditForm(contribution=said, initial={"title": said.title, "text": said.text, "version": said.version})
        return render(request, "consult/discussion/edit.html", _page(request, asked) | {"form": form, "said": said})
    form = EditForm(request.POST, contribution=said)
    status = 422
    if form.is_valid():
        try:
            domain.edit(
                contribution=said, person=cast("Person", request.user), at=request.at, text=form.cleaned_data["text"],
                title=form.cleaned_data.get("title", ""), version=form.cleaned_data["version"],
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            messages.success(request, _("Your words are changed. The earlier version stays readable."))
            return redirect(said)
    context = _page(request, asked) | {"form": form, "said": said}
    return render(request, "consult/discussion/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take one's words back, after one question."""
    asked, said = _find_said(request, slug, pk)
    said.consultation = asked
    require(request.user, actions.TAKE_BACK, said, at=request.at)
    if request.method != "POST":
        return render(request, "consult/discussion/take_back.html", _page(request, asked) | {"said": said})
    domain.take_back(contribution=said, person=request.user, at=request.at)  # type: ignore[arg-type]
    messages.success(request, _("Your words are taken back. What others said below them stays."))
    return redirect(asked)


@require_safe
def versions(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What a contribution said before."""
    asked, said = _find_said(request, slug, pk)
    if not said.is_public:
        raise Http404
    context = _page(request, asked) | {"said": said, "versions": list(said.versions.all())}
    return render(request, "consult/discussion/versions.html", context)


def _find(request: HttpRequest, slug: str) -> Consultation:
    return get_object_or_404(readable(request.user, at=request.at).select_related("revision"), slug=slug)


def _find_said(request: HttpRequest, slug: str, pk: int) -> tuple[Consultation, Contribution]:
    asked = _find(request, slug)
    rows = Contribution.objects.select_related("author", "author__residence", "keyed_for", "parent", "root")
    said = get_object_or_404(rows.exclude(kind=Contribution.Kind.STATEMENT), pk=pk, consultation=asked)
    return asked, said


def _page(request: HttpRequest, asked: Consultation) -> dict[str, Any]:
    """Return what the head and the side column of every page of a consultation show."""
    stage = asked.stage(request.at)
    said = queries.mine(request.user, asked)
    note = ""
    if said:
        note = ngettext("You said %(count)s thing here", "You said %(count)s things here", len(said)) % {
            "count": len(said)
        }
    follows = (
        isinstance(request.user, Person) and Follow.objects.filter(consultation=asked, person=request.user).exists()
    )
    return {
        "consultation": asked,
        "stage": stage,
        "status": STATUS[stage],
        "is_running": stage is Stage.RUNNING,
        "is_answered": stage in {Stage.ANSWERED, Stage.ARCHIVED} and asked.answered_at is not None,
        "steps": steps(asked, at=request.at, mine=note),
        "mine": said,
        "follows": follows,
        "may_comment": may(request.user, actions.COMMENT, asked, at=request.at),
        "needs_sign_in": not request.user.is_authenticated,
        "say_url": reverse("consultation-say", args=[asked.slug]),
        "text_url": reverse("consultation-text", args=[asked.slug]) if asked.revision_id else "",
        "collects_now": getattr(asked.phase_at(request.at), "kind", None) == PhaseKind.COLLECT,
        "at": request.at,
    }


def _clauses(asked: Consultation) -> list[Any]:
    return list(clauses_of(asked.revision)) if asked.revision_id else []


def _say_page(
    request: HttpRequest, asked: Consultation, form: SayForm, *, kept: Any = None, status: int = 200
) -> HttpResponse:
    clause_id = _uuid(str(form["clause"].value() or "")) if "clause" in form.fields else None
    chosen = next((each for each in _clauses(asked) if each.id == clause_id), None)
    kind = str(form["kind"].value())
    context = _page(request, asked) | {
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
    context = _page(request, asked) | {"form": form, "card": card}
    return render(request, "consult/discussion/respond.html", context, status=status)


def _thread_page(request: HttpRequest, asked: Consultation, said: Contribution) -> HttpResponse:
    paginator = Paginator(queries.thread(said), queries.RESPONSES_PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    rows = [said, *page]
    cards = queries.cards(rows, consultation=asked, person=request.user, at=request.at)
    clause = next((each for each in _clauses(asked) if each.id == said.clause), None)
    return render(
        request,
        "consult/discussion/contribution.html",
        _page(request, asked) | {"card": cards[0], "responses": cards[1:], "page": page, "clause": clause},
    )


def _keep_and_sign_in(request: HttpRequest, asked: Consultation, here: str, box: str = "") -> HttpResponse:
    """Somebody wrote before signing in: keep it for this browser and come back to it."""
    if not request.POST.get("text", "").strip():
        return redirect_to_login(here)
    token = request.COOKIES.get(DRAFT_COOKIE, "") or secrets.token_urlsafe(24)
    kind, clause_id = _kind(request.POST), _uuid(request.POST.get("clause"))
    box = box or domain.box_of(kind=kind, clause=clause_id)
    owner = drafts.Owner(token=token)
    known = drafts.find(owner=owner, consultation=asked, box=box)
    drafts.save(
        owner=owner, consultation=asked, box=box, text=request.POST.get("text", ""),
        title=request.POST.get("title", ""), version=known.version if known else 0, at=request.at,
    )  # fmt: skip
    query = f"?kind={kind}" + (f"&clause={clause_id}" if clause_id else "") if not box.startswith("reply-") else ""
    messages.info(request, str(SIGN_IN))
    response = redirect_to_login(here + query)
    _set_draft_cookie(request, response, token)
    return response


def _set_draft_cookie(request: HttpRequest, response: HttpResponse, token: str) -> None:
    response.set_cookie(
        DRAFT_COOKIE, token, max_age=DRAFT_COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure()
    )


def _owner(request: HttpRequest, token: str) -> drafts.Owner:
    if isinstance(request.user, Person):
        return drafts.Owner(person=request.user)
    return drafts.Owner(token=token)


def _kept(request: HttpRequest, asked: Consultation, box: str) -> Any:
    token = request.COOKIES.get(DRAFT_COOKIE, "")
    if not isinstance(request.user, Person) and not token:
        return None
    return drafts.find(owner=_owner(request, token), consultation=asked, box=box)


def _back_to(request: HttpRequest, said: Contribution) -> str:
    """Return to the page the button was on."""
    back = _safe_back(request, said.consultation)
    return f"{back}#c{said.pk}" if back else said.get_absolute_url()


def _safe_back(request: HttpRequest, asked: Consultation) -> str:
    """Return the page a button was on, when it is one of this consultation's; otherwise nothing."""
    back = request.POST.get("back", "")
    ours = reverse("consultation", args=[asked.slug])
    return back if back.startswith(ours) and "\\" not in back and "\n" not in back else ""


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None


def _kind(sent: Any) -> str:
    return Contribution.Kind.PROPOSAL if sent.get("kind") == Contribution.Kind.PROPOSAL else Contribution.Kind.COMMENT


def _whole(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 9 else 0


def _language_of(text: str) -> str:
    """Guess from the script: words with Chinese characters are Chinese."""
    return "zh-hans" if re.search(r"[\u3400-\u9fff]", text) else "en"
