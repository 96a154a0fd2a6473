"""A consultation's own pages, its text and its threads."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from civic.core.http import HttpRequest
from civic.core.pages import shared
from civic.ui.components import Tab
from consult.discussion import queries
from consult.discussion.panels import notices_of, panels_of
from consult.discussion.views.page import find, find_said, page_of, pinned_clauses


@shared("sort", "page")
@require_safe
def consultation(request: HttpRequest, slug: str) -> HttpResponse:
    """A consultation: what is asked, until when, what people say, what became of it."""
    asked = find(request, slug)
    sort = request.GET.get("sort", queries.Sort.NEWEST)
    if sort not in queries.Sort.values:
        sort = queries.Sort.NEWEST
    rows = queries.roots(asked, sort=sort)
    # Elder mode shows one voice at a time.
    paginator = Paginator(rows, 1 if getattr(request, "elder", False) else queries.PAGE_SIZE)
    paginator.count = asked.contribution_count  # kept, so that no page counts rows
    page = paginator.get_page(request.GET.get("page"))
    if page.number == 1:
        page.object_list = queries.first_roots(asked, sort=sort, most=paginator.per_page)
    return render(
        request,
        "consult/discussion/consultation.html",
        page_of(request, asked)
        | {
            "page": page,
            "sort": sort,
            "cards": queries.cards(list(page), consultation=asked, person=request.user, at=request.at),
            "tabs": [Tab(str(label), f"?sort={key}", key == sort) for key, label in queries.Sort.choices],
            "clause_total": len(pinned_clauses(asked)),
            "notices": notices_of(asked, request.user, at=request.at),
            "panels": panels_of(asked, request.user, at=request.at),
        },
    )


@shared()
@require_safe
def text(request: HttpRequest, slug: str) -> HttpResponse:
    """The text under discussion, clause by clause, each with a button to speak to it."""
    asked = find(request, slug)
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
        for clause in pinned_clauses(asked)
    ]
    return render(request, "consult/discussion/text.html", page_of(request, asked) | {"clauses": clauses})


@shared("page")
@require_safe
def clause(request: HttpRequest, slug: str, clause: UUID) -> HttpResponse:
    """One clause and what people say about it."""
    asked = find(request, slug)
    found = next((each for each in pinned_clauses(asked) if each.id == clause), None)
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
        page_of(request, asked) | {"clause": found, "page": page, "cards": cards, "say_url": say_url},
    )


@shared("page")
@require_safe
def contribution(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One contribution, its answer and the thread below it."""
    asked, said = find_said(request, slug, pk)
    if said.root_id is not None:
        return redirect(said)
    paginator = Paginator(queries.thread(said), queries.RESPONSES_PER_PAGE)
    paginator.count = queries.length_of_thread(said)
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = queries.page_of_thread(said, page)
    cards = queries.cards([said, *page], consultation=asked, person=request.user, at=request.at)
    clause = next((each for each in pinned_clauses(asked) if each.id == said.clause), None)
    return render(
        request,
        "consult/discussion/contribution.html",
        page_of(request, asked)
        | {"card": cards[0], "responses": queries.Cards(cards[1:]), "page": page, "clause": clause},
    )


@shared()
@require_safe
def versions(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What a contribution said before."""
    asked, said = find_said(request, slug, pk)
    if not said.is_public:
        raise Http404
    context = page_of(request, asked) | {"said": said, "versions": list(said.versions.all())}
    return render(request, "consult/discussion/versions.html", context)
