"""The pages of the record."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from civic.access import mandates
from civic.access.questions import NO_MANDATE
from civic.access.verifying import VERIFY, verify_resident
from civic.audit import content
from civic.audit.models import Entry, Seal
from civic.audit.reads import note_read, purpose_in_words
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import Refused
from civic.people.finding import owner_of
from civic.people.models import Person
from consult.desk.decorators import desk_page
from consult.record import exports, queries
from consult.record.actions import AUDIT, READ, VERIFYING
from consult.record.forms import LookupForm, RecordForm, VerifyForm
from consult.record.objects import KINDS

SHOWN_TO = 900  # seconds a clerk may keep a looked-up person open


@require_safe
def history(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """What happened to one object, in plain sentences, each under its seal."""
    known = KINDS.get(kind)
    if known is None or pk >= 2**63:
        raise Http404
    about = get_object_or_404(known.seen_by(request.user, request.at), pk=pk)
    page = Paginator(queries.history(known, pk), queries.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "kind": known, "title": known.title(about), "url": known.url(about), "page": page,
        "lines": queries.lines(list(page), reasons=known.shows_reasons),
        "last": Seal.objects.order_by("-number").first(),
    }  # fmt: skip
    return render(request, "consult/record/history.html", context)


@never_cache
@login_required
@require_GET
def seen(request: HttpRequest) -> HttpResponse:
    """Who looked at my data, for which office, when and why."""
    assert isinstance(request.user, Person)  # login_required let nobody else through
    page = Paginator(queries.looks_at(request.user), queries.PAGE_SIZE).get_page(request.GET.get("page"))
    entries = list(page)
    as_whom = queries.readers(entries)
    looks = [
        {
            "line": line,
            "role": as_whom[line.entry.pk].get_role_display() if line.entry.pk in as_whom else "",
            "office": line.office or (as_whom[line.entry.pk].body if line.entry.pk in as_whom else None),
            "purpose": purpose_in_words(line.entry.facts.get("purpose", "")),
        }
        for line in queries.lines(entries)
    ]
    return render(request, "consult/record/seen.html", {"page": page, "looks": looks})


@never_cache
@require_safe
@desk_page
def record(request: HttpRequest) -> HttpResponse:
    """The auditor's view: everything that happened, as chosen, newest first."""
    reader = _holder(request, READ)
    form = RecordForm(request.GET)
    valid = form.is_valid()
    rows = queries.record(reader, at=request.at, **(form.choice() if valid else {}))
    entries, older = queries.page_of(rows, queries.Key.read(request.GET.get("before", "")))
    if valid and form.person:
        _note_reading_of(request, reader, form.person)
    asked = request.GET.copy()
    asked.pop("before", None)
    context = {
        "form": form, "lines": queries.lines(entries, names=True), "asked": asked.urlencode(),
        "older": _with(asked, before=str(older)) if older else "", "is_first": "before" not in request.GET,
        "last": Seal.objects.order_by("-number").first(),
    }  # fmt: skip
    return render(request, "consult/record/record.html", context, status=200 if valid else 422)


@never_cache
@require_safe
@desk_page
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with everything that was hashed of it; opening a resident's is itself an entry."""
    reader = _holder(request, READ)
    rows = queries.record(reader, at=request.at).select_related("sealing__seal", "actor")
    found = get_object_or_404(rows, pk=min(pk, 2**63 - 1))
    sealed = getattr(found, "sealing", None)
    hashed = content.canonical(exports.hashed(found, sealed)["content"]) if sealed else ""
    about = _subject_of(found)
    for read in (about, found.actor if queries.is_own(found) else None):
        if read is not None:
            note_read(reader=reader, person=read, purpose=AUDIT, subject=found, at=request.at)
    context = {
        "entry": found, "line": queries.lines([found], names=True)[0], "sealed": sealed, "hashed": hashed,
        "actor": found.actor, "about": about, "forgotten": found.forgotten,
        "facts": sorted(found.facts.items()),
    }  # fmt: skip
    return render(request, "consult/record/entry.html", context)


@never_cache
@require_safe
@desk_page  # type: ignore[arg-type]  # an answer in parts is an answer too
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The chosen entries as a file, streamed."""
    reader = _holder(request, READ)
    write = {"csv": exports.as_csv, "json": exports.as_json}.get(form)
    if write is None:
        raise Http404
    choice = RecordForm(request.GET)
    if not choice.is_valid():
        return redirect(f"{reverse('desk-record')}?{request.GET.urlencode()}")
    if choice.person:
        _note_reading_of(request, reader, choice.person)
    rows: Iterator[str] = write(queries.record(reader, at=request.at, **choice.choice()))
    kind = {"csv": "text/csv; charset=utf-8", "json": "application/json"}[form]
    answer = StreamingHttpResponse(rows, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="record-{localtime(request.at):%Y%m%d-%H%M}.{form}"'
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("lookup")
@desk_page
def people(request: HttpRequest) -> HttpResponse:
    """Find the account of the person in front of the clerk by the address they give."""
    clerk = _holder(request, VERIFY)
    form = LookupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["login"]
        found = owner_of(address)
        if found is not None and found.pk != clerk.pk:
            # Knowing that an address has an account is a look already, whether the page is opened or not.
            note_read(reader=clerk, person=found, purpose=VERIFYING, at=request.at)
            ticket = signing.dumps([clerk.pk, str(found.number)], salt=__name__)
            return redirect(f"{reverse('desk-person', args=[found.number])}?ticket={ticket}")
        form.add_error("login", _("Nobody here has confirmed this address. Ask the person to sign in once."))
    return render(request, "consult/record/people.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def person(request: HttpRequest, number: Any) -> HttpResponse:
    """What the site knows of somebody whose residence is to be verified; looking is an entry."""
    clerk = _holder(request, VERIFY)
    ticket = str(request.GET.get("ticket", ""))
    try:
        who = signing.loads(ticket, salt=__name__, max_age=SHOWN_TO)
    except signing.BadSignature:
        raise Http404 from None
    if who != [clerk.pk, str(number)]:
        raise Http404
    found = get_object_or_404(Person.objects.select_related("residence"), number=number, is_active=True)
    note_read(reader=clerk, person=found, purpose=VERIFYING, at=request.at)
    form = VerifyForm(request.POST or None, clerk=clerk, person=found, at=request.at)
    if request.method == "POST" and form.is_valid():
        verify_resident(
            person=found, place=form.cleaned_data["place"], method=form.cleaned_data["method"], actor=clerk,
            at=request.at,
        )  # fmt: skip
        messages.success(request, _("Verified. The person sees who did it, and when."))
        return redirect("desk-people")
    context = {"person": found, "form": form, "ticket": ticket}
    return render(request, "consult/record/person.html", context, status=422 if form.errors else 200)


def _holder(request: HttpRequest, action: str) -> Person:
    """Return the colleague when they hold the power anywhere; otherwise refuse with the reason."""
    assert isinstance(request.user, Person)  # the desk let nobody else in
    if not mandates.mandates_of(request.user, action, at=request.at):
        raise Refused(NO_MANDATE)
    return request.user


def _note_reading_of(request: HttpRequest, reader: Person, pk: int) -> None:
    person = Person.objects.filter(pk=pk).first()
    if person is not None:
        note_read(reader=reader, person=person, purpose=AUDIT, at=request.at)


def _subject_of(found: Entry) -> Person | None:
    if found.subject_type != content.person_type() or not found.subject_id:
        return None
    return Person.objects.filter(pk=found.subject_id).first()


def _with(asked: Any, **values: str) -> str:
    copy = asked.copy()
    for name, value in values.items():
        copy[name] = value
    return str(copy.urlencode())
