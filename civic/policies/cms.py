"""Wagtail's admin as we run it: each change in one transaction with its record."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from wagtail.admin import urls as wagtail_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from civic.access.decorators import enter
from civic.access.questions import NO_MANDATE
from civic.core.http import HttpRequest
from civic.core.refusals import Refused

View = Callable[..., HttpResponse]


def in_one_transaction(view: View) -> View:
    """Make what a POST does stand or fall together: the page, its workflow and our entries."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return wrapped


def for_those_who_work_here(view: View) -> View:
    """Let in whom the desk lets in, and of those the ones who hold a power over policies.

    Wagtail would send everybody else to sign in, and signing in back to it, for ever.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not enter(request).has_perm("wagtailadmin.access_admin"):
            raise Refused(NO_MANDATE)
        return view(request, *args, **kwargs)

    return wrapped


urlpatterns = decorate_urlpatterns(
    decorate_urlpatterns(wagtail_urls.urlpatterns, in_one_transaction), for_those_who_work_here
)
