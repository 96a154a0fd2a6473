"""Words kept while they are typed, and across a sign-in."""

import secrets
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from civic.core.http import HttpRequest
from civic.core.limits import TooOften, limited, take
from civic.core.refusals import SIGN_IN, Refused
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import drafts
from consult.discussion.subscribers import DRAFT_COOKIE
from consult.discussion.views.page import find, find_said, sent_kind, sent_number, sent_uuid

DRAFT_COOKIE_AGE = 30 * 24 * 3600


@require_POST
@limited("draft")
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep what is being typed; answers with the draft's new version."""
    asked = find(request, slug)
    token = _token(request) or secrets.token_urlsafe(24)
    owner = _owner(request, token)
    box = request.POST.get("box", "") or drafts.box_of(
        kind=sent_kind(request.POST), clause=sent_uuid(request.POST.get("clause"))
    )
    try:
        kept = drafts.save(
            owner=owner, consultation=asked, box=box, text=request.POST.get("text", ""),
            title=request.POST.get("title", ""), version=sent_number(request.POST.get("draft_version")), at=request.at,
        )  # fmt: skip
    except Refused as refusal:
        return JsonResponse({"message": str(refusal)}, status=409 if refusal.conflict else 403)
    response = JsonResponse({"version": kept.version, "message": _("Draft kept.")})
    if owner.person is None:
        _set_draft_cookie(request, response, token)
    return response


def keep_and_sign_in(request: HttpRequest, asked: Consultation, here: str, box: str = "") -> HttpResponse:
    """Somebody wrote before signing in: keep it for this browser and come back to it.

    Raises ``Refused`` when signing in would not help: the time is over.
    """
    if not request.POST.get("text", "").strip():
        return redirect_to_login(here)
    token = _token(request) or secrets.token_urlsafe(24)
    kind, clause_id = sent_kind(request.POST), sent_uuid(request.POST.get("clause"))
    box = box or drafts.box_of(kind=kind, clause=clause_id)
    owner = drafts.Owner(token=token)
    known = drafts.find(owner=owner, consultation=asked, box=box)
    drafts.save(
        owner=owner, consultation=asked, box=box, text=request.POST.get("text", ""),
        title=request.POST.get("title", ""), version=known.version if known else 0, at=request.at,
    )  # fmt: skip
    query = f"?kind={kind}" + (f"&clause={clause_id}" if clause_id else "") if not box.startswith("reply-") else ""
    messages.info(request, str(SIGN_IN))
    response = redirect_to_login(here + query)
    _set_draft_cookie(request, response, token)
    return response


def keep_words(request: HttpRequest, slug: str, pk: int | None = None) -> None:
    """Keep what somebody signed in has sent too often, as their draft; the limit of drafts holds here too."""
    if not isinstance(request.user, Person):
        return
    with suppress(Http404, Refused, TooOften):
        take("draft", request)
        asked = find(request, slug)
        box = drafts.box_of(kind=sent_kind(request.POST), clause=sent_uuid(request.POST.get("clause")))
        if pk is not None:
            box = drafts.response_box(find_said(request, slug, pk)[1])
        owner = drafts.Owner(person=request.user)
        known = drafts.find(owner=owner, consultation=asked, box=box)
        drafts.save(
            owner=owner, consultation=asked, box=box, text=request.POST.get("text", ""),
            title=request.POST.get("title", ""), version=known.version if known else 0, at=request.at,
        )  # fmt: skip


def _set_draft_cookie(request: HttpRequest, response: HttpResponse, token: str) -> None:
    response.set_cookie(
        DRAFT_COOKIE, token, max_age=DRAFT_COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure()
    )


def _token(request: HttpRequest) -> str:
    return drafts.known_token(request.COOKIES.get(DRAFT_COOKIE, ""))


def _owner(request: HttpRequest, token: str) -> drafts.Owner:
    if isinstance(request.user, Person):
        return drafts.Owner(person=request.user)
    return drafts.Owner(token=token)


def kept_words(request: HttpRequest, asked: Consultation, box: str) -> Any:
    token = _token(request)
    if not isinstance(request.user, Person) and not token:
        return None
    return drafts.find(owner=_owner(request, token), consultation=asked, box=box)
