"""What every page of a consultation finds, shows and reads from a request."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import ngettext

from civic.access.questions import find_visible, may
from civic.core import pages
from civic.core.http import HttpRequest
from civic.people.models import Person
from civic.policies.clauses import clauses_of
from consult.consultations.actions import VIEW
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation, Follow
from consult.consultations.presentation import STATUS, steps
from consult.consultations.queries import scope_of
from consult.consultations.states import Stage
from consult.discussion import actions, queries
from consult.discussion.models import Contribution


def find(request: HttpRequest, slug: str) -> Consultation:
    """Return a consultation this visitor may read, with whether they follow it, or raise 404."""
    rows = Consultation.objects.for_pages().select_related("revision")
    if isinstance(request.user, Person):
        rows = rows.annotate(
            is_followed=Exists(Follow.objects.filter(consultation=OuterRef("pk"), person=request.user))
        )
    found = find_visible(request.user, VIEW, rows, at=request.at, slug=slug)
    if found is None:
        raise Http404
    return found


def find_said(request: HttpRequest, slug: str, pk: int) -> tuple[Consultation, Contribution]:
    """Return a contribution with its consultation, or raise 404."""
    asked = find(request, slug)
    rows = Contribution.objects.select_related("author", "author__residence", "keyed_for", "parent", "root")
    said = get_object_or_404(rows.exclude(kind=Contribution.Kind.STATEMENT), pk=pk, consultation=asked)
    return asked, said


def page_of(request: HttpRequest, asked: Consultation) -> dict[str, Any]:
    """Return what the head and the side column of every page of a consultation show; ``asked`` comes from ``find``."""
    pages.shows_only(scope_of(asked.pk))
    stage = asked.stage(request.at)
    said = queries.mine(request.user, asked)
    note = ""
    if said:
        note = ngettext("You said %(count)s thing here", "You said %(count)s things here", len(said)) % {
            "count": len(said)
        }
    return {
        "consultation": asked,
        "stage": stage,
        "status": STATUS[stage],
        "is_running": stage is Stage.RUNNING,
        "is_answered": stage in {Stage.ANSWERED, Stage.ARCHIVED} and asked.answered_at is not None,
        "steps": steps(asked, at=request.at, mine=note),
        "mine": said,
        "follows": getattr(asked, "is_followed", False),  # asked by ``find``
        "may_comment": may(request.user, actions.COMMENT, asked, at=request.at),
        "needs_sign_in": not request.user.is_authenticated,
        "say_url": reverse("consultation-say", args=[asked.slug]),
        "text_url": reverse("consultation-text", args=[asked.slug]) if asked.revision_id else "",
        "collects_now": getattr(asked.phase_at(request.at), "kind", None) == PhaseKind.COLLECT,
        "at": request.at,
    }


def pinned_clauses(asked: Consultation) -> list[Any]:
    """Return the clauses of the text under discussion; none when there is only a question."""
    return list(clauses_of(asked.revision)) if asked.revision_id else []


def sent_uuid(value: str | None) -> UUID | None:
    """Return a sent UUID, or None when it is none."""
    try:
        return UUID(value or "")
    except ValueError:
        return None


def sent_kind(sent: Any) -> str:
    """Return whether a form is about a comment or a proposal."""
    return Contribution.Kind.PROPOSAL if sent.get("kind") == Contribution.Kind.PROPOSAL else Contribution.Kind.COMMENT


def sent_number(value: str | None) -> int:
    """Return a sent whole number, 0 when it is none."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 9 else 0
