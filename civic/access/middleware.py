"""What stands between a session and its powers, and between a refusal and its page."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from civic.core.collisions import collided
from civic.core.refusals import MET, SECOND_FACTOR, SIGN_IN, Refused

logger = logging.getLogger(__name__)

#: The fields people write sentences into, in the order of the forms.
WRITTEN = ("title", "text", "reason", "new_text", "note")


class SecondFactorMiddleware:
    """Close the powers of a session that has not shown the second factor; asks nothing until somebody asks who it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from civic.access import second_factor, sessions  # noqa: PLC0415 - loads the accounts' models

        person = cache(lambda: second_factor.lock(sessions.person_of(request), request))
        request.find_person = person  # type: ignore[attr-defined]  # read below
        request.user = SimpleLazyObject(person)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """Give the view of somebody with a session the person, not what stands for them: views ask it a hundred times."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            request.user = request.find_person()  # type: ignore[attr-defined]


class RefusalMiddleware:
    """``Refused`` becomes 403 with its sentence (409 for a conflict), or a way to sign in or to show the second factor.

    What the database ended because two waited for each other is a conflict as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for ``Refused`` and for collisions; leave every other exception alone."""
        if collided(exception):
            logger.warning("a request collided with another one: %s", type(exception.__cause__).__name__)
            exception = Refused(MET, conflict=True)
        if not isinstance(exception, Refused):
            return None
        from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415 - loads the auth forms

        from civic.access import second_factor  # noqa: PLC0415 - loads the accounts' models

        if exception.reason == SIGN_IN:
            return redirect_to_login(second_factor.came_from(request))
        if exception.reason == SECOND_FACTOR:
            return second_factor.page_for(request, second_factor.came_from(request))
        status = 409 if exception.conflict else 403
        back = second_factor.came_from(request)
        context = {"reason": exception.reason, "words": _words(request), "back": back if back != request.path else ""}
        return render(request, "refused.html", context, status=status)


def _words(request: HttpRequest) -> list[str]:
    """Return what was written into the form that came too late: its page may be gone, its words must not be."""
    if request.method != "POST":
        return []
    return [words for name in WRITTEN if (words := request.POST.get(name, "").strip())]
