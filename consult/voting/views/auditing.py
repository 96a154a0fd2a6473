"""The auditor's desk: the evidence of a poll to read, a recount to press, and an opinion to sign.

Nothing on these pages leads from a voter to a ballot.
"""

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.decorators import office_page
from civic.access.mandates import entrusted_to
from civic.access.questions import MANDATE_ENDED, NO_MANDATE
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import auditing, counting, queries
from consult.voting.actions import CERTIFY
from consult.voting.audit_forms import OpinionForm, SampleForm
from consult.voting.hashing import NOTHING_BEFORE, canonical_json, sha256
from consult.voting.models import BulletinEntry, Poll
from consult.voting.presentation import DIFFERS, by_place, channels
from consult.voting.rules import NOT_YOUR_OWN
from consult.voting.states import State
from consult.voting.views.reading import around, find, row

PAGE_SIZE = 20
LINKS = 50


@require_safe
@office_page
def desk_audits(request: HttpRequest) -> HttpResponse:
    """The polls a person may audit: those that wait for an opinion first."""
    if not entrusted_to(_person(request), CERTIFY, at=request.at):
        raise Refused(NO_MANDATE)
    mine = queries.auditable(request.user, at=request.at)
    page = Paginator(queries.waiting_first(mine), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "consult/voting/desk/audits.html", {"page": page, "rows": [row(poll, request) for poll in page]}
    )


@never_cache
@require_safe
@office_page
def desk_audit(request: HttpRequest, slug: str) -> HttpResponse:
    """One poll's evidence."""
    return _show(request, _find(request, slug))


@never_cache
@require_POST
@limited("download")
@office_page
def desk_audit_recount(request: HttpRequest, slug: str) -> HttpResponse:
    """Count the box anew and compare it with what was published."""
    poll = _find(request, slug)
    if auditing.takes_long(poll):
        auditing.ask_for_recount(poll=poll, actor=_person(request), at=request.at)
        messages.success(request, _("The box is being counted. It takes a minute or two; this page then shows what came of it."))  # fmt: skip
        return redirect("desk-audit", slug)
    found = auditing.recount(poll=poll, actor=_person(request), at=request.at)
    if found.is_right:
        messages.success(request, _("Recounted: the box gives exactly what was published."))
    else:
        messages.error(request, _("The recount found something wrong: see below."))
    return redirect("desk-audit", slug)


@sensitive_post_parameters()
@never_cache
@require_POST
@limited("lookup")
@office_page
def desk_audit_sample(request: HttpRequest, slug: str) -> HttpResponse:
    """Look up volunteers' receipts; the answer is shown once and not kept."""
    poll = _find(request, slug)
    form = SampleForm(request.POST)
    sampled = None
    if form.is_valid():
        try:
            typed = list(auditing.receipts_in(form.cleaned_data["receipts"]))
            sampled = auditing.sample(poll=poll, actor=_person(request), typed=typed, at=request.at)
        except Unfit as error:
            form.add_error("receipts", str(error))
    if sampled is None:
        return _show(request, poll, sample=form, status=422)
    response = _show(request, poll, sampled=sampled)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_POST
@limited("download")
@office_page
def desk_audit_ballots(request: HttpRequest, slug: str) -> HttpResponse:
    """The auditor's copy of every ballot, for the verifier's ``--sealed``."""
    poll = _find(request, slug)
    data = auditing.sealed_ballots(poll=poll, actor=_person(request), at=request.at)
    response = HttpResponse(data, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{poll.slug}-sealed.json"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_audit_opinion(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign an opinion into the chain: confirmed, or a list of faults."""
    poll = _find(request, slug)
    if request.method != "POST":
        return redirect("desk-audit", slug)
    form = OpinionForm(request.POST)
    if not form.is_valid():
        return _show(request, poll, opinion=form, status=422)
    values = form.cleaned_data
    try:
        counting.certify(poll=poll, actor=_person(request), note=values["note"], faults=values["faults"], at=request.at)
    except Refused as refusal:
        if refusal.reason.code == NOT_YOUR_OWN.code:
            raise
        form.add_error(None, str(refusal))
        return _show(request, poll, opinion=form, status=409 if refusal.conflict else 422)
    messages.success(request, _("Signed. Your opinion stands under the result."))
    return redirect("desk-audit", slug)


def _show(
    request: HttpRequest, poll: Poll, *, sample: Any = None, opinion: Any = None, sampled: Any = None, status: int = 200
) -> HttpResponse:
    entries = queries.entries(poll)
    contents = {entry.kind: entry.content for entry in entries}
    marks = contents.get(BulletinEntry.Kind.ROLL_COUNT)
    opened = contents.get(BulletinEntry.Kind.OPENED)
    page = Paginator(entries, LINKS).get_page(request.GET.get("page"))
    shown = list(page)
    before = entries[page.start_index() - 2].hash if page.start_index() > 1 else NOTHING_BEFORE
    places = [code for part in poll.roll_by_place for code in part["places"]]
    acts = queries.acts_of_auditors(poll)
    last = next((act for act in acts if "differs" in act.facts), None)
    own = queries.ran_it(_person(request), poll, at=request.at)
    context = around(request, poll) | {
        "rules": json.dumps(poll.rules, ensure_ascii=False, indent=1, sort_keys=True) if poll.rules else "",
        "rules_fit": opened is not None
        and sha256(canonical_json(poll.rules)) == poll.rules_hash == opened["rules_hash"],
        "opened": opened,
        "marks": marks,
        "closed": contents.get(BulletinEntry.Kind.CLOSED),
        "added": sum(entry.content["added"] for entry in entries if entry.kind == BulletinEntry.Kind.ADDED_TO_ROLL),
        "by_place": by_place(marks["by_place"] if marks else [], poll.roll_by_place, queries.place_names(places)),
        "batches": sum(1 for entry in entries if entry.kind == BulletinEntry.Kind.BATCH),
        "page": page,
        "links": auditing.links(shown, before),
        "acts": [
            {"told": act.sentence(actor=act.actor.public_name if act.actor else "", subject=str(poll)), "at": act.at}
            for act in acts
        ],
        "under_way": auditing.under_way(acts, at=request.at),
        "groups": channels((contents.get(BulletinEntry.Kind.CLOSED) or {}).get("groups", {})),
        "last": last,
        "differs": [DIFFERS.get(name, name) for name in last.facts["differs"]] if last else [],
        "sample": sample or SampleForm(),
        "sampled": sampled,
        "opinion": opinion or OpinionForm(),
        "why_not": NOT_YOUR_OWN if own else None,
        "why_no_recount": NOT_YOUR_OWN
        if own
        else auditing.UNDER_WAY
        if auditing.under_way(acts, at=request.at)
        else None,
        "is_counted": poll.result is not None,
        "is_certified": poll.state == State.CERTIFIED,
        "objections": queries.objections_waiting(poll),
    }
    return render(request, "consult/voting/desk/audit.html", context, status=status)


def _find(request: HttpRequest, slug: str) -> Poll:
    """Return a poll this person may audit; who reads it but may not is told so."""
    poll = find(request, slug)
    if not queries.audits(request.user, poll, at=request.at):
        held = entrusted_to(_person(request), CERTIFY, at=request.at)
        raise Refused(MANDATE_ENDED if held else NO_MANDATE)
    return poll


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # office_page let only people through
    return request.user
