"""A person's own pages."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from civic.core.http import HttpRequest
from civic.people.models import Person
from civic.people.rules import suspension_of
from civic.ui.components import Tab
from civic.ui.shell import address
from consult.me import queries
from consult.me.standing import further


@never_cache
@login_required
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """What I said, support and follow, what became of each, what I am told and may do."""
    person = _person(request)
    mine, mine_in_all = queries.said.first(person)
    backed, backed_in_all = queries.supported.first(person)
    followed, followed_in_all = queries.followed.first(person)
    context = {
        "person": person,
        "suspension": suspension_of(person, at=request.at),
        "further": further(person),
        "said": queries.matters(mine, person=person, at=request.at),
        "said_count": mine_in_all,
        "supported": queries.of_supports(backed, person=person, at=request.at),
        "supported_count": backed_in_all,
        "followed": queries.as_followed(followed, at=request.at),
        "followed_count": followed_in_all,
        "drafts": queries.drafts(person, at=request.at),
        "notices": queries.unread(person),
        "shown": queries.SHOWN,
        "links": {name: address(f"me-{name}") for name in ("notices", "preferences", "seen", "data")},
    }
    return render(request, "consult/me/me.html", context)


@never_cache
@login_required
@require_GET
def said(request: HttpRequest) -> HttpResponse:
    """Everything I said."""
    person = _person(request)
    page = queries.said.page(person, request.GET.get("page"))
    matters = queries.matters(list(page), person=person, at=request.at)
    return _list(
        request,
        "me-said",
        _("What I said"),
        page,
        matters=matters,
        own=True,
        nothing=_("You have not said anything yet."),
    )


@never_cache
@login_required
@require_GET
def supported(request: HttpRequest) -> HttpResponse:
    """Everything I support."""
    person = _person(request)
    page = queries.supported.page(person, request.GET.get("page"))
    matters = queries.of_supports(list(page), person=person, at=request.at)
    return _list(
        request,
        "me-supported",
        _("What I support"),
        page,
        matters=matters,
        nothing=_("You support nothing yet. Where you agree with something, press “Support”."),
    )


@never_cache
@login_required
@require_GET
def following(request: HttpRequest) -> HttpResponse:
    """Everything I follow."""
    page = queries.followed.page(_person(request), request.GET.get("page"))
    followed = queries.as_followed(list(page), at=request.at)
    return _list(
        request,
        "me-following",
        _("What I follow"),
        page,
        followed=followed,
        nothing=_("You follow nothing yet. On the page of a consultation, press “Tell me what becomes of it”."),
    )


def _list(request: HttpRequest, name: str, title: str, page: Any, **rows: Any) -> HttpResponse:
    tabs = [
        Tab(_("What I said"), address("me-said"), name == "me-said"),
        Tab(_("What I support"), address("me-supported"), name == "me-supported"),
        Tab(_("What I follow"), address("me-following"), name == "me-following"),
    ]
    return render(request, "consult/me/list.html", {"title": title, "tabs": tabs, "page": page} | rows)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # login_required let nobody else through
    return request.user
