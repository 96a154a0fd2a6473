"""The moderators' desk: the queue, a case, appeals, acts on many, slow mode."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.mandates import mandates_of
from civic.access.questions import NO_MANDATE, may
from civic.core.http import HttpRequest
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from civic.ui.components import Tab
from consult.consultations.models import Consultation
from consult.desk import queries as desk
from consult.desk.decorators import desk_page
from consult.desk.views.doors import find_consultation
from consult.discussion.forms import as_form_error
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import bulk as bulks
from consult.moderation import domain, queries, rulings, slow
from consult.moderation.actions import DECIDE, JUDGE, SLOW
from consult.moderation.forms import BulkForm, DecideForm, JudgeForm, SlowForm
from consult.moderation.models import Appeal, Bulk, Case
from consult.moderation.states import ACTS, MACHINE, Act

SHELVES = ("waiting", "slow", "held", "hidden")


@require_safe
@desk_page
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a moderator, the greatest risk first."""
    return _queue_page(request, BulkForm())


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One contribution in its context, its reports, what was decided before, and the acts."""
    _holds(request, {JUDGE})
    said = _find(request, pk)
    known = queries.case_of(said)
    acts = [act for act in ACTS if said.state in MACHINE.transition(act).sources]
    if request.method != "POST":
        form = JudgeForm(acts=acts, initial={"version": known.version})
        return _case_page(request, said, known, form)
    form = JudgeForm(request.POST, acts=list(ACTS))
    if not form.is_valid():
        return _case_page(request, said, known, _fitting(form, acts), status=422)
    data = form.cleaned_data
    try:
        domain.judge(
            contribution=said, actor=_person(request), act=data["act"], version=data["version"], rule=data["rule"],
            sentence=data["sentence"], at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        form = JudgeForm(acts=acts, initial={**data, "version": known.version})
        return _case_page(request, said, known, form, refusal=refusal)
    except Unfit as error:
        form.add_error("rule" if error.reason == rulings.RULE_NEEDED else "sentence", as_form_error(error))
        return _case_page(request, said, known, _fitting(form, acts), status=422)
    messages.success(request, _("Done. The author and those who reported it are told."))
    return redirect("desk-moderation")


@require_safe
@desk_page
def appeals(request: HttpRequest) -> HttpResponse:
    """The appeals that wait for a second moderator."""
    _holds(request, {DECIDE})
    page = Paginator(queries.appeals(_person(request), at=request.at), queries.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    late = request.at - queries.APPEAL_TOO_LONG
    lines = [{"appeal": each, "is_late": each.at < late} for each in page]
    context = {"page": page, "lines": lines, "tabs": _tabs(request, "appeals")}
    return render(request, "consult/desk/moderation/appeals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal: the words, the decision, the author's reasons; decided by somebody else."""
    _holds(request, {DECIDE})
    rows = Appeal.objects.select_related("ruling__by", "decided_by", "ruling__contribution")
    found = get_object_or_404(rows, pk=pk)
    said = _find(request, found.ruling.contribution_id)
    form = DecideForm(request.POST if request.method == "POST" else None)
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                domain.decide_appeal(
                    appeal=found, actor=_person(request), restore=data["result"] == "restore",
                    sentence=data["sentence"], at=request.at,
                )  # fmt: skip
            except Refused as refused:
                refusal, status = refused, 409 if refused.conflict else 403
            else:
                messages.success(request, _("Decided. The author is told."))
                return redirect("desk-moderation-appeals")
    allowed = may(request.user, DECIDE, said, at=request.at)
    if request.method != "POST" and not allowed and not found.result:
        raise Refused(allowed.reason or NO_MANDATE)
    context = {
        "appeal": found, "ruling": found.ruling, "rule": found.ruling.house_rule, "said": said, "form": form,
        "refusal": refusal, "earlier": queries.rulings_of(said), "may_decide": allowed, "is_open": not found.result,
    }  # fmt: skip
    return render(request, "consult/desk/moderation/appeal.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def bulk(request: HttpRequest) -> HttpResponse:
    """Recent acts on many at once, each with its undo; posting does one."""
    _holds(request, {JUDGE})
    if request.method != "POST":
        page = Paginator(queries.bulks(at=request.at), queries.PAGE_SIZE).get_page(request.GET.get("page"))
        lines = [{"bulk": each, "can_be_undone": each.can_be_undone(request.at)} for each in page]
        context = {"page": page, "lines": lines, "tabs": _tabs(request, "bulk")}
        return render(request, "consult/desk/moderation/bulk.html", context)
    form = BulkForm(request.POST)
    if not form.is_valid():
        return _queue_page(request, form, status=422)
    data = form.cleaned_data
    try:
        done, left_out = bulks.act_on(
            picks=_picks(request), actor=_person(request), act=data["act"], rule=data["rule"],
            sentence=data["sentence"], at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _queue_page(request, form, status=409 if refusal.conflict else 422)
    except Unfit as error:
        form.add_error("rule" if error.reason == rulings.RULE_NEEDED else "sentence", as_form_error(error))
        return _queue_page(request, form, status=422)
    text = ngettext(
        "Done with %(count)s contribution. You can undo it as a whole for 24 hours.",
        "Done with %(count)s contributions. You can undo it as a whole for 24 hours.",
        done.count,
    ) % {"count": done.count}
    if left_out:
        text += " " + ngettext(
            "%(count)s was left out: a colleague was faster, or it concerns you.",
            "%(count)s were left out: a colleague was faster, or they concern you.",
            left_out,
        ) % {"count": left_out}
    messages.success(request, text)
    return redirect("desk-moderation-bulk")


@require_POST
@desk_page
def bulk_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an act on many back as a whole."""
    _holds(request, {JUDGE})
    undone = bulks.undo(bulk=get_object_or_404(Bulk, pk=pk), actor=_person(request), at=request.at)
    text = ngettext(
        "Undone: %(count)s contribution is as it was.", "Undone: %(count)s contributions are as they were.", undone
    )
    messages.success(request, text % {"count": undone})
    return redirect("desk-moderation-bulk")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def slow_mode(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch slow mode on, with a reason and an end, or off."""
    found = find_consultation(request, slug, powers=[SLOW])
    if not desk.readable_anyway(request.user, found, at=request.at):
        raise Http404
    on = queries.slow_mode_of(found, at=request.at)
    form = SlowForm(request.POST if request.method == "POST" and "stop" not in request.POST else None)
    if request.method != "POST":
        return _slow_page(request, found, form)
    try:
        if "stop" in request.POST:
            slow.stop(consultation=found, actor=_person(request), at=request.at)
            messages.success(request, _("Slow mode is off. What waits still waits for a moderator."))
            return redirect("desk-consultation-slow", slug)
        if not form.is_valid():
            return _slow_page(request, found, form, status=422)
        until = request.at + timedelta(hours=form.cleaned_data["hours"])
        slow.start(
            consultation=found, actor=_person(request), reason=form.cleaned_data["reason"], until=until, at=request.at
        )
    except Refused as refusal:
        if on is None and form.is_bound:
            form.add_error(None, str(refusal))
        return _slow_page(request, found, form, refusal=refusal)
    messages.success(request, _("Slow mode is on: the reason stands at the top of the consultation."))
    return redirect("desk-consultation-slow", slug)


def _queue_page(request: HttpRequest, form: BulkForm, *, status: int = 200) -> HttpResponse:
    _holds(request, {JUDGE})
    sent = request.POST if request.method == "POST" else request.GET
    shown = sent.get("show", "") if sent.get("show", "") in SHELVES else "waiting"
    account = sent.get("account", "")
    context: dict[str, Any] = {"shown": shown, "account": ""}
    if account.isascii() and account.isdigit() and len(account) < 19:
        rows: Any = queries.of_account(_person(request), int(account), at=request.at)
        context |= {"account": account, "shown": ""}
    else:
        rows = queries.for_lines(_shelf(_person(request), shown, request))
    page = Paginator(rows, queries.PAGE_SIZE).get_page(request.GET.get("page"))
    context |= {
        "page": page,
        "lines": [_line(each, request) for each in page],
        "tabs": _tabs(request, context["shown"]),
        "form": form,
        "ticked": set(request.POST.getlist("c")),
    }
    return render(request, "consult/desk/moderation/queue.html", context, status=status)


def _shelf(person: Person, shown: str, request: HttpRequest) -> Any:
    if shown == "hidden":
        return queries.hidden(person, at=request.at)
    rows = queries.queue(person, at=request.at)
    if shown == "slow":
        return rows.filter(in_slow_mode=True).order_by("waiting_since", "pk")
    if shown == "held":
        return rows.filter(contribution__state=State.HELD, in_slow_mode=False)
    return rows.filter(in_slow_mode=False)


def _line(row: Case | Contribution, request: HttpRequest) -> dict[str, Any]:
    """Return what one line shows, whether it comes from the queue or from an account's words."""
    if isinstance(row, Case):
        said, known = row.contribution, row
    else:
        said, known = row, getattr(row, "case", None) or Case(contribution=row)
    since = known.waiting_since
    return {
        "said": said,
        "case": known,
        "pick": f"{said.pk}:{known.version}",
        "risk": {3: "late", 2: "review"}.get(known.severity, "ended"),
        "is_late": said.state == State.HELD and since is not None and since < request.at - queries.HELD_TOO_LONG,
    }


def _tabs(request: HttpRequest, current: str) -> list[Tab]:
    person, url = _person(request), reverse("desk-moderation")
    waiting = queries.queue(person, at=request.at).order_by()
    tabs = []
    held = {mandate.action for mandate in mandates_of(person, at=request.at)}
    if JUDGE in held:
        tabs = [
            Tab(_("Reported"), url, current == "waiting", waiting.filter(in_slow_mode=False).count()),
            Tab(_("Slow mode"), f"{url}?show=slow", current == "slow", waiting.filter(in_slow_mode=True).count()),
            Tab(_("Held"), f"{url}?show=held", current == "held"),
            Tab(_("Hidden"), f"{url}?show=hidden", current == "hidden"),
        ]
    if DECIDE in held:
        count = queries.appeals(person, at=request.at).count()
        tabs.append(Tab(_("Appeals"), reverse("desk-moderation-appeals"), current == "appeals", count))
    if JUDGE in held:
        tabs.append(Tab(_("Decided in bulk"), reverse("desk-moderation-bulk"), current == "bulk"))
    return tabs


def _case_page(
    request: HttpRequest,
    said: Contribution,
    known: Case,
    form: JudgeForm,
    *,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    allowed = may(request.user, JUDGE, said, at=request.at)
    if not allowed:
        raise Refused(allowed.reason or NO_MANDATE)
    around = said.parent
    context = {
        "said": said, "case": known, "form": form, "refusal": refusal, "around": around,
        "reports": queries.reports_of(said), "earlier": queries.rulings_of(said),
        "others": queries.of_account(_person(request), said.author_id, at=request.at).count(),
        "queue_url": reverse("desk-moderation"), "may_slow": may(request.user, SLOW, said.consultation, at=request.at),
    }  # fmt: skip
    if refusal is not None:
        status = 409 if refusal.conflict else 403
    return render(request, "consult/desk/moderation/case.html", context, status=status)


def _slow_page(
    request: HttpRequest, found: Consultation, form: SlowForm, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    allowed = may(request.user, SLOW, found, at=request.at)
    context = {
        "consultation": found, "form": form, "slow": queries.slow_mode_of(found, at=request.at),
        "why_not": None if allowed else allowed.reason, "refusal": refusal,
        "past": list(found.slow_modes.select_related("by", "stopped_by")[:10]),
    }  # fmt: skip
    if refusal is not None:
        status = 409 if refusal.conflict else 403
    return render(request, "consult/desk/moderation/slow.html", context, status=status)


def _fitting(form: JudgeForm, acts: list[Act]) -> JudgeForm:
    """Show only the acts that fit, with what was typed."""
    form.fields["act"].choices = [each for each in form.fields["act"].choices if each[0] in acts]  # type: ignore[attr-defined]
    return form


def _find(request: HttpRequest, pk: int) -> Contribution:
    rows = Contribution.objects.select_related(
        "author", "parent__author", "root", "consultation__place", "consultation__sponsor", "consultation__revision"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    # Beyond one's reach one is told so of what everybody can read, and of nothing else that it exists.
    in_reach = any(desk.holds(request.user, action, found, at=request.at) for action in (JUDGE, DECIDE))
    if in_reach or (found.is_public and desk.readable_anyway(request.user, found.consultation, at=request.at)):
        return found
    raise Http404


def _holds(request: HttpRequest, actions: set[str]) -> None:
    """Let in whoever holds one of the powers somewhere; what they reach is asked of each thing."""
    if not any(mandates_of(_person(request), action, at=request.at) for action in actions):
        raise Refused(NO_MANDATE)


def _picks(request: HttpRequest) -> dict[int, int]:
    """Read what was ticked: number and the case's version, as ``12:3``."""
    picks = {}
    for text in request.POST.getlist("c")[: bulks.MOST + 1]:
        number, _colon, version = text.partition(":")
        if all(part.isascii() and part.isdigit() and len(part) < 10 for part in (number, version)):
            picks[int(number)] = int(version)
    return picks


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # desk_page let only people through
    return request.user
