"""What follows from a contribution: search, and a browser's drafts after sign-in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from civic.audit.models import Entry
from civic.core import clock
from civic.events.bus import subscribe
from civic.people.models import Person
from consult.discussion import actions, drafts
from search.indexing import index_now

DRAFT_COOKIE = "gongyi_draft"


@receiver(user_logged_in)
def bring_drafts_along(request: HttpRequest | None, user: Person, **_signal: Any) -> None:
    """Words typed before signing in are there after it."""
    if request is not None:
        token = drafts.known_token(request.COOKIES.get(DRAFT_COOKIE, ""))
        drafts.claim(token=token, person=user, at=getattr(request, "at", clock.now()))


@subscribe(actions.MADE, actions.EDITED, actions.TAKEN_BACK, actions.ERASED)
def index_contribution(entry: Entry) -> None:
    """Search finds the words as they now are, or no longer."""
    index_now("contribution", int(entry.subject_id))
