"""A consultation's statements, and one of them."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from civic.core.http import HttpRequest
from civic.core.pages import shared
from civic.ui.components import Tab
from consult.consultations.presentation import STATUS
from consult.consultations.queries import readable
from consult.opinions.queries import PAGE_SIZE, Sort, card, shown, sorted_by


@shared("sort", "page")
@require_safe
def statements(request: HttpRequest, slug: str) -> HttpResponse:
    """All statements people gave opinions on, with bars."""
    consultation = get_object_or_404(readable(request.user, at=request.at), slug=slug)
    sort = request.GET.get("sort", "")
    if sort not in Sort.values:
        sort = Sort.VOTED
    page = Paginator(sorted_by(shown(consultation), sort), PAGE_SIZE).get_page(request.GET.get("page"))
    stage = consultation.stage(request.at)
    return render(
        request,
        "consult/opinions/statements.html",
        {
            "consultation": consultation,
            "stage": stage,
            "status": STATUS[stage],
            "page": page,
            "cards": [card(tally) for tally in page],
            "tabs": [Tab(str(label), f"?sort={key}", key == sort) for key, label in Sort.choices],
        },
    )


@shared()
@require_safe
def statement(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One statement."""
    consultation = get_object_or_404(readable(request.user, at=request.at), slug=slug)
    tally = get_object_or_404(shown(consultation), statement=number)
    return render(request, "consult/opinions/statement.html", {"consultation": consultation, "card": card(tally)})
