"""Pages for what went wrong outside a view."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render

BROKEN = settings.BASE_DIR / "templates" / "500.html"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address or a form we cannot read."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a refusal that came without a reason of ours."""
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that came without its token: what to do, and nothing lost."""
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere, or nowhere for this reader."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours with a file: no database, session, translation or tag that could fail again."""
    return HttpResponseServerError(BROKEN.read_bytes())
