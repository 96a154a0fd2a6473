"""Reporting words, appealing against a decision, the house rules and the public counts."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from civic.access.questions import may, require
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from civic.ui.shell import address
from consult.consultations.queries import readable
from consult.discussion.forms import as_form_error
from consult.discussion.models import Contribution
from consult.moderation import actions, counts, domain, queries
from consult.moderation.forms import AppealForm, ReportForm
from consult.moderation.house import BY_CODE, RULES
from consult.moderation.rules import NOT_HIDDEN, is_author

STATUS_OF = {"already-reported": 409}


@require_http_methods(["GET", "HEAD", "POST"])
@limited("report", spare_unfit=True)
def report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say that words break a house rule."""
    said = _find(request, slug, pk)
    if not isinstance(request.user, Person):
        return redirect_to_login(request.path)
    require(request.user, actions.REPORT, said, at=request.at)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _report_page(request, said, form)
    if not form.is_valid():
        return _report_page(request, said, form, status=422)
    try:
        domain.report(
            contribution=said, person=request.user, rule=form.cleaned_data["rule"],
            sentence=form.cleaned_data["sentence"], at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _report_page(request, said, form, status=STATUS_OF.get(refusal.reason.code, 403))
    except Unfit as error:
        form.add_error(None, as_form_error(error))
        return _report_page(request, said, form, status=422)
    messages.success(request, _("Thank you. A moderator reads it; we tell you what becomes of it."))
    return redirect(said)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("report", spare_unfit=True)
def appeal(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show an author the decision on their words, and let them appeal against it."""
    said = _find(request, slug, pk)
    if not isinstance(request.user, Person):
        return redirect_to_login(request.path)
    ruling = queries.last_hiding(said)
    if ruling is None:
        raise Http404
    ruling.contribution = said
    author = is_author(request.user, ruling, request.at)
    if not author:
        raise Refused(author.reason or NOT_HIDDEN)
    form = AppealForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"ruling": ruling, "rule": BY_CODE.get(ruling.rule), "said": said, "form": form}
    context["appeal"] = getattr(ruling, "appeal", None)
    context["may_appeal"] = may(request.user, actions.APPEAL, ruling, at=request.at)
    context["consultation"] = said.consultation
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                domain.appeal(ruling=ruling, person=request.user, text=form.cleaned_data["text"], at=request.at)
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, _("Your appeal is with another moderator. We tell you how it ends."))
                return redirect("contribution-appeal", slug, pk)
    return render(request, "consult/moderation/appeal.html", context, status=status)


@require_safe
def house_rules(request: HttpRequest) -> HttpResponse:
    """What may not be said here, and what follows when it is."""
    return render(request, "consult/moderation/rules.html", {"rules": RULES})


@require_safe
def public_counts(request: HttpRequest) -> HttpResponse:
    """How much was reported and decided in a month: counts, no persons."""
    now, first = counts.Month.of(request.at), counts.first_month()
    first = first or now
    asked = counts.Month.read(request.GET.get("month", "")[:7])
    month = asked if asked is not None and first.first <= asked.first <= now.first else now
    context = {
        "month": month,
        "counts": counts.of_month(month),
        "earlier": month.before() if month.first > first.first else None,
        "later": month.next() if month.first < now.first else None,
        "is_now": month == now,
    }
    return render(request, "consult/moderation/counts.html", context)


def _find(request: HttpRequest, slug: str, pk: int) -> Contribution:
    """Return somebody's words in a consultation this reader may read."""
    asked = get_object_or_404(readable(request.user, at=request.at), slug=slug)
    rows = Contribution.objects.select_related("author", "root")
    said = get_object_or_404(rows, pk=pk, consultation=asked)
    said.consultation = asked
    return said


def _report_page(request: HttpRequest, said: Contribution, form: ReportForm, *, status: int = 200) -> HttpResponse:
    judges = may(request.user, actions.JUDGE, said, at=request.at)
    context = {
        "form": form,
        "said": said,
        "consultation": said.consultation,
        "case_url": address("desk-moderation-case", str(said.pk)) if judges else "",
    }
    return render(request, "consult/moderation/report.html", context, status=status)
