"""The search page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from civic.core.asking import Question
from civic.core.changes import EVERYTHING
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.pages import same, shared
from civic.places.models import Place
from civic.ui.components import Tab
from civic.ui.templatetags.ui import STATUS_WORDS
from search.asking import MAX_LENGTH, understand
from search.documents import Kind, kinds
from search.engines import engine
from search.engines.base import LAST_PAGE, PAGE_SIZE, Hit, Hits, Match, Query, Sort
from search.forms import FORM_ID, SearchForm
from search.highlights import Fragment, Part
from search.readers import Reader

ELDER_PAGE_SIZE = 4
SELECTABLE = Place.Level.TOWNSHIP
# "Soon" is drawn like what is in progress; every other status has its own shape.
SHAPES = {"soon": "doing"}
WORDS: dict[str, str | Promise] = {**STATUS_WORDS, "soon": gettext_lazy("Opens soon")}
ALL_KINDS = pgettext_lazy("search", "Everything")
EVERYBODY = Reader(datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Row:
    """One result as it is drawn."""

    hit: Hit
    title: Fragment
    kind: str | Promise
    byline: str
    place: str
    shape: str
    status: str | Promise
    closes_at: Any


@shared("q", "kind", "status", "place", "since", "until", "sort", "page")
@require_safe
@limited("search", methods=("GET",))
def search(request: HttpRequest) -> HttpResponse:
    """Find what the reader may see; every state of the page is an address."""
    question = understand(request.GET.get("q", ""))
    places = _places(request.GET.get("place", ""))
    form = SearchForm(_narrowing(request.GET), places=places, statuses=list(WORDS.items()))
    form.is_valid()
    chosen = form.cleaned_data
    place = next((place for place in places if place.code == chosen.get("place")), None)
    known = kinds()
    kind = request.GET.get("kind", "")
    query = Query(
        question,
        Reader.of(request.user, at=request.at),
        kind=kind if kind in known else "",
        status=chosen.get("status", ""),
        place_path=place.path if place else "",
        since=chosen.get("since"),
        until=chosen.get("until"),
        sort=Sort(chosen.get("sort") or Sort.RELEVANCE),
        page=_number(request.GET.get("page", "")),
        page_size=ELDER_PAGE_SIZE if getattr(request, "elder", False) else PAGE_SIZE,
        language=get_language() or "zh-hans",
    )
    alike, found = _answer(query)
    rows = _rows(found.hits, known, places)
    narrowed = bool(query.status or place or query.since or query.until)
    wider = _address(request.GET, drop=("status", "place", "since", "until", "kind", "page"))
    return render(
        request,
        "search/search.html",
        {
            "form": form,
            "form_id": FORM_ID,
            "question": question,
            "limit": MAX_LENGTH,
            "typed_nothing": not request.GET.get("q", "").strip(),
            "found": found,
            "rows": rows,
            # All that is drawn of what was found, and of the form.
            "found_key": alike and (alike, tuple(row.place for row in rows), request.get_full_path()),
            "form_key": None if form.errors else (_shown(places), *map(form.data.get, form.fields), narrowed and wider),
            "tabs": partial(_tabs, request.GET, found, query.kind, known),
            "kind": query.kind,
            "page": _page(found),
            "is_apart": found.match is Match.APART,
            "is_some": found.match is Match.SOME,
            "narrowed": narrowed,
            "wider_url": wider,
        },
    )


def _answer(query: Query) -> tuple[int | None, Hits]:
    """Return the answer, and a number of all that is the same; what somebody's powers open is asked for each time."""
    if query.reader.passes:
        return None, engine().query(query)
    at = query.reader.at
    answer = same(
        replace(query, reader=EVERYBODY), partial(engine().query, query), at=at, scope="search", is_asked=True
    )
    return answer.told, answer.what


_PLACES: Question[Place] = Question(lambda: Place.objects.filter(level__lte=SELECTABLE).order_by("path"))


def _places(chosen: str) -> list[Place]:
    """Return the places that can be chosen: counties and townships, and the smaller one already chosen."""
    places, code = _PLACES.unchanged(EVERYTHING), _readable(chosen[:20])
    if not code or any(place.code == code for place in places):
        return places
    # What is typed is endless: it is asked, and pushes out nothing that is kept.
    return sorted([*places, *Place.objects.filter(code=code)], key=lambda place: place.path)


def _shown(places: list[Place]) -> tuple[Any, ...]:
    return tuple((place.code, place.level, place.name, place.name_en) for place in places)


def _narrowing(data: QueryDict) -> dict[str, str]:
    return {name: _readable(data.get(name, "")[:40]) for name in ("status", "place", "since", "until", "sort")}


def _readable(text: str) -> str:
    """Return the text without what no database keeps."""
    return text.replace("\x00", "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LAST_PAGE)) + 2 else 1


def _rows(hits: Sequence[Hit], known: dict[str, Kind], places: list[Place]) -> list[Row]:
    by_path = {place.path: str(place) for place in places}
    english = (get_language() or "").startswith("en")
    rows = []
    for hit in hits:
        kind = known.get(hit.kind)
        words = kind.status_words if kind else {}
        byline = (hit.byline_en if english else "") or hit.byline
        # Words without a title stand under the name of the matter they belong to.
        untitled = Fragment((Part(byline or hit.url),), "en" if english and hit.byline_en else "zh-hans")
        rows.append(
            Row(
                hit=hit,
                kind=kind.label if kind else hit.kind,
                title=hit.title if hit.title.text else untitled,
                byline=byline if hit.title.text else "",
                place=by_path.get(hit.place_path, ""),
                shape=SHAPES.get(hit.status, hit.status),
                status=words.get(hit.status, WORDS.get(hit.status, "")),
                closes_at=hit.until if hit.status == "open" else None,
            )
        )
    return rows


def _tabs(data: QueryDict, found: Hits, kind: str, known: dict[str, Kind]) -> list[Tab]:
    """Return the kinds; of more than were counted without numbers."""
    counts = found.kinds | {"": sum(found.kinds.values())}
    return [
        Tab(
            str(entry.label if entry else ALL_KINDS),
            _address(data, drop=("page",), kind=name) if name else _address(data, drop=("kind", "page")),
            kind == name,
            counts.get(name, 0) if found.is_counted else None,
        )
        for name, entry in {"": None, **known}.items()
    ]


def _address(data: QueryDict, *, drop: tuple[str, ...], **put: str) -> str:
    query = data.copy()
    for name in drop:
        query.pop(name, None)
    for name, value in put.items():
        query[name] = value
    if len(query.get("q", "")) > MAX_LENGTH:
        query["q"] = understand(str(query["q"])).text
    return f"?{query.urlencode()}"


def _page(found: Hits) -> "Page[int]":
    reachable = min(found.total, LAST_PAGE * found.page_size)
    return Paginator(range(reachable), found.page_size).get_page(found.page)
