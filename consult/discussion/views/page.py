"""What every page of a consultation finds, shows and reads from a request."""

from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import ngettext

from civic.access.questions import find_visible, may
from civic.core import pages
from civic.core.asking import Question
from civic.core.http import HttpRequest
from civic.policies.clauses import clauses_of, with_content
from consult.consultations.actions import VIEW
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation, Participation
from consult.consultations.presentation import STATUS, status_word, steps
from consult.consultations.queries import scope_of, with_phases
from consult.consultations.states import Stage, State
from consult.discussion import actions, queries
from consult.discussion.models import Contribution

LARGEST_NUMBER = 2**63 - 1
NOBODY = -1  # no person's number


def _page(slug: str) -> "QuerySet[Consultation]":
    rows = Consultation.objects.public().filter(slug=slug)
    return rows.select_related("place", "open_to", "sponsor", "policy", "revision")


_PAGE: Question[Consultation] = Question(_page, slug=str)


def find(request: HttpRequest, slug: str) -> Consultation:
    """Return a consultation this visitor may read, or raise 404."""
    public = _PAGE.unchanged(lambda found: scope_of(found.pk), slug=slug)
    if public:
        return with_phases(public[0])
    rows = Consultation.objects.for_pages().select_related("revision")
    found = find_visible(request.user, VIEW, rows, at=request.at, slug=slug)
    if found is None:
        raise Http404
    return found


def find_said(request: HttpRequest, slug: str, pk: int) -> tuple[Consultation, Contribution]:
    """Return a contribution with its consultation, or raise 404."""
    asked = find(request, slug)
    said = _SAID_ON.unchanged(scope_of(asked.pk), consultation=asked.pk, pk=pk) if pk <= LARGEST_NUMBER else []
    if not said:
        raise Http404
    return asked, said[0]


_SAID_ON: Question[Contribution] = Question(
    lambda consultation, pk: (
        Contribution.objects.select_related("author", "author__residence", "keyed_for", "parent", "root")
        .exclude(kind=Contribution.Kind.STATEMENT).filter(pk=pk, consultation_id=consultation)
    ),
    consultation=int, pk=int,
)  # fmt: skip
_PUBLIC: Question[Any] = Question(
    lambda slug, person: (
        Consultation.objects.public().select_related("open_to", "revision").defer("revision__content").filter(slug=slug)
        .annotate(
            has_spoken=Exists(Contribution.objects.filter(author_id=person)),
            has_taken_part=Exists(Participation.objects.filter(consultation=OuterRef("pk"), person_id=person)),
        )
    ),
    slug=str, person=int,
)  # fmt: skip
_SAID: Question[Any] = Question(
    lambda slug, pk, person: (
        Contribution.objects.exclude(kind=Contribution.Kind.STATEMENT).exclude(consultation__state=State.DRAFT)
        .select_related("consultation__open_to").filter(pk=pk, consultation__slug=slug)
        .annotate(
            has_taken_part=Exists(
                Participation.objects.filter(consultation=OuterRef("consultation"), person_id=person)
            )
        )
    ),
    slug=str, pk=int, person=int,
)  # fmt: skip


class Asked(NamedTuple):
    """A consultation that is acted on, and what is known of the person: whether they spoke on this site before, and
    whether they are counted in it already."""

    consultation: Consultation
    has_spoken: bool
    has_taken_part: bool


def find_for_act(request: HttpRequest, slug: str) -> Asked:
    """Return a consultation with what an act's rules ask of it, not what its pages show, or raise 404."""
    found = _PUBLIC.one(slug=slug, person=request.user.pk or NOBODY)
    if found is None:
        return Asked(find(request, slug), not queries.speaks_first(request.user), has_taken_part=False)
    if found.revision is not None:
        with_content(found.revision)
    return Asked(with_phases(found), found.has_spoken, found.has_taken_part)


class Said(NamedTuple):
    """Words that are acted on, their consultation, and whether the person is counted in it already."""

    consultation: Consultation
    contribution: Contribution
    has_taken_part: bool


def find_said_for_act(request: HttpRequest, slug: str, pk: int) -> Said:
    """Return a contribution with what an act's rules ask of it and its consultation, or raise 404."""
    found = _SAID.one(slug=slug, pk=pk, person=request.user.pk or NOBODY) if pk <= LARGEST_NUMBER else None
    if found is None:
        return Said(*find_said(request, slug, pk), has_taken_part=False)
    return Said(with_phases(found.consultation), found, found.has_taken_part)


def page_of(request: HttpRequest, asked: Consultation) -> dict[str, Any]:
    """Return what the head and the side column of every page of a consultation show; ``asked`` comes from ``find``."""
    pages.shows_only(scope_of(asked.pk))
    stage = asked.stage(request.at)
    said, follows = queries.part_of(request.user, asked)
    note = ""
    if said:
        note = ngettext("You said %(count)s thing here", "You said %(count)s things here", len(said)) % {
            "count": len(said)
        }
    may_comment = may(request.user, actions.COMMENT, asked, at=request.at)
    collects_now = getattr(asked.phase_at(request.at), "kind", None) == PhaseKind.COLLECT
    moment = _moment(asked, stage, request.at)
    return {
        "consultation": asked,
        "stage": stage,
        "status": STATUS[stage],
        "status_word": status_word(asked, at=request.at),
        "is_running": stage is Stage.RUNNING,
        "is_answered": stage in {Stage.ANSWERED, Stage.ARCHIVED} and asked.answered_at is not None,
        "steps": partial(steps, asked, at=request.at, mine=note),
        "steps_key": moment and (*moment, note),
        "head_key": moment and (*moment, request.user.is_authenticated, *queries.worded(may_comment)),
        "mine": said,
        "follows": follows,
        "may_comment": may_comment,
        "needs_sign_in": not request.user.is_authenticated,
        "say_url": reverse("consultation-say", args=[asked.slug]),
        "text_url": reverse("consultation-text", args=[asked.slug]) if asked.revision_id else "",
        "collects_now": collects_now,
        "at": request.at,
    }


def _moment(asked: Consultation, stage: Stage, at: datetime) -> tuple[Any, ...] | None:
    """Return what tells one state of a consultation from another, for keeping drawn what depends on it alone."""
    if not hasattr(asked, "told"):
        return None
    phases = (
        (phase.kind, phase.opens_at, phase.closes_at, phase.opens_at <= at, phase.closes_at <= at)
        for phase in asked.timetable
    )
    return (asked.told, stage, *phases)


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
