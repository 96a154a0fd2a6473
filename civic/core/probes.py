"""The addresses machines ask: answered before sessions, languages and the names of hosts.

A load balancer asks by number, over plain http, and wants no cookie.
"""

from collections.abc import Callable
from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from civic.core import health, metrics


@never_cache
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """Tell what is measured, to those who may know; for others there is nothing here."""
    if not may_read(request):
        return HttpResponse("Not Found", status=404, content_type="text/plain")
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def may_read(request: HttpRequest) -> bool:
    """Tell whether the caller holds ``METRICS_TOKEN`` or sits in one of ``METRICS_NETWORKS``.

    Whoever came through a proxy is not in the network its proxy is in.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if (
        settings.METRICS_TOKEN
        and scheme == "Bearer"
        and compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    ):
        return True
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_NETWORKS)


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": health.healthz,
    "/readyz": health.readyz,
    "/metrics": measures,
}


class ProbeMiddleware:
    """Answer the probes at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        if probe is None:
            return self.get_response(request)
        answer = probe(request)
        # What Django's own middleware, further in, adds to every other answer.
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
        if settings.SECURE_CROSS_ORIGIN_OPENER_POLICY:
            answer["Cross-Origin-Opener-Policy"] = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
        return answer
