"""Polls as everybody reads them."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from civic.access.questions import find_visible
from civic.core import pages
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.pages import shared
from civic.ui.components import Tab
from consult.voting import ages, bundle, queries
from consult.voting.actions import VIEW
from consult.voting.how import how_of
from consult.voting.models import BulletinEntry, Grade, Method, Poll
from consult.voting.presentation import (
    OTHER,
    STATUS,
    channels,
    checks,
    compared,
    opinions,
    result_of,
    turnout,
)
from consult.voting.presets import preset_of
from consult.voting.rules import may_be_objected_to
from consult.voting.states import Stage, State

PAGE_SIZE = 12


@shared("show", "page")
@require_safe
def poll_list(request: HttpRequest) -> HttpResponse:
    """All polls: open, coming, finished."""
    everything = queries.readable(request.user, at=request.at).exclude(state=State.DRAFT)
    running = Poll.objects.running(request.at)
    soon = everything.filter(opens_at__gt=request.at, state__in=[State.ANNOUNCED, State.OPEN])
    shelves = {
        "open": (pgettext("polls", "Open now"), everything.filter(pk__in=running).order_by("closes_at")),
        "soon": (_("Opening soon"), soon.order_by("opens_at")),
        "done": (_("Finished"), everything.exclude(pk__in=running).exclude(pk__in=soon).order_by("-closes_at")),
    }
    chosen = request.GET.get("show", "open")
    chosen = chosen if chosen in shelves else "open"
    page = Paginator(shelves[chosen][1], PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [row(poll, request) for poll in page],
        "tabs": [Tab(label, f"?show={key}", key == chosen) for key, (label, _rows) in shelves.items()],
    }
    return render(request, "consult/voting/list.html", context)


@shared()
@require_safe
def poll_bulletin(request: HttpRequest, slug: str) -> HttpResponse:
    """The public chain, its head to copy."""
    poll = find(request, slug)
    entries = queries.entries(poll)
    said = {each.entry_id: each for each in queries.objections(poll)}
    context = around(request, poll) | {
        "entries": [(entry, said.get(entry.pk)) for entry in entries],
        "latest": entries[-1] if entries else None,
    }
    return render(request, "consult/voting/bulletin.html", context)


@shared()
@require_safe
def poll_result(request: HttpRequest, slug: str) -> HttpResponse:
    """The result as pictures with their tables; before it is there, when it will be."""
    poll = find(request, slug)
    if poll.is_meeting:
        return redirect("poll-minutes", slug)
    context = around(request, poll)
    if poll.result is None:
        return render(request, "consult/voting/not_yet.html", context, status=404)
    # What people say elsewhere on the site changes nothing here, and a result is read most when much is said.
    pages.shows_only(f"poll:{poll.pk}")
    chain = queries.entries(poll)
    entries = {entry.kind: entry for entry in chain}
    opened, marks = entries[BulletinEntry.Kind.OPENED].content, entries[BulletinEntry.Kind.ROLL_COUNT].content
    names = queries.place_names([code for part in marks["by_place"] for code in part["places"]])
    choices = list(poll.choices.all())
    titles = {choice.key: str(choice) for choice in choices}
    others = queries.other_rules(poll)
    may_object = may_be_objected_to(poll, request.at)
    if may_object.until is not None:
        pages.until(may_object.until)
    context |= {
        "result": result_of(poll.result, choices, points=poll.points),
        "verdict": poll.result["verdict"],
        "yes_leads": poll.result["outcome"]["winners"] == ["yes"],
        "checks": checks(poll.result["verdict"]),
        # Marked and not in the box: a paper ballot that did not come back, or could not be read.
        "voted": poll.ballot_count,
        "uncounted": marks["marks"] - (poll.ballot_count or 0),
        "marks": marks["marks"],
        "roll": poll.result["roll"],
        "age": ages.told(poll.roll_rule),
        "turnout": turnout(marks["by_place"], opened["roll"]["by_place"], names),
        "channels": channels(entries[BulletinEntry.Kind.CLOSED].content["groups"]),
        "others": [
            {
                "rule": str(OTHER.get(each["method"]) or Method(each["method"]).label),
                "winners": _(", ").join(titles[key] for key in each["winners"]) or _("nothing"),
                "same": each["same"],
            }
            for each in others
        ],
        # Ballots without an order or points fit no other rule; a poll counted before others were told says nothing.
        "is_only_rule": poll.method in {Method.YES_NO, Method.CHOOSE, Method.APPROVAL},
        "compared": compared(poll.result["outcome"], others, choices),
        "unique": _unique(poll),
        "opinions": opinions(chain, queries.signers(poll)),
        "objections": list(queries.objections(poll)),
        "may_object": may_object,
    }  # fmt: skip
    return render(request, "consult/voting/result.html", context)


@shared()
@require_safe
def counting_rules(request: HttpRequest) -> HttpResponse:
    """Every rule of counting in plain words, each under its own anchor."""
    context = {
        "methods": [(each.value, each.label) for each in Method],
        "name": {each.value.replace("-", "_"): each.label for each in Method},
    }
    return render(request, "consult/voting/counting.html", context)


@require_safe
@limited("download", methods=("GET",))
def poll_bundle(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything an outsider needs to recount a counted poll."""
    poll = find(request, slug)
    if poll.result is None or poll.is_meeting:
        raise Http404
    return _download(bundle.of(poll), f"{poll.slug}.zip", "application/zip")


@require_safe
@limited("download", methods=("GET",))
def poll_verifier(request: HttpRequest) -> HttpResponse:
    """The program that checks a bundle, by itself, to be read."""
    return _download(bundle.VERIFIER.read_bytes(), bundle.VERIFIER.name, "text/x-python; charset=utf-8")


def _unique(poll: Poll) -> str:
    """Return the share of ballots that say what no other says; only where the ballots are there to be read."""
    if poll.grade != Grade.PUBLIC or not poll.ballot_count:
        return ""
    return f"{100 * (poll.unique_ballots or 0) / poll.ballot_count:.1f}%"


def _download(data: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def find(request: HttpRequest, slug: str) -> Poll:
    """Return a poll the reader may read."""
    found = queries.public(slug)
    if found is None:
        found = find_visible(request.user, VIEW, Poll.objects.for_pages(), at=request.at, slug=slug)
    if found is None:
        raise Http404
    return found


def row(poll: Poll, request: HttpRequest) -> dict[str, Any]:
    """Return what a poll's line in a list shows."""
    stage = poll.stage(request.at)
    return {"poll": poll, "stage": stage, "status": STATUS[stage]}


def around(request: HttpRequest, poll: Poll) -> dict[str, Any]:
    """Return what every page of a poll shows."""
    stage = poll.stage(request.at)
    return {
        "poll": poll,
        "stage": stage,
        "status": STATUS[stage],
        "is_running": stage is Stage.RUNNING,
        "method": Method(poll.method).label,
        "how": how_of(poll),
        "preset": preset_of(poll.preset),
        "at": request.at,
    }
