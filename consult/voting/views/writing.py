"""A ballot written for somebody at a station: find them, hear that they agree, write what they say, read back, cast.

Nothing is kept between these steps: what the page carries is signed, for this helper, this poll and this voter, and
for minutes.  After the cast the helper is shown the receipt to hand over, and never again what was chosen.
"""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from civic.access.decorators import office_page
from civic.access.questions import visible
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import assisted, casting, pictures, queries, receipts
from consult.voting.actions import WRITE_FOR
from consult.voting.forms import BallotForm
from consult.voting.hashing import sha256
from consult.voting.methods.ballots import canonical
from consult.voting.models import Poll
from consult.voting.paper_forms import VoterForm
from consult.voting.views.reading import around, find, row

LASTS = 1_200  # seconds somebody may sit there before they are looked up anew
FOUND, AGREED = "found", "agreed"


@dataclass(frozen=True)
class Beside:
    """The voter beside the helper, as the signed pages of this sitting tell it."""

    helper: Person
    voter: Person
    is_present: bool
    is_read_back: bool


@require_safe
@office_page
def desk_writing_for(request: HttpRequest) -> HttpResponse:
    """The running polls in which a person may write for others."""
    mine = visible(request.user, WRITE_FOR, Poll.objects.for_pages().running(request.at), at=request.at)
    rows = [row(poll, request) for poll in mine.order_by("closes_at", "pk")[:100]]
    return render(request, "consult/voting/writing/list.html", {"rows": rows})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited(lambda request: "hand-out" if "who" in request.POST else "keying")
@office_page
def desk_poll_write_for(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: PLR0911 - each answer is a page of its own
    """One sitting, from finding the voter to their receipt."""
    poll = find(request, slug)
    helper = request.user
    assert isinstance(helper, Person)  # office_page let only people through
    assisted.require_writer(helper, poll, at=request.at)
    if request.method != "POST":
        return _find_page(request, poll, VoterForm())
    if "ticket" not in request.POST:
        return _find(request, poll, helper)
    stage, voter = _seated(request, poll, helper)
    if voter is None:
        gone = _("This took longer than twenty minutes: look the person up once more. Nothing was cast.")
        return _find_page(request, poll, VoterForm(), refusal=gone, status=422)
    reason = assisted.why_not(poll, helper=helper, voter=voter, at=request.at)
    if reason is not None:
        # Whatever was sent is not shown again: after the cast not even by going back.
        return _receipt_again(request, poll, voter) or _find_page(
            request, poll, VoterForm(), refusal=reason, status=409
        )
    if stage != AGREED:
        return _consent_page(request, poll, helper, voter) if "agree" not in request.POST else _ballot_page(
            request, poll, helper, voter, _paper(poll, voter, None)
        )  # fmt: skip
    form = _paper(poll, voter, request.POST)
    if "change" in request.POST:
        return _ballot_page(request, poll, helper, voter, form)
    if not form.is_valid():
        return _ballot_page(request, poll, helper, voter, form, status=422)
    return (_cast if "cast" in request.POST else _check)(request, poll, helper, voter, form)


def _find(request: HttpRequest, poll: Poll, helper: Person) -> HttpResponse:
    form = VoterForm(request.POST)
    if not form.is_valid():
        return _find_page(request, poll, form, status=422)
    try:
        found = assisted.find_voter(poll=poll, actor=helper, who=form.cleaned_data["who"], at=request.at)
    except Refused as refusal:
        return _find_page(request, poll, form, refusal=refusal.reason, status=409)
    reason: Any = _("Nobody here has this address or number. Compare it letter by letter.")
    if found is not None:
        reason = assisted.why_not(poll, helper=helper, voter=found, at=request.at)
        if reason is None:
            return _consent_page(request, poll, helper, found)
    form.add_error("who", str(reason))
    return _find_page(request, poll, form, status=422)


def _check(request: HttpRequest, poll: Poll, helper: Person, voter: Person, form: BallotForm) -> HttpResponse:
    proof = signing.dumps([helper.pk, poll.pk, str(voter.number), _said(form), casting.draw().hex()], salt=_PROOF)
    context = _sitting(request, poll, helper, voter) | {"form": form, "proof": proof}
    return render(request, "consult/voting/writing/check.html", context)


def _cast(request: HttpRequest, poll: Poll, helper: Person, voter: Person, form: BallotForm) -> HttpResponse:
    secret = _read_back(request, poll, helper, voter, _said(form))
    sitting = Beside(helper, voter, is_present=True, is_read_back=secret is not None)
    try:
        receipt = assisted.write_for(
            poll=poll, sitting=sitting, content=form.content, at=request.at, secret=secret
        )  # fmt: skip
    except Unfit as refusal:
        return _ballot_page(request, poll, helper, voter, form, refusal=refusal.reason, status=422)
    except Refused as refusal:
        if refusal.reason == assisted.READ_BACK_FIRST:
            return _check(request, poll, helper, voter, form)
        if refusal.reason in {casting.ALREADY_VOTED, casting.VOTED_FINALLY}:
            again = _receipt_again(request, poll, voter)
            return again or _find_page(request, poll, VoterForm(), refusal=assisted.HAS_VOTED, status=409)
        return _find_page(request, poll, VoterForm(), refusal=refusal.reason, status=409)
    return _slip_page(request, poll, voter, receipt.code)


def _receipt_again(request: HttpRequest, poll: Poll, voter: Person) -> HttpResponse | None:
    """Answer the last page of a sitting that came twice with the receipt it led to; nothing else brings one back."""
    if "cast" not in request.POST:
        return None
    secret = _read_back(request, poll, request.user, voter, None)
    code = casting.receipt_again(poll=poll, secret=secret) if secret else None
    return _slip_page(request, poll, voter, code, status=409) if code else None


_TICKET, _PROOF = f"{__name__}.ticket", f"{__name__}.proof"


def _ticket(stage: str, poll: Poll, helper: Person, voter: Person) -> str:
    return signing.dumps([stage, helper.pk, poll.pk, str(voter.number)], salt=_TICKET)


def _seated(request: HttpRequest, poll: Poll, helper: Person) -> tuple[str, Person | None]:
    """Return how far the sitting is and who sits there; nobody when it took too long."""
    try:
        stage, *who = signing.loads(request.POST["ticket"], salt=_TICKET, max_age=LASTS)
    except signing.SignatureExpired:
        return "", None
    except signing.BadSignature:
        raise Http404 from None
    if who[:2] != [helper.pk, poll.pk]:
        raise Http404
    return stage, get_object_or_404(Person, number=who[2], is_active=True)


def _said(form: BallotForm) -> str:
    return sha256(canonical(form.content))


def _read_back(request: HttpRequest, poll: Poll, helper: Any, voter: Person, said: str | None) -> bytes | None:
    """Return the secret of this cast when its page read back just this ballot (``said``; None asks for none)."""
    try:
        known = signing.loads(request.POST.get("proof", ""), salt=_PROOF, max_age=LASTS)
    except signing.BadSignature:
        return None
    fits = known[:3] == [helper.pk, poll.pk, str(voter.number)] and said in {known[3], None}
    return bytes.fromhex(known[4]) if fits else None


def _paper(poll: Poll, voter: Person, data: Any) -> BallotForm:
    return BallotForm(data, rules=poll.counting_rules, choices=queries.paper(poll, voter))


def _sitting(request: HttpRequest, poll: Poll, helper: Person, voter: Person) -> dict[str, Any]:
    return around(request, poll) | {
        "voter": voter, "helper": helper, "ticket": _ticket(AGREED, poll, helper, voter),
    }  # fmt: skip


def _find_page(
    request: HttpRequest, poll: Poll, form: VoterForm, *, refusal: Any = None, status: int = 200
) -> HttpResponse:
    context = around(request, poll) | {"form": form, "refusal": refusal}
    return render(request, "consult/voting/writing/find.html", context, status=status)


def _consent_page(request: HttpRequest, poll: Poll, helper: Person, voter: Person) -> HttpResponse:
    context = _sitting(request, poll, helper, voter) | {"ticket": _ticket(FOUND, poll, helper, voter)}
    return render(request, "consult/voting/writing/consent.html", context)


def _ballot_page(
    request: HttpRequest, poll: Poll, helper: Person, voter: Person, form: BallotForm, *, refusal: Any = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    shown = pictures.of(form.paper)
    budget, most = form.rules.budget, form.rules.max_choices
    context = _sitting(request, poll, helper, voter) | {
        "form": form, "lines": [(line, shown.get(line.choice.key)) for line in form.lines()], "refusal": refusal,
        "has_pictures": bool(shown), "totals": form.total(), "most": most if form.kind == "several" else None,
        "budget": f"{budget:,}" if form.is_budget and budget else None,
        "points": form.rules.points if form.kind == "points" else None,
    }  # fmt: skip
    return render(request, "consult/voting/writing/ballot.html", context, status=status)


def _slip_page(request: HttpRequest, poll: Poll, voter: Person, code: str, *, status: int = 200) -> HttpResponse:
    context = around(request, poll) | {
        "voter": voter, "helper": request.user, "groups": receipts.groups(code), "shown": receipts.shown(code),
        "today": request.at, "is_again": status != 200,
    }  # fmt: skip
    return render(request, "consult/voting/writing/receipt.html", context, status=status)
