"""The one door of the house behind the counter: the desk and the CMS ask here who may come in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse

from civic.access.mandates import belongs_to_an_office, entrusted_to, is_locked
from civic.access.questions import MANDATE_ENDED
from civic.core.http import HttpRequest
from civic.core.refusals import SECOND_FACTOR, SIGN_IN, Refused
from civic.people.models import Level, Person
from civic.people.rules import standing

View = Callable[..., HttpResponse]


def enter(request: HttpRequest) -> Person:
    """Return the person of an office who stands at the door, with their second factor shown.

    Visitors are asked to sign in; people of no office find nothing here (404);
    members of a body whose powers have ended, and people who may not act now,
    are told so (403); whoever has not shown the second factor is led to it.
    """
    person = request.user
    if not isinstance(person, Person):
        raise Refused(SIGN_IN)
    if not entrusted_to(person, at=request.at):
        if not belongs_to_an_office(person, at=request.at):
            raise Http404
        raise Refused(MANDATE_ENDED)
    reason = standing(person, level=Level.CONTACT, at=request.at)
    if reason is not None:
        raise Refused(reason)
    if is_locked(person):
        raise Refused(SECOND_FACTOR)
    return person


def office_page(view: View) -> View:
    """Open a page to people who hold any power now and have shown their second factor."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        enter(request)
        return view(request, *args, **kwargs)

    return guarded
