"""The request our views receive, typed."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest as DjangoRequest
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from civic.people.models import Person


class HttpRequest(DjangoRequest):
    """A request after our middleware: one instant, one person, htmx details."""

    at: datetime
    htmx: HtmxDetails
    user: "Person | AnonymousUser"
