"""Voting: choose, read back, cast, receipt.  Nothing is kept before the cast, nothing but the ballot after it."""

import json
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.access.questions import may
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.pages import shared
from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import casting, queries
from consult.voting.actions import VOTE
from consult.voting.forms import BallotForm, ReceiptForm
from consult.voting.models import Poll, Secrecy
from consult.voting.presentation import SECRECY
from consult.voting.receipts import read
from consult.voting.rules import in_a_meeting
from consult.voting.views.meeting import notice
from consult.voting.views.reading import around, find

SMALL = 20


@shared()
@require_safe
def poll(request: HttpRequest, slug: str) -> HttpResponse:
    """What is asked, who may vote, how secret it is, and the ballot paper."""
    asked = find(request, slug)
    if asked.is_meeting:
        return notice(request, asked)
    return _page(request, asked, _form(request, asked, None))


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("support")
def poll_check(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: PLR0911 - each answer is a page of its own
    """Read back what was chosen; with ``cast``, cast it and show the receipt."""
    asked = find(request, slug)
    if request.method != "POST":
        return redirect("poll", slug)
    if not isinstance(request.user, Person):
        return redirect_to_login(asked.get_absolute_url())
    if asked.is_meeting:
        return notice(request, asked, refusal=in_a_meeting(asked), status=403)
    form = _form(request, asked, request.POST)
    allowed = may(request.user, VOTE, asked, at=request.at)
    if not allowed:
        return _page(request, asked, form, refusal=allowed.reason, status=403)
    if "change" in request.POST:
        return _page(request, asked, form)
    if not form.is_valid():
        return _page(request, asked, form, status=422)
    if "cast" not in request.POST:
        return render(request, "consult/voting/check.html", around(request, asked) | {"form": form})
    try:
        receipt = _cast(request.user, asked, form, request)
    except Unfit as refusal:
        return _page(request, asked, form, refusal=refusal.reason, status=422)
    except Refused as refusal:
        return _page(request, asked, form, refusal=refusal.reason, status=409)
    return render(
        request,
        "consult/voting/receipt.html",
        around(request, asked)
        | {"receipt": receipt, "today": request.at, "ballot": json.dumps(receipt.content, ensure_ascii=False)},
    )


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
    context = around(request, asked) | {"form": form, "found": found}
    return render(request, "consult/voting/look_up.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_POST
@limited("lookup")
def poll_receipt_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand the voter the file that opens the commitment; it comes from the voter's own page and is kept nowhere."""
    asked = find(request, slug)
    code = read(request.POST.get("receipt", ""))
    try:
        ballot = json.loads(request.POST.get("ballot", "")[:20_000])
    except ValueError:
        ballot = None
    if code is None or ballot is None:
        return redirect("poll-receipt", slug)
    made = {
        "poll": asked.pk, "slug": asked.slug, "receipt": code, "nonce": request.POST.get("nonce", "")[:64],
        "commitment": request.POST.get("commitment", "")[:64], "content": ballot,
    }  # fmt: skip
    response = HttpResponse(
        json.dumps(made, ensure_ascii=False, indent=1), content_type="application/json; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{asked.slug}-ballot.json"'
    return response


def _cast(person: Person, asked: Poll, form: BallotForm, request: HttpRequest) -> casting.Receipt:
    if form.replaces:
        code = form.cleaned_data["receipt"]
        return casting.replace(poll=asked, person=person, receipt=code, content=form.content, at=request.at)
    return casting.cast(poll=asked, person=person, content=form.content, at=request.at)


def _form(request: HttpRequest, asked: Poll, data: Any) -> BallotForm:
    # A receipt sent with the ballot says it replaces one; who has voted is shown that field.
    has_voted = queries.voted_on(asked, request.user) is not None
    replaces = asked.may_replace and (has_voted if data is None else "receipt" in data)
    return BallotForm(data, rules=asked.counting_rules, choices=queries.paper(asked, request.user), replaces=replaces)


def _page(
    request: HttpRequest, asked: Poll, form: BallotForm, *, refusal: Any = None, status: int = 200
) -> HttpResponse:
    allowed = may(request.user, VOTE, asked, at=request.at)
    voted = queries.voted_on(asked, request.user)
    signed_in = isinstance(request.user, Person)
    context = around(request, asked) | {
        "form": form,
        "lines": form.lines(),
        "secrecy": SECRECY[Secrecy(asked.secrecy)],
        "may_vote": bool(allowed) and (voted is None or asked.may_replace),
        "why_not": allowed.reason if signed_in and not allowed else None,
        "needs_sign_in": not signed_in,
        "voted_on": voted,
        "refusal": refusal,
        "result_url": reverse("poll-result", args=[asked.slug]),
        "sign_in": f"{reverse('account_login')}?next={asked.get_absolute_url()}",
        "budget": form.rules.budget if form.is_budget else None,
        "most": form.rules.max_choices,
        "small": asked.roll_size is not None and asked.roll_size < SMALL,
    }
    response = render(request, "consult/voting/poll.html", context, status=status)
    if request.method == "POST":
        response["Cache-Control"] = "no-store"
    return response
