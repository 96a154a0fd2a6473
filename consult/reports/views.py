"""The result of a consultation, and its figures as files."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.pages import shared
from consult.consultations.models import Consultation
from consult.consultations.presentation import STATUS, steps
from consult.consultations.queries import readable
from consult.discussion.queries import part_of
from consult.reports import exports, queries
from consult.reports.models import Report
from consult.reports.presentation import Figures

FILES = {
    "json": (exports.as_json, "application/json; charset=utf-8"),
    "csv": (exports.as_csv, "text/csv; charset=utf-8"),
}


@shared("page")
@require_GET
def result(request: HttpRequest, slug: str) -> HttpResponse:
    """What came in, what was answered, what changes and because of whom; before that, when it is due."""
    asked = _find(request, slug)
    report = queries.report_of(asked)
    context = _around(request, asked)
    if report is None:
        return render(request, "consult/reports/not_yet.html", context, status=404)
    return render(request, "consult/reports/result.html", context | _content(request, report))


@shared()
@require_GET
@limited("download", methods=("GET",))
def data(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The figures as JSON or CSV."""
    asked = _find(request, slug)
    report = queries.report_of(asked)
    if report is None or form not in FILES:
        raise Http404
    write, content_type = FILES[form]
    response = HttpResponse(write(report), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{asked.slug}-result.{form}"'
    return response


def _find(request: HttpRequest, slug: str) -> Consultation:
    return get_object_or_404(readable(request.user, at=request.at), slug=slug)


def _around(request: HttpRequest, asked: Consultation) -> dict[str, Any]:
    stage = asked.stage(request.at)
    said, follows = part_of(request.user, asked)
    note = ""
    if said:
        note = ngettext("You said %(count)s thing here", "You said %(count)s things here", len(said)) % {
            "count": len(said)
        }
    return {
        "consultation": asked,
        "stage": stage,
        "status": STATUS[stage],
        "steps": steps(asked, at=request.at, mine=note),
        "mine": said,
        "needs_sign_in": not request.user.is_authenticated,
        "follows": follows,
        "text_url": reverse("consultation-text", args=[asked.slug]) if asked.revision_id else "",
        "policy_url": asked.policy.get_url(request) if asked.policy else "",
        "at": request.at,
    }


def _content(request: HttpRequest, report: Report) -> dict[str, Any]:
    figures = Figures(report)
    page = queries.page_of_answers(report, request.GET.get("page"))
    changed, answers = queries.with_words(report, queries.changes(report), list(page))
    backed = queries.words_of(report, [row["id"] for row in report.data["most_supported"]])
    return {
        "report": report,
        "contributions": figures.number("contributions"),
        "received": figures.base("contributions"),
        "responses": figures.number("responses"),
        "supports": figures.number("supports"),
        "people": figures.number("people"),
        "answered": figures.number("answered"),
        "answer_count": figures.number("answers"),
        "assisted": figures.number("assisted"),
        "median_days": figures.number("days", "median"),
        "longest_days": figures.number("days", "longest"),
        "answered_base": figures.base("days", "median"),
        "changed_count": figures.number("changed"),
        "clause_total": figures.base("changed"),
        "by_kind": figures.bars("kind"),
        "by_clause": figures.bars("clause"),
        "by_channel": figures.bars("channel"),
        "by_outcome": figures.bars("outcome"),
        "by_part": figures.bars("part"),
        "by_place": figures.places(),
        "empty_places": figures.empty_places(),
        "withheld": [bar for bar in figures.bars("withheld") if bar.count],
        "withheld_base": figures.base("withheld", "withdrawn"),
        "changes": changed,
        "page": page,
        "answers": answers,
        "most_supported": [
            (backed[row["id"]], row["supports"]) for row in report.data["most_supported"] if row["id"] in backed
        ],
        "json_url": reverse("consultation-result-data", args=[report.consultation.slug, "json"]),
        "csv_url": reverse("consultation-result-data", args=[report.consultation.slug, "csv"]),
    }
