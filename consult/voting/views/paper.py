"""The desk of paper ballots: print a pack, hand slips out, key what came back, settle what differs, report."""

import csv
import json
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.decorators import office_page
from civic.access.questions import may, require, visible
from civic.core import tables
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import Reason, Refused, Unfit
from civic.people.models import Person
from consult.voting import paper, paper_report, queries
from consult.voting.actions import CERTIFY, KEY, MANAGE
from consult.voting.forms import BLANK
from consult.voting.models import Choice, PaperPack, PaperSlip, Poll, RollEntry
from consult.voting.paper_forms import INVALID, CodeForm, KeyingForm, PackForm, VoterForm
from consult.voting.paper_words import how_to_fill_in
from consult.voting.states import State
from consult.voting.views.reading import around, find, row

SHOWN_TO = 900  # seconds a person who was looked up may be marked
KEEP = "keep"


@require_safe
@office_page
def desk_paper(request: HttpRequest) -> HttpResponse:
    """The polls whose paper ballots a person may hand out and key now."""
    polls = Poll.objects.by_ballots().for_pages().by_ballots().filter(state=State.OPEN)
    mine = visible(request.user, KEY, polls, at=request.at) | visible(request.user, MANAGE, polls, at=request.at)
    rows = [row(poll, request) for poll in mine.distinct().order_by("closes_at", "pk")[:100]]
    return render(request, "consult/voting/paper/list.html", {"rows": rows})


@require_safe
@office_page
def desk_poll_paper(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the paper ballots of one poll are, and what can be done."""
    return _overview(request, _keyed(request, slug))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_poll_paper_pack(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a pack and show it, this once."""
    poll = _managed(request, slug)
    if request.method != "POST":
        return redirect("desk-poll-paper", slug)
    choices = list(poll.choices.all())
    form = PackForm(request.POST, choices=len(choices))
    if not form.is_valid():
        return _overview(request, poll, form=form, status=422)
    try:
        made = paper.make_pack(
            poll=poll, actor=_person(request), slips=form.cleaned_data["slips"],
            submission=form.cleaned_data["submission"], at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        return _overview(request, poll, refusal=refusal.reason, status=409 if refusal.conflict else 422)
    blank = KeyingForm(rules=poll.counting_rules, choices=choices)
    slips = [
        {"slip": slip, "scale": blank.scale, "choices": _printed(queries.paper_of_slip(poll, choices, slip.number))}
        for slip in made.slips
    ]
    per_sheet = form.cleaned_data["per_sheet"]
    context = around(request, poll) | {
        "pack": made.pack, "kind": blank.kind, "instructions": how_to_fill_in(blank), "budget": blank.rules.budget,
        "sheets": [slips[start : start + per_sheet] for start in range(0, len(slips), per_sheet)],
        "per_sheet": per_sheet,
    }  # fmt: skip
    return render(request, "consult/voting/paper/pack.html", context)


@require_POST
@office_page
def desk_poll_paper_cancel(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Cancel a pack that was lost, spoilt or never printed."""
    poll = _managed(request, slug)
    pack = get_object_or_404(PaperPack, poll=poll, number=min(number, 32767))
    try:
        paper.cancel_pack(pack=pack, actor=_person(request), at=request.at)
    except Refused as refusal:
        return _overview(request, poll, refusal=refusal.reason, status=409 if refusal.conflict else 422)
    messages.success(request, _("Cancelled. No slip of this pack can be keyed any more: destroy what is left of it."))
    return redirect("desk-poll-paper", slug)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited(lambda request: "hand-out" if "who" in request.POST else "keying")
@office_page
def desk_poll_hand_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Find who stands at the counter, mark the roll, hand over a slip; which one, nobody asks."""
    poll = _keyed(request, slug)
    clerk = _person(request)
    if "ticket" in request.POST:
        return _mark(request, poll, clerk)
    form = VoterForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _hand_out_page(request, poll, form, status=422 if form.errors else 200)
    found = paper.find_voter(poll=poll, actor=clerk, who=form.cleaned_data["who"], at=request.at)
    reason: Any = _("Nobody here has this address or number. Compare it letter by letter.")
    if found is not None:
        reason = paper.why_not(poll, found)
        if reason is None:
            return _confirm_page(request, poll, clerk, found)
    form.add_error("who", str(reason))
    return _hand_out_page(request, poll, form, status=422)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("keying")
@office_page
def desk_poll_key(request: HttpRequest, slug: str) -> HttpResponse:
    """Type the code of a slip, then what it says: once by each of two people, neither sees what the other typed."""
    poll = _keyed(request, slug)
    clerk = _person(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _code_page(request, poll, form, status=422 if form.errors else 200)
    code = form.cleaned_data["code"]
    if not request.POST.keys() & {KEEP, BLANK, INVALID}:
        try:
            slip = paper.slip_of(poll=poll, actor=clerk, code=code, at=request.at)
        except (Refused, Unfit) as refusal:
            form.add_error("code", str(refusal))
            return _code_page(request, poll, form, status=422)
        return _keying_page(request, poll, code, _keying_form(poll, None, slip.number))
    keying = _keying_form(poll, request.POST, paper.number_of(poll, code))
    if not keying.is_valid():
        return _keying_page(request, poll, code, keying, status=422)
    try:
        reading = paper.key(poll=poll, actor=clerk, code=code, content=keying.keyed, at=request.at)
    except (Refused, Unfit) as refusal:
        return _keying_page(request, poll, code, keying, refusal=refusal.reason, status=409)
    said = {
        paper.Reading.FIRST: _("Kept. Somebody else keys this slip a second time."),
        paper.Reading.AGREED: _("Kept. Both keyings agree: the slip is done."),
        paper.Reading.DIFFERS: _("Kept. The two keyings differ: lay the slip aside for a third person."),
    }
    messages.success(request, said[reading])
    return redirect("desk-poll-key", slug)


@require_safe
@office_page
def desk_poll_differences(request: HttpRequest, slug: str) -> HttpResponse:
    """The slips that wait for a third person."""
    poll = _keyed(request, slug)
    waiting = [each for each in _differences(poll) if each.settled is None and not each.is_cancelled]
    clerk = _person(request)
    rows = [{"slip": each, "is_mine": clerk in each.by} for each in waiting]
    return render(request, "consult/voting/paper/differences.html", around(request, poll) | {"rows": rows})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("keying")
@office_page
def desk_poll_settle(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A third person, slip in hand, says what it says."""
    poll = _keyed(request, slug)
    clerk, number = _person(request), min(number, 2**31 - 1)
    try:
        slip = paper.to_settle(poll=poll, actor=clerk, number=number, at=request.at)
    except Refused as refusal:
        context = around(request, poll) | {"rows": [], "refusal": refusal.reason}
        return render(request, "consult/voting/paper/differences.html", context, status=409)
    first, second = paper_report.two_readings(slip)
    data = request.POST if request.method == "POST" else None
    reading = {"1": first, "2": second}.get(request.POST.get("reading", ""))
    form = _keying_form(poll, data if reading is None else None, number)
    if data is None or (reading is None and not form.is_valid()):
        return _settle_page(request, poll, slip, form, status=422 if form.errors else 200)
    content = form.keyed if reading is None else (json.loads(reading) if reading else None)
    try:
        paper.settle(poll=poll, actor=clerk, number=number, content=content, at=request.at)
    except (Refused, Unfit) as refusal:
        return _settle_page(request, poll, slip, form, refusal=refusal.reason, status=409)
    messages.success(request, _("Settled. Slip %(number)s is done.") % {"number": number})
    return redirect("desk-poll-differences", slug)


@never_cache
@require_safe
@office_page
def desk_poll_paper_report(request: HttpRequest, slug: str) -> HttpResponse:
    """Every slip two people read differently: what each said and who settled it; never a voter."""
    poll = _reported(request, slug)
    context = around(request, poll) | {
        "numbers": paper_report.numbers(poll), "rows": _differences(poll), "has_ended": request.at >= poll.seals_at,
    }  # fmt: skip
    return render(request, "consult/voting/paper/report.html", context)


@never_cache
@require_safe
@limited("download", methods=("GET",))
@office_page
def desk_poll_paper_report_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as a file for a spreadsheet."""
    poll = _reported(request, slug)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{poll.slug}-paper.csv"'
    out = csv.writer(response)
    out.writerow(["slip", "first_keying", "second_keying", "first_by", "second_by", "settled_as", "settled_by"])
    for each in _differences(poll):
        settled = ("", "") if each.settled_by is None else (each.settled, each.settled_by.public_name)
        cells = (*each.said, *(who.public_name for who in each.by), *settled)
        out.writerow([each.number, *(tables.cell(said or "") for said in cells)])
    return response


def _printed(choices: list[Choice]) -> list[tuple[Choice, str]]:
    return [(choice, "" if choice.cost is None else f"{choice.cost:,}") for choice in choices]


def _with_paper(request: HttpRequest, slug: str) -> Poll:
    """Return the poll; a meeting raises hands and has no paper ballots."""
    poll = find(request, slug)
    if poll.is_meeting:
        raise Http404
    return poll


def _keyed(request: HttpRequest, slug: str) -> Poll:
    poll = _with_paper(request, slug)
    paper.require_keyer(request.user, poll, at=request.at)
    return poll


def _managed(request: HttpRequest, slug: str) -> Poll:
    poll = _with_paper(request, slug)
    require(request.user, MANAGE, poll, at=request.at)
    return poll


def _reported(request: HttpRequest, slug: str) -> Poll:
    poll = _with_paper(request, slug)
    if not may(request.user, CERTIFY, poll, at=request.at):
        paper.require_keyer(request.user, poll, at=request.at)
    return poll


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # office_page let only people through
    return request.user


def _differences(poll: Poll) -> list[paper_report.Difference]:
    return paper_report.differences(poll, list(poll.choices.all()))


def _overview(
    request: HttpRequest, poll: Poll, *, form: PackForm | None = None, refusal: Reason | None = None, status: int = 200
) -> HttpResponse:
    can_print = bool(may(request.user, MANAGE, poll, at=request.at))
    context = around(request, poll) | {
        "numbers": paper_report.numbers(poll),
        "packs": list(poll.packs.select_related("made_by", "cancelled_by")),
        "form": form or PackForm(choices=len(poll.choices.all())),
        "can_print": can_print and poll.state == State.OPEN and request.at < poll.closes_at,
        "can_cancel": can_print and poll.state == State.OPEN,
        "can_key": poll.state == State.OPEN and poll.opens_at <= request.at < poll.seals_at,
        "has_box": poll.state not in {State.DRAFT, State.ANNOUNCED},
        "refusal": refusal,
    }
    return render(request, "consult/voting/paper/overview.html", context, status=status)


def _hand_out_page(
    request: HttpRequest, poll: Poll, form: VoterForm, *, refusal: Any = None, status: int = 200
) -> HttpResponse:
    left = max(paper.printed(poll) - paper.handed_out(poll), 0)
    context = around(request, poll) | {"form": form, "left": left, "refusal": refusal}
    return render(request, "consult/voting/paper/hand_out.html", context, status=status)


def _confirm_page(request: HttpRequest, poll: Poll, clerk: Person, found: Person) -> HttpResponse:
    entry = RollEntry.objects.select_related("place").get(poll=poll, person=found)
    ticket = signing.dumps([clerk.pk, poll.pk, str(found.number)], salt=__name__)
    context = around(request, poll) | {"voter": found, "place": entry.place, "ticket": ticket}
    return render(request, "consult/voting/paper/confirm.html", context)


def _mark(request: HttpRequest, poll: Poll, clerk: Person) -> HttpResponse:
    try:
        who = signing.loads(request.POST["ticket"], salt=__name__, max_age=SHOWN_TO)
    except signing.BadSignature:
        gone = _("This took longer than fifteen minutes: look the person up once more.")
        return _hand_out_page(request, poll, VoterForm(), refusal=gone, status=422)
    if who[:2] != [clerk.pk, poll.pk]:
        raise Http404
    person = get_object_or_404(Person, number=who[2], is_active=True)
    try:
        paper.hand_out(poll=poll, person=person, actor=clerk, at=request.at)
    except Refused as refusal:
        return _hand_out_page(request, poll, VoterForm(), refusal=refusal.reason, status=409)
    messages.success(request, _("Marked. Hand over a slip now, any one, and write its number down nowhere."))
    return redirect("desk-poll-hand-out", poll.slug)


def _keying_form(poll: Poll, data: Any, number: int) -> KeyingForm:
    choices = queries.paper_of_slip(poll, list(poll.choices.all()), number)
    return KeyingForm(data, rules=poll.counting_rules, choices=choices)


def _code_page(request: HttpRequest, poll: Poll, form: CodeForm, *, status: int = 200) -> HttpResponse:
    context = around(request, poll) | {"code_form": form}
    return render(request, "consult/voting/paper/code.html", context, status=status)


def _keying_page(
    request: HttpRequest, poll: Poll, code: str, form: KeyingForm, *, refusal: Any = None, status: int = 200
) -> HttpResponse:
    context = around(request, poll) | {
        "code": code, "form": form, "lines": [(line, None) for line in form.lines()], "refusal": refusal,
        "budget": f"{form.rules.budget:,}" if form.is_budget and form.rules.budget else None,
    }  # fmt: skip
    return render(request, "consult/voting/paper/key.html", context, status=status)


def _settle_page(
    request: HttpRequest, poll: Poll, slip: PaperSlip, form: KeyingForm, *, refusal: Any = None, status: int = 200
) -> HttpResponse:
    choices = list(poll.choices.all())
    readings = enumerate(paper_report.two_readings(slip), start=1)
    context = around(request, poll) | {
        "slip": slip, "form": form, "lines": [(line, None) for line in form.lines()], "refusal": refusal,
        "readings": [(number, paper_report.in_words(said, choices)) for number, said in readings],
        "budget": f"{form.rules.budget:,}" if form.is_budget and form.rules.budget else None,
    }  # fmt: skip
    return render(request, "consult/voting/paper/settle.html", context, status=status)
