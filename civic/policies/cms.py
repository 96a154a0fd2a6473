"""Wagtail's admin as we run it: each change in one transaction with its record."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from wagtail.admin import urls as wagtail_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

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


urlpatterns = decorate_urlpatterns(wagtail_urls.urlpatterns, in_one_transaction)
