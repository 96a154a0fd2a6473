"""Turns a refusal that a view did not handle into a page that says why."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from civic.core.refusals import SIGN_IN, Refused


class RefusalMiddleware:
    """``Refused`` becomes 403 with its sentence (409 for a conflict), or a way to sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for ``Refused``; leave every other exception alone."""
        if not isinstance(exception, Refused):
            return None
        if exception.reason == SIGN_IN and request.method in {"GET", "HEAD"}:
            from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415 - loads the auth forms

            return redirect_to_login(request.get_full_path())
        status = 409 if exception.conflict else 403
        return render(request, "refused.html", {"reason": exception.reason}, status=status)
