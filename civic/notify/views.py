"""A person's notices and preferences, and the demo's outbox."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from civic.access.mandates import entrusted_to
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import SIGN_IN, Refused
from civic.notify import domain, kinds, outbox, queries
from civic.notify.forms import HoursForm, TimingsForm
from civic.notify.models import Channel, Notice
from civic.people import domain as people
from civic.people.forms import ProfileForm, ResidenceForm
from civic.people.models import Person
from civic.people.rules import is_person, may_choose_residence
from civic.ui.components import Tab
from civic.ui.middleware import ELDER_COOKIE


@never_cache
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Show the person's notices, newest first, all or one group."""
    person = _person(request)
    group = request.GET.get("group", "")
    here = reverse("me-notices")
    tabs = [Tab(_("All"), here, not group)]
    tabs += [Tab(str(g.label), f"{here}?group={g.name}", g.name == group) for g in _groups(person, request.at)]
    page = queries.notices_of(person, group=group, page=request.GET.get("page"))
    return render(request, "civic/notify/notices.html", {"page_obj": page, "tabs": tabs})


@never_cache
@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a notice is about; having gone there is having read it."""
    person = _person(request)
    found = get_object_or_404(Notice, pk=pk, person=person)
    domain.mark_read(person=person, ids=[found.pk], at=request.at)
    return HttpResponseRedirect(found.url)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice (``id``) or all as read."""
    person = _person(request)
    ids = [int(value) for value in request.POST.getlist("id") if value.isdecimal() and len(value) < 18]
    domain.mark_read(person=person, ids=ids if "id" in request.POST else "all", at=request.at)
    return _see_other(request.POST.get("back", ""))


@never_cache
@limited("preferences")
def preferences(request: HttpRequest) -> HttpResponse:
    """Show what the person has chosen; each part is saved on its own."""
    person = _person(request)
    part = request.POST.get("part") if request.method == "POST" else None
    if part == "again":
        return _try_again(request, person)
    wishes = queries.wishes_of([person], at=request.at)
    forms = {
        "profile": ProfileForm(
            request.POST if part == "profile" else None,
            instance=Person.objects.get(pk=person.pk),
            initial={"language": person.language or request.LANGUAGE_CODE},
            prefix="profile",
        ),
        "residence": ResidenceForm(
            request.POST if part == "residence" else None, initial={"place": person.residence_id}, prefix="residence"
        ),
        "channels": TimingsForm(
            request.POST if part == "channels" else None,
            person=person,
            groups=_groups(person, request.at),
            wishes=wishes,
            prefix="channels",
        ),
        "hours": HoursForm(request.POST if part == "hours" else None, rhythm=wishes.rhythm(person.pk), prefix="hours"),
    }
    form: Any = forms.get(part or "")
    if form is not None and form.is_valid():
        try:
            return _save(request, person, str(part), form)
        except Refused as refusal:
            form.add_error(None, str(refusal.reason))
    context = {
        "forms": forms,
        "person": person,
        "residence_fixed": may_choose_residence(person, None),
        "stopped": [
            {"channel": channel, "since": since, "address": queries.address_of(person, channel)}
            for _whose, channel, since in queries.stopped([person], at=request.at)
        ],
    }
    return render(request, "civic/notify/preferences.html", context, status=422 if part else 200)


@require_safe
def show_outbox(request: HttpRequest) -> HttpResponse:
    """In the demo: what would have left by mail and text message, newest first."""
    if not settings.DEMO:
        raise Http404
    return render(request, "civic/notify/outbox.html", {"items": outbox.read()})


def _save(request: HttpRequest, person: Person, part: str, form: Any) -> HttpResponse:
    response = redirect(f"{reverse('me-preferences')}#{part}")
    response.status_code = 303
    if part == "profile":
        values = {name: form.cleaned_data[name] for name in ("display_name", "language", "elder_mode")}
        people.update_profile(person=person, at=request.at, **values)
        _show_as_chosen(response, language=person.language, elder_mode=person.elder_mode)
    elif part == "residence":
        people.set_residence(person=person, place=form.cleaned_data["place"], at=request.at)
    elif part == "hours":
        domain.set_hours(
            person=person, quiet=form.quiet, digest_hour=int(form.cleaned_data["digest_hour"]), at=request.at
        )
    else:
        domain.wish(person=person, timings=form.timings)
    with translation.override(person.language or request.LANGUAGE_CODE):
        messages.success(request, _("Saved."))
    return response


def _try_again(request: HttpRequest, person: Person) -> HttpResponse:
    channel = request.POST.get("channel", "")
    if channel in Channel.values and domain.try_again(person=person, channel=channel, at=request.at):
        messages.success(request, _("We try it again with the next notice."))
    response = redirect("me-preferences")
    response.status_code = 303
    return response


def _show_as_chosen(response: HttpResponse, *, language: str, elder_mode: bool) -> None:
    # this browser's cookies are older words than what was saved just now
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE), httponly=True,
    )  # fmt: skip
    response.set_cookie(
        ELDER_COOKIE, "1" if elder_mode else "0", max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE), httponly=True,
    )  # fmt: skip


def _person(request: HttpRequest) -> Person:
    if not is_person(request.user):
        raise Refused(SIGN_IN)
    assert isinstance(request.user, Person)
    return request.user


def _groups(person: Person, at: datetime) -> list[kinds.Group]:
    # work is for those who hold a power
    works = bool(entrusted_to(person, at=at))
    return [group for group in kinds.groups() if group.name != kinds.WORK or works]


def _see_other(back: str) -> HttpResponse:
    here = reverse("me-notices")
    response = HttpResponseRedirect(back if back.startswith(f"{here}?") else here)
    response.status_code = 303
    return response
