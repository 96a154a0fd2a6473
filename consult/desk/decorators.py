"""The door of every desk page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse

from civic.access.mandates import mandates_of
from civic.access.questions import MANDATE_ENDED
from civic.core.http import HttpRequest
from civic.core.refusals import Refused
from civic.people.models import Level, Person
from civic.people.rules import standing
from orgs.bodies.queries import bodies_of

View = Callable[..., HttpResponse]


def desk_page(view: View) -> View:
    """Open a page to people who hold any power now.

    Visitors are asked to sign in; people of no office find nothing here (404);
    members of a body whose powers have ended are told so (403).  Whatever else
    staff must show before they enter is asked here and nowhere else.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = request.user
        if not isinstance(person, Person):
            return redirect_to_login(request.get_full_path() if request.method == "GET" else request.path)
        if not mandates_of(person, at=request.at):
            if not bodies_of(person, at=request.at):
                raise Http404
            raise Refused(MANDATE_ENDED)
        reason = standing(person, level=Level.CONTACT, at=request.at)
        if reason is not None:
            raise Refused(reason)
        return view(request, *args, **kwargs)

    return guarded
