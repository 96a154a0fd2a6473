"""How the reader wants pages: from the cookie, else (the language) from the browser, else from the account."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

ELDER_COOKIE = "gongyi_elder"
THEME_COOKIE = "gongyi_theme"
THEMES = ("light", "dark")


class PresentationMiddleware:
    """Set ``request.elder`` and ``request.theme``; activate the account's language where nothing else names one.

    A cookie is the newer word, so it wins over the account, and a browser that
    asks for one of our languages is in the reader's hand now: whoever reads a
    page in English and signs in goes on in English.  The account is looked at
    only for people who are signed in and have no cookie.
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
        if (
            settings.LANGUAGE_COOKIE_NAME not in request.COOKIES
            and not _asks_for_ours(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
            and request.user.is_authenticated
        ):
            language = getattr(request.user, "language", "")
            if language and language != translation.get_language():
                translation.activate(language)
                request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


def _asks_for_ours(header: str) -> bool:
    """Tell whether an ``Accept-Language`` header names a language of ours before "any"."""
    for wanted, _weight in parse_accept_lang_header(header):
        if wanted == "*":
            return False
        try:
            translation.get_supported_language_variant(wanted)
        except LookupError:
            continue
        return True
    return False
