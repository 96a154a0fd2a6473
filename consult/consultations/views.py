"""The list of consultations, and following one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.pages import shared
from civic.places.models import Place
from civic.ui.components import Tab
from consult.consultations import domain
from consult.consultations.models import Consultation
from consult.consultations.presentation import STATUS, status_word
from consult.consultations.queries import readable
from consult.consultations.states import State

PAGE_SIZE = 12


@shared("show", "place", "page")
@require_safe
def consultation_list(request: HttpRequest) -> HttpResponse:
    """All consultations, by what can be done: open, coming, being answered, finished."""
    everything = readable(request.user, at=request.at).exclude(state=State.DRAFT)
    place = Place.objects.filter(code=request.GET.get("place", "")[:20].replace("\0", "")).first()
    if place is not None:
        everything = everything.filter(open_to__path__startswith=place.path)
    shelves: dict[str, tuple[str, QuerySet[Consultation]]] = {
        "open": (
            _("Open now"),
            everything.filter(pk__in=Consultation.objects.running(request.at)).order_by("closes_at"),
        ),
        "soon": (
            _("Opening soon"),
            everything.filter(pk__in=Consultation.objects.upcoming(request.at)).order_by("opens_at"),
        ),
        "answering": (
            _("Being answered"),
            everything.filter(pk__in=Consultation.objects.awaiting_answer(request.at)).order_by("answer_due_at"),
        ),
        "done": (
            _("Finished"),
            everything.filter(state__in=[State.ANSWERED, State.ARCHIVED, State.WITHDRAWN]).order_by("-closes_at"),
        ),
    }
    chosen = request.GET.get("show", "open")
    if chosen not in shelves:
        chosen = "open"
    page = Paginator(shelves[chosen][1], PAGE_SIZE).get_page(request.GET.get("page"))
    extra = f"&place={place.code}" if place else ""
    tabs = [Tab(label, f"?show={key}{extra}", key == chosen) for key, (label, _rows) in shelves.items()]
    return render(
        request,
        "consult/consultations/list.html",
        {"page": page, "tabs": tabs, "place": place, "chosen": chosen, "rows": [summary(c, request) for c in page]},
    )


@require_POST
@limited("support")
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    """Follow, or stop following."""
    consultation = get_object_or_404(readable(request.user, at=request.at), slug=slug)
    if not request.user.is_authenticated:
        return redirect_to_login(consultation.get_absolute_url())
    if request.POST.get("on") == "0":
        domain.unfollow(consultation=consultation, person=request.user)
        messages.success(request, _("You no longer follow this."))
    else:
        domain.follow(consultation=consultation, person=request.user, at=request.at)
        messages.success(request, _("You follow this now: we tell you when it is answered."))
    return redirect(consultation, permanent=False)


def summary(consultation: Consultation, request: HttpRequest) -> dict[str, Any]:
    """Return what a consultation's line in a list shows."""
    stage = consultation.stage(request.at)
    return {
        "consultation": consultation,
        "stage": stage,
        "status": STATUS[stage],
        "status_word": status_word(consultation, at=request.at),
        "url": consultation.get_absolute_url(),
    }
