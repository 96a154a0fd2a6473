"""How the reader wants pages: elder mode and theme, from the cookie."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

ELDER_COOKIE = "gongyi_elder"


class PresentationMiddleware:
    """Set ``request.elder``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.elder = request.COOKIES.get(ELDER_COOKIE) == "1"  # type: ignore[attr-defined]
        return self.get_response(request)
