"""What every page's template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the site's name and place and the reader's presentation."""
    return {"site_place": settings.SITE_PLACE, "elder": getattr(request, "elder", False), "demo": settings.DEMO}
