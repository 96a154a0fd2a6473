"""The number of unread notices, for the header."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from civic.notify.queries import unread_count
from civic.people.rules import is_person


def notices(request: HttpRequest) -> dict[str, Any]:
    """Return ``unread_notices``, counted only when a template asks, and mostly with who it is for."""
    user = getattr(request, "user", None)
    if not is_person(user):
        return {"unread_notices": 0}
    return {"unread_notices": SimpleLazyObject(lambda: unread_count(user, at=getattr(request, "at", None)))}  # type: ignore[arg-type]
