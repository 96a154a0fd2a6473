"""Voting: choose, read back, cast, receipt.  Nothing is kept before the cast, nothing but the ballot after it."""

import json
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.questions import may
from civic.core import pages
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.pages import shared
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import ages, casting, pictures, queries, receipts
from consult.voting.actions import VOTE
from consult.voting.forms import BallotForm, ReceiptForm
from consult.voting.models import Choice, Poll, Secrecy
from consult.voting.presentation import SECRECY
from consult.voting.rules import in_a_meeting
from consult.voting.states import Stage
from consult.voting.views import carrying
from consult.voting.views.meeting import notice
from consult.voting.views.reading import around, find
from consult.voting.wording import rules_for_voters, when_it_counts

SMALL = 20
# In elder mode at most five things are in view: more choices than this are read one by one, and where
# every choice has a row of marks of its own, it is the second thing.
LONG, LONG_MARKED = 5, 2
SLIP = "slip"


@shared("paper")
@require_safe
def poll(request: HttpRequest, slug: str) -> HttpResponse:
    """What is asked, who may vote, how secret it is, and the ballot paper."""
    asked = find(request, slug)
    if asked.is_meeting:
        return notice(request, asked)
    if not isinstance(request.user, Person) or not carrying.is_carried(asked, request.COOKIES):
        return _page(request, asked, _form(request, asked, None, queries.voted(asked, request.user)))
    sent = carrying.take(asked, request.COOKIES, person=request.user.pk, at=request.at)
    form = _form(request, asked, sent, queries.voted(asked, request.user))
    response = _page(request, asked, form, carried=sent is not None, lost=sent is None)
    carrying.forget(response, asked)
    response["Cache-Control"] = "no-store"
    return response


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("support")
def poll_check(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: PLR0911 - each answer is a page of its own
    """Read back what was chosen; with ``cast``, cast it and show the receipt."""
    asked, voted = _find_to_voter(request, slug)
    if request.method != "POST":
        return redirect("poll", slug)
    if not isinstance(request.user, Person):
        response = redirect_to_login(asked.get_absolute_url())
        carrying.keep(response, asked, request.POST, at=request.at, nonce=secrets.token_bytes(12))
        return response
    if asked.is_meeting:
        return notice(request, find(request, slug), refusal=in_a_meeting(asked), status=403)
    # Of the choices only the names are known here: whoever shows the paper asks for the rest.
    form = _form(request, asked, request.POST, voted, queries.paper_in_brief(asked, request.user))
    allowed = may(request.user, VOTE, asked, at=request.at)
    if not allowed:
        return _again(request, asked, form, refusal=allowed.reason, status=403)
    if not form.replaces and voted is not None:
        return _taken(request, asked, request.user)
    if "change" in request.POST:
        return _again(request, asked, form)
    if "go" in request.POST:
        return _one_by_one(request, asked, form.on(queries.paper(asked, request.user)))
    if not form.is_valid():
        return _again(request, asked, form, status=422)
    return _cast(request, asked, form, request.user) if "cast" in request.POST else _check(request, asked, form)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("lookup")
def poll_receipt(request: HttpRequest, slug: str) -> HttpResponse:
    """Say where the ballot of a receipt is: never what it says."""
    asked = find(request, slug)
    form = ReceiptForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        found = casting.look_up(poll=asked, receipt=form.cleaned_data["receipt"])
    context = around(request, asked) | {"form": form, "found": found, "has_paper": queries.has_paper(asked)}
    return render(request, "consult/voting/look_up.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_POST
@limited("lookup")
def poll_receipt_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand the voter a file from their own page, kept nowhere: the receipt alone, or what opens the commitment."""
    asked = find(request, slug)
    code = receipts.read(request.POST.get("receipt", ""))
    if code is not None and "alone" in request.POST:
        words = render(request, "consult/voting/receipt.txt", around(request, asked) | {"code": receipts.shown(code)})
        response = HttpResponse(words.content, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{asked.slug}-receipt.txt"'
        return response
    try:
        ballot = json.loads(request.POST.get("ballot", "")[:20_000])
    except (ValueError, RecursionError):  # not JSON, or nested without end
        ballot = None
    if code is None or not isinstance(ballot, dict):
        return redirect("poll-receipt", slug)
    made = {
        "poll": asked.pk, "slug": asked.slug, "receipt": code, "nonce": request.POST.get("nonce", "")[:64],
        "commitment": request.POST.get("commitment", "")[:64], "content": ballot,
    }  # fmt: skip
    response = HttpResponse(json.dumps(made, indent=1), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{asked.slug}-ballot.json"'
    return response


def _check(request: HttpRequest, asked: Poll, form: BallotForm) -> HttpResponse:
    assert isinstance(request.user, Person)  # visitors were asked to sign in
    context = around(request, asked) | {
        "form": form, "holder": carrying.holder_of(asked, request.user.pk), "slip": _slip(asked, request.user),
    }  # fmt: skip
    return render(request, "consult/voting/check.html", context)


def _cast(request: HttpRequest, asked: Poll, form: BallotForm, person: Person) -> HttpResponse:
    given: dict[str, Any] = {"poll": asked, "person": person, "content": form.content, "at": request.at}
    try:
        if form.replaces:
            receipt = casting.replace(**given, receipt=form.cleaned_data["receipt"])
        else:
            receipt = casting.cast(**given, secret=_secret(asked, person, request.POST.get(SLIP, "")))
    except Unfit as refusal:
        return _again(request, asked, form, refusal=refusal.reason, status=422)
    except Refused as refusal:
        if refusal.reason in {casting.ALREADY_VOTED, casting.VOTED_FINALLY}:
            return _taken(request, asked, person)
        return _again(request, asked, form, refusal=refusal.reason, status=409)
    own = {
        "code": receipt.code, "shown": receipt.shown, "groups": [list(group) for group in receipt.groups],
        "nonce": receipt.nonce, "commitment": receipt.commitment, "ballot": json.dumps(receipt.content, ensure_ascii=False),
    }  # fmt: skip
    context = {"poll": asked, "receipt": own, "today": timezone.localdate(request.at)}
    return render(request, "consult/voting/receipt.html", context)


def _taken(request: HttpRequest, asked: Poll, person: Person) -> HttpResponse:
    """Answer a form that came twice: that the ballot was taken, its receipt if it was this form's, never the choice."""
    secret = _secret(asked, person, request.POST.get(SLIP, ""))
    code = casting.receipt_again(poll=asked, secret=secret) if secret else None
    voted = queries.voted(asked, person)
    context = around(request, asked) | {
        "voted_on": voted and voted.on, "may_change": _may_change(asked, voted), "groups": receipts.groups(code) if code else None,
        "shown": receipts.shown(code) if code else "",
    }  # fmt: skip
    return render(request, "consult/voting/taken.html", context, status=409)


def _slip(asked: Poll, person: Person) -> str:
    """Draw the secret of one cast and bind it to this voter: no other page can bring it, nor one of its own making."""
    secret = casting.draw().hex()
    return f"{secret}.{_bound(asked, person, secret)}"


def _secret(asked: Poll, person: Person, slip: str) -> bytes | None:
    secret, _dot, bound = slip.partition(".")
    if not bound or not constant_time_compare(bound, _bound(asked, person, secret)):
        return None
    return bytes.fromhex(secret)


def _bound(asked: Poll, person: Person, secret: str) -> str:
    return salted_hmac("consult.voting.slip", f"{asked.pk}|{person.pk}|{secret}", algorithm="sha256").hexdigest()


def _one_by_one(request: HttpRequest, asked: Poll, form: BallotForm) -> HttpResponse:
    """Show one choice at a time; what was ticked at the others travels along in the page."""
    where, go = request.POST.get("at", ""), request.POST["go"]
    here = int(where) if where.isascii() and where.isdigit() and len(where) < 4 else -1
    here = max(0, min(here + (-1 if go == "back" else 1), len(form.paper) - 1))
    line = form.lines()[here]
    shown = pictures.of([line.choice], pictures.LARGE)
    context = around(request, asked) | {
        "form": form, "line": line, "picture": shown.get(line.choice.key), "here": here, "number": here + 1,
        "total": len(form.paper), "is_last": here + 1 == len(form.paper),
        "totals": form.total(line.choice.key),
        "others": [(name, value) for name, value in form.sent() if not _is_of(line, name, value)],
        "holder": request.POST.get(carrying.HOLDER, ""), "budget": f"{form.rules.budget:,}" if form.is_budget and form.rules.budget else None,
    }  # fmt: skip
    return render(request, "consult/voting/one_by_one.html", context)


def _is_of(line: Any, name: str, value: str) -> bool:
    return name == line.name and (name != "choice" or value == line.choice.key)


def _voted_so_far(request: HttpRequest, asked: Poll) -> tuple[int, int]:
    # A page kept for visitors is drawn anew when the day ends and the number with it.
    today = timezone.localtime(request.at).replace(hour=0, minute=0, second=0, microsecond=0)
    pages.until(today + timedelta(days=1))
    return queries.voted_by_last_night(asked, at=request.at)


def _may_change(asked: Poll, voted: queries.Voted | None) -> bool:
    return asked.may_replace and voted is not None and voted.may_change


def _find_to_voter(request: HttpRequest, slug: str) -> tuple[Poll, queries.Voted | None]:
    """Return a poll the reader may read, without what only its own page shows, and how they voted in it."""
    if isinstance(request.user, Person):
        found, voted = queries.public_to(slug, request.user)
        if found is not None:
            return found, voted
    asked = find(request, slug)
    return asked, queries.voted(asked, request.user)


def _form(
    request: HttpRequest, asked: Poll, data: QueryDict | None, voted: queries.Voted | None,
    choices: list[Choice] | None = None,
) -> BallotForm:  # fmt: skip
    # A receipt sent with the ballot says it replaces one; who has voted is shown that field.
    replaces = _may_change(asked, voted) if data is None else asked.may_replace and "receipt" in data
    paper = queries.paper(asked, request.user) if choices is None else choices
    return BallotForm(data, rules=asked.counting_rules, choices=paper, replaces=replaces)


def _again(
    request: HttpRequest, asked: Poll, form: BallotForm, *, refusal: Any = None, status: int = 200
) -> HttpResponse:
    """Show a ballot that was sent once more, on the poll's own page."""
    asked = find(request, asked.slug)
    return _page(request, asked, form.on(queries.paper(asked, request.user)), refusal=refusal, status=status)


def _page(
    request: HttpRequest, asked: Poll, form: BallotForm, *, refusal: Any = None, carried: bool = False,
    lost: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    allowed = may(request.user, VOTE, asked, at=request.at)
    voted = queries.voted(asked, request.user)
    signed_in = isinstance(request.user, Person)
    shown = pictures.of(form.paper)
    is_running = asked.stage(request.at) is Stage.RUNNING
    may_vote = bool(allowed) and (voted is None or _may_change(asked, voted))
    codes = [code for part in asked.roll_by_place for code in part["places"]]
    names = queries.place_names([*codes, asked.roll_rule.get("place", "")])
    most = LONG if form.kind in {"one", "several"} else LONG_MARKED
    is_long = len(form.paper) > most and getattr(request, "elder", False) and request.GET.get("paper") != "all"
    context = around(request, asked) | {
        "form": form,
        "lines": [(line, shown.get(line.choice.key)) for line in form.lines()],
        "has_pictures": bool(shown),
        "secrecy": SECRECY[Secrecy(asked.secrecy)],
        "may_vote": may_vote,
        "one_by_one": is_long and may_vote and not form.is_bound and not form.replaces,
        "why_not": allowed.reason if signed_in and not allowed else None,
        "needs_sign_in": not signed_in,
        "voted_on": voted and voted.on,
        "may_change": _may_change(asked, voted),
        "refusal": refusal,
        "carried": carried,
        "lost": lost,
        # Too late for everybody: the paper is read back once more, and cannot be sent.
        "unsent": form.read_back() if not is_running and form.is_bound and form.is_valid() else None,
        "holder": carrying.holder_of(asked, request.user.pk) if isinstance(request.user, Person) else "",
        "voted_so_far": _voted_so_far(request, asked) if is_running and not asked.results_hidden else None,
        "result_url": reverse("poll-result", args=[asked.slug]),
        "sign_in": f"{reverse('account_login')}?next={asked.get_absolute_url()}",
        "budget": f"{form.rules.budget:,}" if form.is_budget and form.rules.budget else None,
        "totals": form.total() if may_vote or not signed_in else [],
        "most": form.rules.max_choices,
        "points": form.rules.points if form.kind == "points" else None,
        "small": asked.roll_size is not None and asked.roll_size < SMALL,
        "is_late": asked.stage(request.at) is Stage.ANNOUNCED and asked.opens_at <= request.at,
        "roll_parts": queries.roll_parts(asked.roll_by_place, names),
        "when_it_counts": when_it_counts(asked),
        "age": ages.told(asked.roll_rule),
        "rules": rules_for_voters(asked, places=names),
    }
    response = render(request, "consult/voting/poll.html", context, status=status)
    if request.method == "POST":
        response["Cache-Control"] = "no-store"
    return response
