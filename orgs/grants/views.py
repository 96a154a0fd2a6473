"""Who holds which power: for everybody to read; for offices to give, to end, and to take for an hour."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from civic.access import panel
from civic.access.decorators import office_page
from civic.access.mandates import entrusted_to, mandates_of
from civic.access.questions import NO_MANDATE
from civic.access.registry import all_rules
from civic.access.second_factor import grave
from civic.core.http import HttpRequest
from civic.core.refusals import Refused
from civic.people.models import Person
from civic.ui.components import Tab
from orgs.grants import actions, domain, elevating, queries
from orgs.grants.forms import ElevateForm, EndForm, IssueForm
from orgs.grants.models import Grant

PAGE_SIZE = 30


@require_safe
def grants(request: HttpRequest) -> HttpResponse:
    """Every power there is, who holds it, where, until when, given by whom and why."""
    only = request.GET.get("only", queries.NOW)
    words = request.GET.get("q", "").strip()[:60]
    here = reverse("grants")
    tabs = [
        Tab(pgettext("a power", "In force"), here, only not in {queries.OVER, queries.HOURS}),
        Tab(_("Taken for an hour"), f"{here}?only={queries.HOURS}", only == queries.HOURS),
        Tab(_("Over"), f"{here}?only={queries.OVER}", only == queries.OVER),
    ]
    page = Paginator(queries.public(only, words=words, at=request.at), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "orgs/grants/grants.html", {"page": page, "tabs": tabs, "words": words, "only": only})


@never_cache
@require_safe
def powers(request: HttpRequest) -> HttpResponse:
    """What the reader may do on a page (``page``: its path), why not, until when, and who can change it."""
    path = request.GET.get("page", "/")
    if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, None):
        raise Http404
    found = panel.of_page(path, request.user, given_by=actions.ISSUE, at=request.at)
    if found is None:
        raise Http404
    person = request.user if isinstance(request.user, Person) else None
    own = queries.as_words(entrusted_to(person, at=request.at)) if person is not None else []
    context = {
        "subject": found.subject, "path": path, "own": own,
        "mine": [line for line in found.lines if not line.office_only or line.allowed],
        "offices": [line for line in found.lines if line.office_only and not line.allowed],
    }  # fmt: skip
    return render(request, "orgs/grants/powers.html", context)


@require_safe
@office_page
def given(request: HttpRequest) -> HttpResponse:
    """The powers this person may end, and the way to give one."""
    person = _giver(request)
    page = Paginator(queries.to_end(person, at=request.at), PAGE_SIZE).get_page(request.GET.get("page"))
    bodies = queries.bodies_within(person, actions.ISSUE, at=request.at)
    return render(request, "orgs/grants/given.html", {"page": page, "bodies": bodies})


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
@grave
def give(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a power to a body's members."""
    person = _giver(request)
    bodies = queries.bodies_within(person, actions.ISSUE, at=request.at)
    body = next((each for each in bodies if each.slug == slug), None)
    if body is None:
        raise Refused(NO_MANDATE)
    form = IssueForm(request.POST if request.method == "POST" else None)
    held = mandates_of(person, at=request.at)
    form.offer(
        queries.held_actions(person, at=request.at), places=queries.places_within(held), bodies=bodies,
        everywhere=any(m.place_path is None and m.body_id is None and m.matter_id is None for m in held),
    )  # fmt: skip
    form.offer_holders(body, queries.members_of(body, at=request.at))
    if request.method == "POST" and form.is_valid() and _issue(request, person, form):
        messages.success(request, _("The power is given and stands in the public list."))
        return redirect("desk-grants")
    return render(
        request, "orgs/grants/give.html", {"form": form, "body": body}, status=422 if request.method == "POST" else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
@grave
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a power now."""
    person = _giver(request)
    grant = get_object_or_404(queries.to_end(person, at=request.at), pk=pk)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        domain.end(grant=grant, actor=person, note=form.cleaned_data["note"], at=request.at)
        messages.success(request, _("The power has ended."))
        return redirect("desk-grants")
    return render(
        request, "orgs/grants/end.html", {"form": form, "grant": grant}, status=422 if request.method == "POST" else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
@grave
def more(request: HttpRequest) -> HttpResponse:
    """Take a power beyond one's own, for an hour."""
    person = _person(request)
    held = mandates_of(person, actions.ELEVATE, at=request.at)
    if not held:
        raise Refused(NO_MANDATE)
    form = ElevateForm(request.POST if request.method == "POST" else None)
    form.offer(
        [rule.action for rule in all_rules() if rule.mandate and rule.action not in elevating.NEVER],
        places=queries.places_within(held), bodies=queries.bodies_within(person, actions.ELEVATE, at=request.at),
        everywhere=any(m.place_path is None and m.body_id is None and m.matter_id is None for m in held),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() and _elevate(request, person, form):
        messages.success(request, _("The power is yours for one hour. Others have been told."))
        return redirect("desk-more")
    context = {"form": form, "hours": queries.own_hours(person, at=request.at)}
    return render(request, "orgs/grants/more.html", context, status=422 if request.method == "POST" else 200)


def _issue(request: HttpRequest, person: Person, form: IssueForm) -> Grant | None:
    try:
        window = form.chosen_window(request.at)
    except ValueError:
        form.add_error("until", _("This day is over. Choose a later one."))
        return None
    data = form.cleaned_data
    try:
        return domain.issue(
            actor=person, holder=form.chosen_holder, action=data["action"], scope=form.chosen_scope, window=window,
            reason=data["reason"], at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None


def _elevate(request: HttpRequest, person: Person, form: ElevateForm) -> Grant | None:
    data: dict[str, Any] = form.cleaned_data
    try:
        return elevating.elevate(
            actor=person, action=data["action"], scope=form.chosen_scope, purpose=data["purpose"], at=request.at
        )
    except Refused as refusal:
        form.add_error("purpose", str(refusal))
        return None


def _giver(request: HttpRequest) -> Person:
    person = _person(request)
    if not mandates_of(person, actions.ISSUE, at=request.at):
        raise Refused(NO_MANDATE)
    return person


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # office_page let nobody else through
    return request.user
