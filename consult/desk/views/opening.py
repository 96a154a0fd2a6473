"""Opening a consultation from a template, announcing it, extending and withdrawing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from civic.access.mandates import mandates_of
from civic.access.questions import MANDATE_ENDED, NO_MANDATE, may
from civic.core.http import HttpRequest
from civic.core.refusals import Refused
from civic.people.models import Person
from civic.policies.clauses import clauses_of
from consult.consultations import domain
from consult.consultations.actions import MANAGE
from consult.consultations.models import Consultation
from consult.consultations.presets import PRESETS
from consult.consultations.states import Stage, State
from consult.desk import queries
from consult.desk.decorators import desk_page
from consult.desk.forms import ConsultationForm, ExtendForm, NoteForm, first_values, values_of
from consult.desk.views.doors import find_consultation

# the domain's refusal → the field it belongs to
FIELD_OF = {
    "address-taken": "slug", "phases-overlap": "collect_until", "in-the-past": "collect_from",
    "too-short": "shorter_because", "asked-too-wide": "open_to", "not-longer": "until", "no-participation": "collect_from",
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def consultation_new(request: HttpRequest) -> HttpResponse:
    """Draft a consultation: first the template, then what is asked, of whom and when."""
    bodies = queries.sponsors(_person(request), at=request.at)
    if not bodies.exists():
        raise Refused(MANDATE_ENDED if mandates_of(_person(request), MANAGE, at=request.at) else NO_MANDATE)
    sent = request.POST if request.method == "POST" else request.GET
    preset = PRESETS.get(sent.get("template", ""))
    if preset is None and request.method == "POST":
        # The form complains of the template, and keeps what was typed.
        preset = next(iter(PRESETS.values()))
    if preset is None:
        return render(request, "consult/desk/templates.html", {"presets": list(PRESETS.values())})
    given: dict[str, Any] = {"preset": preset, "bodies": bodies, "policies": queries.policies(bodies)}
    if request.method != "POST":
        form = ConsultationForm(initial=first_values(preset, at=request.at, bodies=list(bodies[:1])), **given)
        return _form_page(request, form)
    form = ConsultationForm(request.POST, **given)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    try:
        made = domain.create(
            actor=_person(request), at=request.at, phases=form.phases(), **form.fields_of_model(at=request.at)
        )
    except Refused as refusal:
        return _refused_form(request, form, refusal)
    messages.success(request, _("Draft kept. Read once more what will be frozen, then announce it."))
    return redirect("desk-consultation-announce", made.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def consultation_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a draft; a policy's newest published text is pinned anew."""
    found = find_consultation(request, slug, powers=[MANAGE])
    if found.state != State.DRAFT:
        return redirect("desk-consultation", slug)
    bodies = queries.sponsors(_person(request), at=request.at)
    given: dict[str, Any] = {
        "preset": PRESETS[found.template], "bodies": bodies, "policies": queries.policies(bodies), "draft": found,
    }  # fmt: skip
    if request.method != "POST":
        initial = values_of(found) | {"seen": domain.fingerprint(found)}
        return _form_page(request, ConsultationForm(initial=initial, **given), draft=found)
    form = ConsultationForm(request.POST, **given)
    if not form.is_valid():
        return _form_page(request, form, draft=found, status=422)
    try:
        domain.change_draft(
            consultation=found, actor=_person(request), at=request.at, phases=form.phases(),
            seen=form.cleaned_data["seen"], **form.fields_of_model(at=request.at),
        )  # fmt: skip
    except Refused as refusal:
        return _refused_form(request, form, refusal, draft=found)
    messages.success(request, _("Draft kept. Read once more what will be frozen, then announce it."))
    return redirect("desk-consultation-announce", found.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def consultation_announce(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what will be frozen; announce it."""
    found = find_consultation(request, slug, powers=[MANAGE])
    if found.state != State.DRAFT:
        return redirect("desk-consultation", slug)
    if request.method != "POST":
        return _review_page(request, found)
    try:
        domain.announce(
            consultation=found, actor=_person(request), at=request.at, seen=request.POST.get("seen", "")
        )  # fmt: skip
    except Refused as refusal:
        found = find_consultation(request, slug, powers=[MANAGE])
        return _review_page(request, found, refusal=refusal)
    messages.success(request, _("Announced. Everybody can read it now."))
    return redirect(found)


@require_POST
@desk_page
def consultation_drop(request: HttpRequest, slug: str) -> HttpResponse:
    """Throw a draft away."""
    found = find_consultation(request, slug, powers=[MANAGE])
    try:
        domain.drop(consultation=found, actor=_person(request), at=request.at, seen=request.POST.get("seen", ""))
    except Refused as refusal:
        if found.state != State.DRAFT:
            raise
        return _review_page(request, find_consultation(request, slug, powers=[MANAGE]), refusal=refusal)
    messages.success(request, _("The draft is thrown away."))
    return redirect("desk-consultations")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def consultation_extend(request: HttpRequest, slug: str) -> HttpResponse:
    """Give people more time."""
    found = find_consultation(request, slug, powers=[MANAGE])
    given: dict[str, Any] = {"label": _("Reason"), "hint": _("Public. Why people get more time.")}
    if request.method != "POST":
        return _act_page(request, found, "extend", ExtendForm(initial={"until": found.closes_at}, **given))
    form = ExtendForm(request.POST, **given)
    if not form.is_valid():
        return _act_page(request, found, "extend", form, status=422)
    data = form.cleaned_data
    try:
        domain.extend(consultation=found, actor=_person(request), until=data["until"], note=data["note"], at=request.at)
    except Refused as refusal:
        form.add_error(FIELD_OF.get(refusal.reason.code), str(refusal))
        return _act_page(request, found, "extend", form, status=409 if refusal.conflict else 422)
    messages.success(request, _("Extended. The reason stands on its page."))
    return redirect("desk-consultation", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def consultation_withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """End a consultation before its answer, with a public reason."""
    found = find_consultation(request, slug, powers=[MANAGE])
    given: dict[str, Any] = {"label": _("Reason"), "hint": _("Public. Everybody who took part reads it.")}
    if request.method != "POST":
        return _act_page(request, found, "withdraw", NoteForm(**given))
    form = NoteForm(request.POST, **given)
    if not form.is_valid():
        return _act_page(request, found, "withdraw", form, status=422)
    try:
        domain.withdraw(consultation=found, actor=_person(request), note=form.cleaned_data["note"], at=request.at)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _act_page(request, found, "withdraw", form, status=409 if refusal.conflict else 403)
    messages.success(request, _("Withdrawn. What people said stays readable, with your reason above it."))
    return redirect("desk-consultation", slug)


def _form_page(
    request: HttpRequest, form: ConsultationForm, *, draft: Consultation | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "preset": form.preset,
        "draft": draft,
        "parts": [
            (_("What you ask"), [form[name] for name in ("title", "summary", "question", "background")]),
            (_("On what, by whom, of whom"), [form[name] for name in ("sponsor", "policy", "open_to", "level")]),
            (
                _("From when to when"),
                [
                    form[name]
                    for name in ("collect_from", "collect_until", "discuss_until", "reply_until", "shorter_because")
                ],
            ),
        ],
        "english": [form[name] for name in ("title_en", "summary_en", "question_en", "background_en")],
        "address": form["slug"],
    }
    return render(request, "consult/desk/consultation_form.html", context, status=status)


def _refused_form(
    request: HttpRequest, form: ConsultationForm, refusal: Refused, *, draft: Consultation | None = None
) -> HttpResponse:
    field = FIELD_OF.get(refusal.reason.code)
    form.add_error(field, str(refusal))
    status = 409 if refusal.conflict else 422 if field else 403
    return _form_page(request, form, draft=draft, status=status)


def _review_page(request: HttpRequest, found: Consultation, *, refusal: Refused | None = None) -> HttpResponse:
    newest = found.policy.live_revision_id if found.policy is not None else None
    context = {
        "consultation": found,
        "phases": list(found.phases.all()),
        "preset": PRESETS[found.template],
        "clauses": len(clauses_of(found.revision)) if found.revision is not None else 0,
        "revision": found.revision,
        "newer_text": newest is not None and newest != found.revision_id,
        "seen": domain.fingerprint(found),
        "why_not": domain.why_not_ready(found, at=request.at),
        "days": (found.closes_at - found.opens_at).days if found.closes_at and found.opens_at else 0,
        "refusal": refusal,
    }
    status = 200 if refusal is None else 409 if refusal.conflict else 403
    return render(request, "consult/desk/review.html", context, status=status)


def _act_page(request: HttpRequest, found: Consultation, act: str, form: Any, *, status: int = 200) -> HttpResponse:
    stage = found.stage(request.at)
    allowed = may(request.user, MANAGE, found, at=request.at)
    possible = stage in {Stage.ANNOUNCED, Stage.RUNNING}
    if act == "withdraw":
        possible = found.state == State.ANNOUNCED
    context = {
        "consultation": found,
        "act": act,
        "form": form,
        "is_extending": act == "extend",
        "possible": possible and bool(allowed),
        "action": reverse(f"desk-consultation-{act}", args=[found.slug]),
    }
    return render(request, "consult/desk/act.html", context, status=status)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # desk_page let only people through
    return request.user
