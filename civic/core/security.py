"""Headers that tell browsers what our pages may do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)
# Wagtail's date and time fields start themselves with inline scripts.
CMS_POLICY = CONTENT_SECURITY_POLICY.replace("-src 'self';", "-src 'self' 'unsafe-inline';").replace(
    "default-src 'self' 'unsafe-inline'", "default-src 'self'"
)
# Files from outside: nothing in them runs, loads or is shown inside another page.
INERT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
INERT = ("/media/", "/documents/")
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class SecurityHeadersMiddleware:
    """Add the content-security and permissions policies; ``/cms/`` gets Wagtail's exception."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(INERT):
            response.headers["Content-Security-Policy"] = INERT_POLICY
        policy = CMS_POLICY if request.path.startswith("/cms/") else CONTENT_SECURITY_POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response
