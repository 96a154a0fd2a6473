"""Where other systems hear of public events: adding, changing, testing, a new secret, what became of deliveries."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.mandates import mandates_of
from civic.access.questions import NO_MANDATE, visible
from civic.core.http import HttpRequest
from civic.core.refusals import Refused, Unfit
from civic.notify import endpoints as domain
from civic.notify.actions import WEBHOOKS
from civic.notify.models import WebhookDelivery, WebhookEndpoint
from civic.people.models import Person
from consult.desk.decorators import desk_page
from consult.desk.forms import WebhookForm
from orgs.bodies.models import Organisation

PAGE_SIZE = 20
SECRET_TAIL = 8
# the domain's complaint → the field it belongs to
FIELD_OF = {"webhook-address": "url", "webhook-twice": "url", "webhook-kinds": "kinds"}


@require_safe
@desk_page
def endpoints(request: HttpRequest) -> HttpResponse:
    """Every endpoint the person's powers reach."""
    rows = _reachable(request).order_by("-is_active", "owner__name", "pk")
    given_up = Count("deliveries", filter=Q(deliveries__status=WebhookDelivery.Status.FAILED))
    page = Paginator(rows.annotate(given_up=given_up), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "consult/desk/webhooks.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def endpoint_new(request: HttpRequest) -> HttpResponse:
    """Add an endpoint."""
    person = _person(request)
    owners = visible(person, WEBHOOKS, Organisation.objects.order_by("name"), at=request.at)
    form = WebhookForm(request.POST if request.method == "POST" else None, owners=owners)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = domain.add(
                owner=data["owner"], url=data["url"], kinds=data["kinds"], actor=person, at=request.at
            )  # fmt: skip
        except Unfit as unfit:
            form.add_error(FIELD_OF[unfit.reason.code], str(unfit))
        else:
            messages.success(request, _("Added. Give the other side the secret, then send a test."))
            return _see_other(made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "consult/desk/webhook_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """One endpoint: its form, its secret, its deliveries."""
    found = get_object_or_404(_reachable(request), pk=pk)
    initial = {"url": found.url, "kinds": found.kinds, "is_active": found.is_active}
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            domain.change(
                endpoint=found, url=data["url"], kinds=data["kinds"], is_active=data["is_active"],
                actor=_person(request), at=request.at,
            )  # fmt: skip
        except Unfit as unfit:
            form.add_error(FIELD_OF[unfit.reason.code], str(unfit))
        else:
            messages.success(request, _("Saved."))
            return _see_other(pk)
    page = Paginator(found.deliveries.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "endpoint": found,
        "form": form,
        "page": page,
        "secrets": found.secrets_at(request.at),
        "seen": found.secret[-SECRET_TAIL:],
        "why_no_test": None if found.is_active else domain.SWITCHED_OFF,
    }
    return render(request, "consult/desk/webhook.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@desk_page
def endpoint_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test."""
    found = get_object_or_404(_reachable(request), pk=pk)
    domain.test(endpoint=found, actor=_person(request), at=request.at)
    messages.success(request, _("A test is on its way. What became of it stands below in a moment."))
    return _see_other(pk)


@require_POST
@desk_page
def endpoint_rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new secret."""
    found = get_object_or_404(_reachable(request), pk=pk)
    domain.rotate(endpoint=found, seen=request.POST.get("seen", ""), actor=_person(request), at=request.at)
    messages.success(request, _("There is a new secret. For a day the one before signs too."))
    return _see_other(pk)


def _person(request: HttpRequest) -> Person:
    person = request.user
    assert isinstance(person, Person)  # desk_page let only people through
    if not mandates_of(person, WEBHOOKS, at=request.at):
        raise Refused(NO_MANDATE)
    return person


def _reachable(request: HttpRequest) -> "QuerySet[WebhookEndpoint]":
    rows = WebhookEndpoint.objects.select_related("owner")
    return visible(_person(request), WEBHOOKS, rows, at=request.at)


def _see_other(pk: int) -> HttpResponse:
    response = redirect("desk-webhook", pk)
    response.status_code = 303
    return response
