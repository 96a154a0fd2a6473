"""The second factor before any power opens.

A session that has not shown it acts without powers: ``lock`` marks its person,
``mandates_of`` then answers nothing, and every question of access falls shut by
itself, whoever asks it.  What is left to do here is to lead to the right page.
"""

from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from civic.access import sessions
from civic.access.mandates import LOCKED
from civic.core.clock import now
from civic.people import factors
from civic.people.models import Person

# A working day; and, before what weighs most, a quarter of an hour (twice that for the form that was open then).
LASTS = timedelta(hours=12)
LASTS_FOR_GRAVE_ACTS = timedelta(minutes=15)


class View(Protocol):
    """A view function."""

    def __call__(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse: ...


def lock(person: Any, request: HttpRequest) -> Any:
    """Return the person of a session, without powers when the session has not shown the second factor."""
    if isinstance(person, Person):
        sessions.note_use(request, person)
        person.__dict__[LOCKED] = not passed(request, person, at=at_of(request), within=LASTS)
    return person


def passed(request: HttpRequest, person: Person, *, at: datetime, within: timedelta) -> bool:
    """Tell whether the session showed the person's second factor no longer ago than ``within``."""
    shown_at = factors.passed_at(request, person)
    return shown_at is not None and at - shown_at < within


def page_for(request: HttpRequest, back: str) -> HttpResponse:
    """Lead to the code, or to setting up a factor where there is none; ``back`` is where the person was going."""
    assert isinstance(request.user, Person)
    name = "mfa_reauthenticate" if factors.has_factor(request.user) else "mfa_activate_totp"
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': back})}")


def came_from(request: HttpRequest) -> str:
    """Return the page to come back to: this one, or for something that was sent, the page it was sent from."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    sent_from = request.headers.get("Referer", "")
    host = request.get_host()
    if url_has_allowed_host_and_scheme(sent_from, {host}, require_https=request.is_secure()):
        back = "/" + sent_from.split("//", 1)[-1].partition("/")[2]
        # A path of ours that begins with two slashes would be another host once it stands alone.
        return back if url_has_allowed_host_and_scheme(back, {host}) else request.path
    return request.path


def grave(view: View) -> View:
    """Ask for the second factor again before a page whose acts weigh most."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        within = LASTS_FOR_GRAVE_ACTS * (1 if request.method in {"GET", "HEAD"} else 2)
        person = request.user
        if isinstance(person, Person) and not passed(request, person, at=at_of(request), within=within):
            return page_for(request, came_from(request))
        return view(request, *args, **kwargs)

    return guarded


def at_of(request: HttpRequest) -> datetime:
    """Return the request's instant."""
    return getattr(request, "at", None) or now()
