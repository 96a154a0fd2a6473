"""Pages for what went wrong outside a view."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that came without its token: what to do, and nothing lost."""
    return render(request, "403_csrf.html", status=403)
