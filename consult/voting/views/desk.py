"""The desk of whoever runs polls: draft, read through, announce.  The clock opens, closes and counts."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.decorators import office_page
from civic.access.mandates import mandates_of
from civic.access.questions import MANDATE_ENDED, NO_MANDATE, require, visible
from civic.core.http import HttpRequest
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from civic.ui.forms import faults
from consult.consultations.models import Consultation
from consult.voting import domain, opening, pictures, queries
from consult.voting.actions import MANAGE, VIEW
from consult.voting.desk_choices import MORE, Rows, rows_of, rows_sent
from consult.voting.desk_forms import PollForm, WithdrawForm, first_values, values_of
from consult.voting.models import Poll
from consult.voting.presets import PRESETS, Preset
from consult.voting.states import State
from consult.voting.views import meeting
from consult.voting.views.reading import around, row
from consult.voting.wording import rules_of
from orgs.bodies.models import Organisation

FIELD_OF = {
    "poll-address-taken": "slug", "bad-counting-rules": "method", "poll-in-the-past": "closes_at",
    "poll-too-short": "closes_at", "closes-before-opening": "closes_at", "paper-before-closing": "paper_until",
    "level-reserved": "secrecy", "call-a-meeting": "secrecy", "bad-roll-rule": "roll_kind",
    "site-knows-no-age": "age", "bad-age": "age",
}  # fmt: skip
STEPS = {"draw": domain.draw_roll, "open": domain.open_poll}


@require_safe
@office_page
def desk_polls(request: HttpRequest) -> HttpResponse:
    """The polls a person may run."""
    mine = visible(request.user, MANAGE, Poll.objects.for_pages(), at=request.at).select_related("beginning")
    rows = [row(poll, request) for poll in mine.order_by("-opens_at", "-pk")[:100]]
    return render(request, "consult/voting/desk/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_poll_new(request: HttpRequest) -> HttpResponse:
    """Draft a poll: first the kind of decision, then the rest."""
    bodies = _bodies(request)
    sent = request.POST if request.method == "POST" else request.GET
    preset = PRESETS.get(sent.get("preset", ""))
    if preset is None and request.method == "POST":
        preset = next(iter(PRESETS.values()))  # the form complains, and keeps what was typed
    if preset is None:
        return render(request, "consult/voting/desk/presets.html", {"presets": list(PRESETS.values())})
    return _edit(request, None, preset, bodies)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_poll_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a draft."""
    poll = find(request, slug)
    if poll.state != State.DRAFT or poll.is_meeting:
        return redirect("desk-poll", slug)
    return _edit(request, poll, PRESETS[poll.preset], _bodies(request))


@require_safe
@office_page
def desk_poll(request: HttpRequest, slug: str) -> HttpResponse:
    """One poll: every rule in words, and the next step; a meeting has a page of its own."""
    poll = find(request, slug)
    return redirect("desk-meeting", slug) if poll.is_meeting else show(request, poll)


@require_POST
@office_page
def desk_poll_step(request: HttpRequest, slug: str) -> HttpResponse:
    """Announce, throw a draft away, withdraw; or draw the roll and open ahead of the clock."""
    poll = find(request, slug)
    step = request.POST.get("step", "")
    given: dict[str, Any] = {"poll": poll, "actor": person_of(request), "at": request.at}
    form = WithdrawForm(request.POST) if step == "withdraw" else None
    if form is not None and not form.is_valid():
        return show(request, poll, form=form, status=422)
    try:
        if form is not None:
            domain.withdraw(**given, note=form.cleaned_data["note"])
        elif step == "drop":
            domain.drop(**given, seen=request.POST.get("seen"))
            messages.success(request, _("The draft is thrown away."))
            return redirect("desk-polls")
        elif step == "announce":
            domain.announce(**given, seen=request.POST.get("seen"))
        elif step in STEPS:
            STEPS[step](**given)
    except (Refused, Unfit) as refusal:
        conflict = isinstance(refusal, Refused) and refusal.conflict
        return show(request, find(request, slug), refusal=refusal, status=409 if conflict else 422)
    done = {
        "announce": _("Announced. Everybody can read it now; the clock does the rest."),
        "withdraw": _("Withdrawn."),
    }
    messages.success(request, done.get(step) or _("Done."))
    return redirect("desk-poll", slug)


def show(request: HttpRequest, poll: Poll, *, refusal: Any = None, form: Any = None, status: int = 200) -> HttpResponse:
    """Render the page of one poll at the desk; of a meeting, its own."""
    if poll.is_meeting:
        return meeting.show(request, poll, refusal=refusal, withdrawal=form, status=status)
    choices = list(poll.choices.all())
    shown = pictures.of(choices)
    is_draft = poll.state == State.DRAFT
    places = [code for part in poll.roll_by_place for code in part["places"]]
    context = around(request, poll) | {
        "choices": [(choice, shown.get(choice.key)) for choice in choices], "rules": rules_of(poll, choices, at=request.at), "refusal": refusal,
        "form": form or WithdrawForm(), "is_draft": is_draft,
        "is_list": poll.roll_rule.get("kind") == "list",
        "is_announced": poll.state == State.ANNOUNCED,
        "may_add": poll.state == State.OPEN and request.at < poll.closes_at,
        "may_withdraw": poll.state in {State.ANNOUNCED, State.OPEN, State.CLOSED},
        "why_not": domain.why_not_ready(poll, at=request.at) if is_draft else None,
        "seen": domain.fingerprint(poll) if is_draft else "",
        "fault": opening.fault_of(poll), "prepared_from": poll.opens_at - opening.LEAD,
        "roll_parts": queries.roll_parts(poll.roll_by_place, queries.place_names(places)),
    }  # fmt: skip
    return render(request, "consult/voting/desk/poll.html", context, status=status)


def find(request: HttpRequest, slug: str) -> Poll:
    """Return a poll this person runs; a colleague who may only read it is told so, to others there is none."""
    found = get_object_or_404(visible(request.user, VIEW, Poll.objects.for_pages(), at=request.at), slug=slug)
    require(request.user, MANAGE, found, at=request.at)
    return found


def person_of(request: HttpRequest) -> Person:
    """Return the colleague at the desk."""
    assert isinstance(request.user, Person)  # office_page let only people through
    return request.user


def _bodies(request: HttpRequest) -> "QuerySet[Organisation]":
    person = person_of(request)
    bodies = visible(person, MANAGE, Organisation.objects.select_related("place"), at=request.at)
    if not bodies.exists():
        raise Refused(MANDATE_ENDED if mandates_of(person, MANAGE, at=request.at) else NO_MANDATE)
    return bodies


def _edit(
    request: HttpRequest, poll: Poll | None, preset: Preset, bodies: "QuerySet[Organisation]"
) -> HttpResponse:  # fmt: skip
    given: dict[str, Any] = {
        "preset": preset, "bodies": bodies, "draft": poll,
        "consultations": Consultation.objects.filter(sponsor__in=bodies.values("pk")).order_by("-pk"),
    }  # fmt: skip
    if request.method != "POST":
        first = first_values(preset, at=request.at, bodies=list(bodies[:1]))
        initial = values_of(poll) | {"seen": domain.fingerprint(poll)} if poll else first
        plain = [] if poll is None or poll.method == "yes-no" else list(poll.choices.all())
        return _form_page(request, PollForm(initial=initial, **given), rows_of(plain))
    form = PollForm(request.POST, **given)
    if "more" in request.POST:
        rows = rows_sent(request.POST, more=True)
        form.quiet()
        rows.quiet()
        return _form_page(request, form, rows, begins=len(rows.forms) - MORE)
    rows = rows_sent(request.POST)
    fit = [form.is_valid(), rows.is_valid()]
    if all(fit):
        form.check_rows(rows)
    if not form.is_valid() or not rows.is_valid() or any(row.errors for row in rows.forms):
        return _form_page(request, form, rows, status=422)
    choices = form.plans(rows)
    values: dict[str, Any] = {
        "actor": person_of(request), "at": request.at, "choices": choices, **form.fields_of_model(choices, at=request.at),
    }  # fmt: skip
    try:
        if poll is None:
            poll = domain.draft_poll(**values)
        else:
            domain.change_poll(poll=poll, seen=form.cleaned_data["seen"] or None, **values)
    except (Refused, Unfit) as refusal:
        form.add_error(FIELD_OF.get(refusal.reason.code), str(refusal))
        conflict = isinstance(refusal, Refused) and refusal.conflict
        return _form_page(request, form, rows, status=409 if conflict else 422)
    messages.success(request, _("Draft kept. Read once more what will be frozen, then announce it."))
    return redirect("desk-poll", values["slug"])


def _form_page(
    request: HttpRequest, form: PollForm, rows: Rows, *, begins: int | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form, "rows": rows, "draft": form.draft, "preset": form.kind, "parts": form.parts(),
        "begins": begins,
        "faults": faults(form) + [fault for row in rows.forms for fault in faults(row)],
    }  # fmt: skip
    return render(request, "consult/voting/desk/form.html", context, status=status)
