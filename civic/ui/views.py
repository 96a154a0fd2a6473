"""Small pages of the frame: how the reader wants pages, getting help, about the site."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from civic.core.pages import shared
from civic.ui.middleware import ELDER_COOKIE, THEME_COOKIE, THEMES

DAY = 24 * 3600
YEAR = 365 * DAY


@never_cache
@require_safe
def set_language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language in a cookie and go back."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, code)


@never_cache
@require_safe
def set_elder(request: HttpRequest, choice: str) -> HttpResponse:
    """Remember elder mode, on or off, in a cookie and go back."""
    if choice not in {"on", "off"}:
        raise Http404
    return _remember(request, ELDER_COOKIE, "1" if choice == "on" else "0")


@never_cache
@require_safe
def set_theme(request: HttpRequest, theme: str) -> HttpResponse:
    """Remember light or dark in a cookie, or forget it (``system``), and go back."""
    if theme not in {*THEMES, "system"}:
        raise Http404
    return _remember(request, THEME_COOKIE, "" if theme == "system" else theme)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers to the mark where no page told them of it: beside files, and pages of others."""
    response = HttpResponseRedirect(static("ui/mark.svg"))
    response["Cache-Control"] = f"public, max-age={DAY}"
    return response


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    # These are links, not forms: pages that everybody shares must hold no token.
    response = HttpResponseRedirect(_back(request))
    if value:
        response.set_cookie(cookie, value, max_age=YEAR, secure=request.is_secure(), samesite="Lax", httponly=True)
    else:
        response.delete_cookie(cookie, samesite="Lax")
    return response


def _back(request: HttpRequest) -> str:
    """Return the address to go back to: ours, or the home page."""
    target = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe and not target.startswith("/prefs/") else "/"


@shared()
@require_safe
def get_help(request: HttpRequest) -> HttpResponse:
    """Say how to get help: by phone, at a station, on paper."""
    return render(request, "about/help.html")


@shared()
@require_safe
def about(request: HttpRequest, template: str) -> HttpResponse:
    """Show one of the short pages about the site."""
    return render(request, template)


@require_safe
def gallery(request: HttpRequest, template: str) -> HttpResponse:
    """Show every component in all its states (demo and tests)."""
    from civic.ui import gallery as samples  # noqa: PLC0415 - samples are loaded where they are shown

    if not settings.DEMO:
        raise Http404
    return render(request, template, samples.everything(request))
