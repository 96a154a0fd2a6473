"""My data: see it, take it along, have it deleted."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.people import confirming, erasing, personal, takeout
from civic.people.data_forms import ProofForm
from civic.people.models import Person
from civic.ui.shell import address

PER_PAGE = 20


@never_cache
@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show what there is, section by section, and what can be done with it."""
    person = _person(request)
    rows = [(section, _count(section.rows(person))) for section in personal.sections()]
    context = {
        "person": person,
        "rows": [{"section": section, "count": count} for section, count in rows if count],
        "empty": [section for section, count in rows if not count],
        "days": erasing.COOL_OFF.days,
        "seen": address("me-seen"),
    }
    return render(request, "civic/people/data.html", context)


@never_cache
@login_required
@require_GET
def section(request: HttpRequest, name: str) -> HttpResponse:
    """Show everything of one section, a page at a time."""
    try:
        found = personal.section(name)
    except LookupError:
        raise Http404 from None
    page = Paginator(found.rows(_person(request)), PER_PAGE).get_page(request.GET.get("page"))
    records = [
        {"facts": [(fact.label, text) for fact in told.facts if (text := takeout.shown(fact.value))], "url": told.url}
        for told in map(found.tell, page)
    ]
    correct = reverse(found.correct_at) if found.correct_at else ""
    context = {"section": found, "page": page, "records": records, "correct": correct}
    return render(request, "civic/people/data_section.html", context)


@never_cache
@login_required
@require_POST
@limited("own-data")
def download(request: HttpRequest) -> FileResponse:
    """Hand over everything as one file; nothing of it is kept here."""
    day = timezone.localtime(request.at).date().isoformat()
    made = takeout.make(_person(request), at=request.at)
    return FileResponse(made, as_attachment=True, filename=f"gongyi-{day}.zip", content_type="application/zip")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("own-data")
def erase(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays, make sure who asks, and set the day."""
    person = _person(request)
    if person.erase_after is not None:
        return redirect("me-data")
    has_password = person.has_usable_password()
    if request.POST.get("part") == "code" and not has_password:
        if confirming.send(request.session, person=person, at=request.at):
            messages.success(request, _("We have sent you a code. It is valid for 10 minutes."))
        else:
            messages.warning(request, _("A code left a moment ago. Wait half a minute before you ask for another."))
        return _see_other("me-data-erase")

    def fits(proof: str) -> bool:
        if has_password:
            return person.check_password(proof)
        return confirming.fits(request.session, proof.strip(), person=person, at=request.at)

    status = 200
    form = ProofForm(request.POST if request.method == "POST" else None, has_password=has_password, fits=fits)
    if request.method == "POST":
        if not ratelimit.consume(request, action="reauthenticate", user=person):
            form.add_error(None, _("Too many requests in a row. Wait a minute, then try again."))
            status = 429
        elif form.is_valid():
            erasing.ask(person=person, at=request.at)
            return _see_other("me-data")
        else:
            status = 422
    held = [each for each in personal.sections() if each.name == "account" or _count(each.rows(person))]
    context: dict[str, Any] = {
        "form": form,
        "asks_for_code": not has_password and not confirming.is_waiting(request.session, at=request.at),
        "has_password": has_password,
        "goes": [each.goes for each in held if each.goes],
        "stays": [each.stays for each in held if each.stays],
        "warnings": personal.warnings(person, at=request.at),
        "days": erasing.COOL_OFF.days,
    }
    return render(request, "civic/people/data_erase.html", context, status=status)


@never_cache
@login_required
@require_POST
@limited("own-data")
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the account after all."""
    erasing.keep(person=_person(request), at=request.at)
    messages.success(request, _("Your account stays. Nothing was deleted."))
    return _see_other("me-data")


def _count(rows: Any) -> int:
    return len(rows) if isinstance(rows, list | tuple) else rows.count()


def _see_other(name: str) -> HttpResponse:
    response = redirect(name)
    response.status_code = 303
    return response


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # login_required let nobody else through
    return request.user
