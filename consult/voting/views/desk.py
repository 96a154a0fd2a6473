"""The desk of whoever runs polls: draft, announce, draw the roll, open.  Nobody closes early; the clock counts."""

from typing import Any

from django.contrib import messages
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
from consult.voting import domain
from consult.voting.actions import MANAGE, VIEW
from consult.voting.desk_forms import PollForm, WithdrawForm, values_of
from consult.voting.models import Poll
from consult.voting.presets import PRESETS
from consult.voting.states import State
from consult.voting.views.reading import around, row
from orgs.bodies.models import Organisation

FIELD_OF = {
    "poll-address-taken": "slug", "too-few-choices": "choices", "choice-keys-twice": "choices",
    "bad-counting-rules": "method", "poll-in-the-past": "closes_at", "poll-too-short": "closes_at",
}  # fmt: skip
STEPS = {"announce": domain.announce, "draw": domain.draw_roll, "open": domain.open_poll}


@require_safe
@office_page
def desk_polls(request: HttpRequest) -> HttpResponse:
    """The polls a person may run."""
    mine = visible(request.user, MANAGE, Poll.objects.for_pages(), at=request.at).order_by("-opens_at", "-pk")[:100]
    return render(request, "consult/voting/desk/list.html", {"rows": [row(poll, request) for poll in mine]})


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_poll_new(request: HttpRequest) -> HttpResponse:
    """Draft a poll."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_poll_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a draft."""
    poll = _find(request, slug)
    may_change = poll.state == State.DRAFT and not poll.is_meeting
    return _edit(request, poll) if may_change else redirect("desk-poll", slug)


@require_safe
@office_page
def desk_poll(request: HttpRequest, slug: str) -> HttpResponse:
    """One poll: what will be frozen, and the next step; a meeting has a page of its own."""
    poll = _find(request, slug)
    return redirect("desk-meeting", slug) if poll.is_meeting else _show(request, poll)


@require_POST
@office_page
def desk_poll_step(request: HttpRequest, slug: str) -> HttpResponse:
    """Announce, draw the roll, open, or withdraw."""
    poll = _find(request, slug)
    step = request.POST.get("step", "")
    form = WithdrawForm(request.POST) if step == "withdraw" else None
    if form is not None and not form.is_valid():
        return _show(request, poll, form=form, status=422)
    try:
        if form is not None:
            domain.withdraw(poll=poll, actor=_person(request), note=form.cleaned_data["note"], at=request.at)
        elif step in STEPS:
            STEPS[step](poll=poll, actor=_person(request), at=request.at)
    except Refused as refusal:
        return _show(request, _find(request, slug), refusal=refusal, status=409 if refusal.conflict else 422)
    messages.success(request, _("Done."))
    return redirect("desk-poll", slug)


def _edit(request: HttpRequest, poll: Poll | None) -> HttpResponse:
    person = _person(request)
    bodies = visible(person, MANAGE, Organisation.objects.select_related("place"), at=request.at)
    if not bodies.exists():
        raise Refused(MANDATE_ENDED if mandates_of(person, MANAGE, at=request.at) else NO_MANDATE)
    if request.method != "POST":
        initial = values_of(poll) if poll else {"may_replace": True, "random_order": True, "level": 1}
        return _form_page(request, PollForm(initial=initial, bodies=bodies), poll)
    form = PollForm(request.POST, bodies=bodies)
    if not form.is_valid():
        return _form_page(request, form, poll, status=422)
    values: dict[str, Any] = {"actor": person, "at": request.at, "choices": form.plans(), **form.fields_of_model()}
    try:
        if poll is None:
            poll = domain.draft_poll(**values)
        else:
            domain.change_poll(poll=poll, **values)
    except (Refused, Unfit) as refusal:
        form.add_error(FIELD_OF.get(refusal.reason.code), str(refusal))
        return _form_page(request, form, poll, status=422)
    messages.success(request, _("Draft kept. Read once more what will be frozen, then announce it."))
    return redirect("desk-poll", form.cleaned_data["slug"])


def _form_page(request: HttpRequest, form: PollForm, poll: Poll | None, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "poll": poll, "presets": list(PRESETS.values())}
    return render(request, "consult/voting/desk/form.html", context, status=status)


def _show(
    request: HttpRequest, poll: Poll, *, refusal: Any = None, form: Any = None, status: int = 200
) -> HttpResponse:
    step = {State.DRAFT: "announce", State.ANNOUNCED: "open" if poll.roll_size else "draw"}.get(State(poll.state), "")
    context = around(request, poll) | {
        "choices": list(poll.choices.all()), "next": step, "refusal": refusal, "form": form or WithdrawForm(),
        "may_withdraw": poll.state in {State.ANNOUNCED, State.OPEN, State.CLOSED}, "is_draft": poll.state == State.DRAFT,
    }  # fmt: skip
    return render(request, "consult/voting/desk/poll.html", context, status=status)


def _find(request: HttpRequest, slug: str) -> Poll:
    """Return a poll this person runs; a colleague who may only read it is told so, to others there is none."""
    found = get_object_or_404(visible(request.user, VIEW, Poll.objects.for_pages(), at=request.at), slug=slug)
    require(request.user, MANAGE, found, at=request.at)
    return found


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # office_page let only people through
    return request.user
