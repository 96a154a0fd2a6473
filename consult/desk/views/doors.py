"""Finding what a desk page is about, and whether this person's powers reach it."""

from collections.abc import Iterable

from django.http import Http404

from civic.access.mandates import mandates_of
from civic.access.questions import MANDATE_ENDED, NO_MANDATE
from civic.core.http import HttpRequest
from civic.core.refusals import Refused
from consult.consultations.models import Consultation
from consult.desk import queries
from consult.replies.models import Reply


def find_consultation(request: HttpRequest, slug: str, *, powers: Iterable[str]) -> Consultation:
    """Return the consultation when one of ``powers`` reaches it.

    A colleague who may read it but holds none of them is refused with the
    reason; for everybody else there is no such page.
    """
    found = Consultation.objects.for_pages().select_related("revision").filter(slug=slug).first()
    if found is None:
        raise Http404
    _let_in(request, found, powers)
    return found


def find_reply(request: HttpRequest, pk: int) -> Reply:
    """Return the answer when a power of the desk reaches its consultation."""
    replies = Reply.objects.select_related(
        "author", "approver", "body", "consultation__place", "consultation__sponsor", "consultation__revision"
    )
    found = replies.filter(pk=pk).first()
    if found is None:
        raise Http404
    _let_in(request, found.consultation, queries.WORK)
    return found


def _let_in(request: HttpRequest, consultation: Consultation, powers: Iterable[str]) -> None:
    asked = list(powers)
    if any(queries.holds(request.user, action, consultation, at=request.at) for action in asked):
        return
    colleague = bool(queries.powers_over(request.user, consultation, at=request.at))
    if not colleague and not queries.readable_anyway(request.user, consultation, at=request.at):
        raise Http404
    held = any(mandates_of(request.user, action, at=request.at) for action in asked)  # type: ignore[arg-type]
    raise Refused(MANDATE_ENDED if held else NO_MANDATE)
