"""What could not be delivered, for whoever runs the site; sent again by hand."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from civic.access.questions import require
from civic.core.http import HttpRequest
from civic.core.refusals import NOT_FOUND, Refused
from civic.notify import repeating
from civic.notify.actions import OPERATE
from civic.people.models import Person
from civic.ui.components import Tab
from consult.desk.decorators import desk_page


@require_safe
@desk_page
def deliveries(request: HttpRequest) -> HttpResponse:
    """One sort of failed and retried deliveries; the tabs count what was given up."""
    require(request.user, OPERATE, at=request.at)
    sorts = repeating.sorts()
    chosen = next((sort for sort in sorts if sort.key == request.GET.get("show")), sorts[0])
    counts, here = repeating.given_up(), reverse("desk-deliveries")
    tabs = [
        Tab(str(sort.label), f"{here}?show={sort.key}", sort is chosen, count=counts[sort.key]) for sort in sorts
    ]  # fmt: skip
    page, lines = repeating.page(chosen, request.GET.get("page"))
    context = {"tabs": tabs, "sort": chosen, "page": page, "lines": lines}
    return render(request, "consult/desk/deliveries.html", context)


@require_POST
@desk_page
def send_again(request: HttpRequest) -> HttpResponse:
    """Send one again."""
    require(request.user, OPERATE, at=request.at)
    assert isinstance(request.user, Person)  # desk_page let only people through
    what, number = request.POST.get("what", ""), request.POST.get("number", "")
    if not (number.isdecimal() and number.isascii() and len(number) < 18):
        raise Http404
    try:
        sort = repeating.sort_of(what)
        repeating.send_again(sort=sort, pk=int(number), actor=request.user, at=request.at)
    except Refused as refusal:
        if refusal.reason == NOT_FOUND:
            raise Http404 from None
        raise
    messages.success(request, _("It is on its way again."))
    response = redirect(f"{reverse('desk-deliveries')}?show={sort.key}")
    response.status_code = 303
    return response
