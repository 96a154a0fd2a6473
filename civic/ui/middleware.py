"""How the reader wants pages: language, elder mode and theme, from the cookie, else from the account."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

ELDER_COOKIE = "gongyi_elder"
THEME_COOKIE = "gongyi_theme"
THEMES = ("light", "dark")


class PresentationMiddleware:
    """Set ``request.elder`` and ``request.theme``, and activate the account's language.

    A cookie is the newer word, so it wins over the account.  The account is
    looked at only for people who are signed in and have no cookie.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        theme = request.COOKIES.get(THEME_COOKIE, "")
        request.theme = theme if theme in THEMES else ""  # type: ignore[attr-defined]
        elder = request.COOKIES.get(ELDER_COOKIE)
        if elder is None and request.user.is_authenticated:
            elder = "1" if getattr(request.user, "elder_mode", False) else "0"
        request.elder = elder == "1"  # type: ignore[attr-defined]
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.user.is_authenticated:
            language = getattr(request.user, "language", "")
            if language and language != translation.get_language():
                translation.activate(language)
                request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
