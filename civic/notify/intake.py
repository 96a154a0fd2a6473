"""Addresses that mail programs and mail servers call: one click to stop a kind of mail, and what came back."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from civic.core.http import HttpRequest
from civic.notify import bounces, unsubscribing

MAIL_TYPES = {"message/rfc822", "multipart/report", "application/octet-stream"}


# the token in the address is the proof; a mail program brings no cookie and no page before this one
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether a kind of mail shall stop (GET changes nothing); stop it, or send it again (POST)."""
    subscription = unsubscribing.read(token)
    if subscription is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("do") == "resume":
            unsubscribing.resume(subscription)
        else:
            unsubscribing.stop(subscription, at=request.at)
        if "List-Unsubscribe" in request.POST:
            # a mail program asks; it follows no redirect and shows nobody a page
            return HttpResponse(_("Stopped."), content_type="text/plain; charset=utf-8")
        messages.success(request, _("Saved."))
        response = redirect("notices-stop", token)
        response.status_code = 303
        return response
    is_stopped = unsubscribing.is_stopped(subscription, at=request.at)
    context = {"kind": subscription.kind, "is_stopped": is_stopped, "token": token}
    return render(request, "civic/notify/stop.html", context)


@csrf_exempt
@never_cache
@require_POST
def take_bounces(request: HttpRequest) -> HttpResponse:
    """Take a delivery status notification (``message/rfc822``) or a provider's JSON; the bearer knows our secret."""
    if not settings.BOUNCE_SECRET:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(given, settings.BOUNCE_SECRET):
        return JsonResponse(
            {"error": "Send the secret as a bearer."}, status=401, headers={"WWW-Authenticate": "Bearer"}
        )
    try:
        reports = _read(request)
    except bounces.Unreadable as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse({"noted": bounces.take(reports, at=request.at)})


def _read(request: HttpRequest) -> list[bounces.Report]:
    if len(request.body) > bounces.LARGEST:
        raise bounces.Unreadable("This is more than a report.")
    if request.content_type in MAIL_TYPES:
        return bounces.read_dsn(request.body)
    try:
        data: Any = json.loads(request.body)
    except (ValueError, RecursionError):
        raise bounces.Unreadable("Send JSON, or a mail as message/rfc822.") from None
    return bounces.read_provider(data)
