"""Meetings: the notice everybody reads, the clerk's one page, the witnesses' confirmation, the minutes."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.decorators import office_page
from civic.access.mandates import mandates_of
from civic.access.questions import MANDATE_ENDED, NO_MANDATE, may, require, visible
from civic.audit.reads import note_read
from civic.core import pages
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.pages import shared
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import meetings, queries
from consult.voting.actions import MANAGE, VIEW, WITNESS, WITNESS_ASKED
from consult.voting.desk_forms import WithdrawForm
from consult.voting.meeting_forms import CallForm, MinutesForm, values_of
from consult.voting.meeting_shown import decided
from consult.voting.models import BulletinEntry, Meeting, Poll, Secrecy
from consult.voting.presentation import SECRECY, opinions
from consult.voting.presets import MEETINGS
from consult.voting.rules import may_be_objected_to
from consult.voting.states import State
from consult.voting.views.reading import around, find
from orgs.bodies.models import Organisation

FIELD_OF = {
    "poll-address-taken": "slug", "too-few-choices": "choices", "not-by-hands": "method", "advisory-unfit": "advisory",
    "witnesses-alike": "second_witness", "more-than-entitled": "present", "more-households": "households_present",
    "more-households-than-people": "households_present",
    NO_MANDATE.code: "place", MANDATE_ENDED.code: "place",
}  # fmt: skip


def _call(request: HttpRequest, poll: Poll) -> None:
    meetings.call(poll=poll, actor=_person(request), at=request.at, seen=request.POST.get("seen"))


def _drop(request: HttpRequest, poll: Poll) -> None:
    meetings.drop(poll=poll, actor=_person(request), at=request.at, seen=request.POST.get("seen"))


def _publish(request: HttpRequest, poll: Poll) -> None:
    meetings.publish(poll=poll, actor=_person(request), at=request.at)


STEPS = {"call": _call, "drop": _drop, "publish": _publish}


def notice(request: HttpRequest, poll: Poll, *, refusal: Any = None, status: int = 200) -> HttpResponse:
    """The page of a poll that a meeting decides: where and when to come, and no ballot anywhere."""
    meeting = _meeting(poll)
    context = around(request, poll) | {
        "meeting": meeting, "choices": list(poll.choices.all()), "refusal": refusal,
        "secrecy": SECRECY[Secrecy(poll.secrecy)], "is_witness": bool(may(request.user, WITNESS, poll, at=request.at)),
        "is_over": request.at >= poll.closes_at,
    }  # fmt: skip
    return render(request, "consult/voting/meeting.html", context, status=status)


@shared()
@require_safe
def poll_minutes(request: HttpRequest, slug: str) -> HttpResponse:
    """The signed minutes: what was decided, by how many of how many, and what follows; to be printed and hung up."""
    poll = find(request, slug)
    if not poll.is_meeting:
        raise Http404
    context = around(request, poll)
    if poll.result is None:
        return render(request, "consult/voting/not_yet.html", context, status=404)
    meeting = _meeting(poll)
    entries = queries.entries(poll)
    may_object = may_be_objected_to(poll, request.at)
    if may_object.until is not None:
        pages.until(may_object.until)
    context |= {
        "meeting": meeting, "said": poll.result["meeting"], "minutes": decided(poll.result, list(poll.choices.all())),
        "entry": next(entry for entry in entries if entry.kind == BulletinEntry.Kind.RESULT),
        "public_key": entries[0].content["public_key"], "opinions": opinions(entries, queries.signers(poll)),
        "objections": list(queries.objections(poll)), "may_object": may_object,
        "photo": meeting.photo.get_rendition(meetings.PICTURE) if meeting.photo else None,
        "address": request.build_absolute_uri(poll.get_absolute_url()),
    }  # fmt: skip
    return render(request, "consult/voting/minutes.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def poll_witness(request: HttpRequest, slug: str) -> HttpResponse:
    """What the clerk wrote, for the two who were named to stand for it."""
    poll = find(request, slug)
    if not poll.is_meeting:
        raise Http404
    if not isinstance(request.user, Person):
        return redirect_to_login(request.path)
    meeting = _meeting(poll)
    allowed = may(request.user, WITNESS, poll, at=request.at)
    if not allowed:
        if poll.result is not None:
            return redirect("poll-minutes", slug)
        require(request.user, WITNESS, poll, at=request.at)
    refusal, status = None, 200
    if request.method == "POST":
        typed = request.POST.get("version", "")
        version = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else -1
        try:
            meetings.confirm(poll=poll, witness=request.user, version=version, at=request.at)
        except Refused as error:
            refusal, status, meeting = error, 409, _meeting(poll)
        else:
            messages.success(request, _("Confirmed. Thank you for standing for what you saw."))
            return redirect("poll-witness", slug)
    mine = next((at for person, at in meeting.witnesses() if person.pk == request.user.pk), None)
    context = around(request, poll) | {
        "meeting": meeting, "refusal": refusal, "confirmed_at": mine, "minutes": _preview(poll, meeting),
        "photo": meeting.photo.get_rendition(meetings.PICTURE) if meeting.photo else None,
    }  # fmt: skip
    return render(request, "consult/voting/witness.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_meeting_new(request: HttpRequest) -> HttpResponse:
    """Call a meeting: the whole notice on one page."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_meeting_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a notice that is not out yet."""
    poll = _find(request, slug)
    return _edit(request, poll) if poll.state == State.DRAFT else redirect("desk-meeting", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("lookup")
@office_page
def desk_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """The clerk's page of one meeting: send the notice, write down what came of it, publish."""
    poll = _find(request, slug)
    if request.method != "POST":
        return show(request, poll)
    meeting = _meeting(poll)
    form = _minutes_form(poll, meeting, request.POST, request.FILES)
    is_fit = form.is_valid()
    for each in form.looked_up:
        # Knowing that an address has an account is a look already, whether they are named or not.
        note_read(reader=_person(request), person=each, purpose=WITNESS_ASKED, subject=poll, at=request.at)
    if not is_fit:
        return _show(request, poll, meeting, form, status=422)
    try:
        meetings.write_down(
            poll=poll, actor=_person(request), minutes=form.minutes(), version=form.cleaned_data["version"],
            at=request.at,
        )  # fmt: skip
    except (Refused, Unfit) as refusal:
        form.add_error(FIELD_OF.get(refusal.reason.code), str(refusal))
        conflict = isinstance(refusal, Refused) and refusal.conflict
        return _show(request, poll, _meeting(poll), form, status=409 if conflict else 422)
    messages.success(request, _("Written down. Both witnesses are asked to confirm it."))
    return redirect("desk-meeting", slug)


@require_POST
@office_page
def desk_meeting_step(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the notice, throw its draft away, or publish the confirmed minutes."""
    poll = _find(request, slug)
    asked = request.POST.get("step", "")
    step = STEPS.get(asked)
    if step is not None:
        try:
            step(request, poll)
        except Refused as refusal:
            return show(request, _find(request, slug), refusal=refusal, status=409 if refusal.conflict else 422)
        if asked == "drop":
            messages.success(request, _("The draft is thrown away."))
            return redirect("desk-polls")
        messages.success(request, _("Done."))
    return redirect("desk-meeting", slug)


def show(
    request: HttpRequest, poll: Poll, *, refusal: Any = None, withdrawal: Any = None, status: int = 200
) -> HttpResponse:
    """Render the clerk's page of one meeting."""
    meeting = _meeting(poll)
    form = _minutes_form(poll, meeting)
    return _show(request, poll, meeting, form, refusal=refusal, withdrawal=withdrawal, status=status)


def _edit(request: HttpRequest, poll: Poll | None) -> HttpResponse:
    person = _person(request)
    bodies = visible(person, MANAGE, Organisation.objects.select_related("place"), at=request.at)
    if not bodies.exists():
        raise Refused(MANDATE_ENDED if mandates_of(person, MANAGE, at=request.at) else NO_MANDATE)
    if request.method != "POST":
        first = bodies.first()
        initial = values_of(poll, _meeting(poll)) if poll else {"place": first.place_id if first else None}
        return _form_page(request, CallForm(initial=initial, bodies=bodies), poll)
    form = CallForm(request.POST, bodies=bodies)
    if not form.is_valid():
        return _form_page(request, form, poll, status=422)
    values: dict[str, Any] = {
        "actor": person, "at": request.at, "choices": form.plans(), "called": form.called(), **form.fields_of_model(),
    }  # fmt: skip
    try:
        if poll is None:
            poll = meetings.draft(**values)
        else:
            meetings.change(poll=poll, seen=form.cleaned_data["seen"] or None, **values)
    except (Refused, Unfit) as refusal:
        form.add_error(FIELD_OF.get(refusal.reason.code), str(refusal))
        conflict = isinstance(refusal, Refused) and refusal.conflict
        return _form_page(request, form, poll, status=409 if conflict else 422)
    messages.success(request, _("Draft kept. Read once more what the notice will say, then send it out."))
    return redirect("desk-meeting", values["slug"])


def _form_page(request: HttpRequest, form: CallForm, poll: Poll | None, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "poll": poll, "presets": list(MEETINGS.values())}
    return render(request, "consult/voting/desk/meeting_form.html", context, status=status)


def _minutes_form(poll: Poll, meeting: Meeting, *data: Any) -> MinutesForm:
    return MinutesForm(*data, poll=poll, meeting=meeting, choices=list(poll.choices.all()))


def _show(
    request: HttpRequest, poll: Poll, meeting: Meeting, form: MinutesForm, *, refusal: Any = None,
    withdrawal: Any = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    is_open = poll.state == State.OPEN
    context = around(request, poll) | {
        "meeting": meeting, "form": form, "refusal": refusal, "choices": list(poll.choices.all()),
        "is_draft": poll.state == State.DRAFT, "seen": meetings.fingerprint(poll) if poll.state == State.DRAFT else "", "is_open": is_open, "may_write": is_open and request.at >= poll.opens_at,
        "minutes": _preview(poll, meeting), "withdrawal": withdrawal or WithdrawForm(auto_id="withdraw_%s"),
        "why_not_yet": None if meeting.is_confirmed else meetings.WITNESSES_MISSING,
    }  # fmt: skip
    return render(request, "consult/voting/desk/meeting.html", context, status=status)


def _preview(poll: Poll, meeting: Meeting) -> Any:
    """Return what the minutes would say now; None before anything is written."""
    if not meeting.is_written or not poll.rules:
        return None
    return decided(meetings.result_of(poll, meeting), list(poll.choices.all()))


def _meeting(poll: Poll) -> Meeting:
    known = Meeting.objects.select_related("poll", "advisory", "photo", "first_witness", "second_witness", "recorder")
    return get_object_or_404(known, poll=poll)


def _find(request: HttpRequest, slug: str) -> Poll:
    readable = visible(request.user, VIEW, Poll.objects.for_pages(), at=request.at)
    found = get_object_or_404(readable, slug=slug, meeting__isnull=False)
    require(request.user, MANAGE, found, at=request.at)
    return found


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # office_page let only people through
    return request.user
