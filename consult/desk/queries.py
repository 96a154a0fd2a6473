"""What waits for a person, over all the bodies they act for: a constant number of queries."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, Q, QuerySet

from civic.access.mandates import mandates_of
from civic.access.questions import visible
from civic.people.models import Person
from civic.policies.models import PolicyPage
from civic.policies.queries import waiting_for as policies_waiting_for
from civic.ui.components import Bar
from consult.consultations.actions import CONCLUDE, MANAGE, VIEW
from consult.consultations.models import Consultation
from consult.consultations.states import State as ConsultationState
from consult.discussion import queries as discussion
from consult.discussion.models import Contribution, Support
from consult.discussion.states import Outcome
from consult.replies.actions import APPROVE, DRAFT, PUBLISH
from consult.replies.models import Reply, ReplyItem
from consult.replies.states import EDITABLE, State
from orgs.bodies.models import Organisation

WORK = frozenset({MANAGE, CONCLUDE, DRAFT, APPROVE, PUBLISH})
SHOWN = 8
PAGE_SIZE = 50
WHOLE = "whole"


def holds(person: Any, action: str, target: Any, *, at: datetime) -> bool:
    """Tell whether a live power of the person reaches ``target``, whatever its moment."""
    return isinstance(person, Person) and any(m.covers(target) for m in mandates_of(person, action, at=at))


def powers_over(person: Any, target: Any, *, at: datetime) -> set[str]:
    """Return the actions of the desk whose powers reach ``target``."""
    return {action for action in WORK if holds(person, action, target, at=at)}


# --- the work list -----------------------------------------------------------------------------------------------


def to_answer(person: Person, *, at: datetime) -> "QuerySet[Consultation]":
    """Return the consultations with contributions that have no published answer, first due first."""
    rows = visible(person, DRAFT, Consultation.objects.for_pages(), at=at)
    open_ = rows.filter(state=ConsultationState.ANNOUNCED, opens_at__lte=at, contribution_count__gt=F("answered_count"))
    return open_.order_by("answer_due_at", "pk")


def to_approve(person: Person, *, at: datetime) -> "QuerySet[Reply]":
    """Return colleagues' answers that wait for this person, first due first."""
    rows = visible(person, APPROVE, _replies(), at=at).filter(state=State.SUBMITTED).exclude(author=person)
    return rows.order_by("consultation__answer_due_at", "submitted_at", "pk")


def in_hand(person: Person, *, at: datetime) -> "QuerySet[Reply]":
    """Return the person's own unfinished answers: sent back first, then drafts."""
    rows = visible(person, DRAFT, _replies(), at=at).filter(author=person, state__in=EDITABLE)
    return rows.filter(consultation__state=ConsultationState.ANNOUNCED).order_by(
        "-state", "consultation__answer_due_at", "pk"
    )


def to_conclude(person: Person, *, at: datetime) -> "QuerySet[Consultation]":
    """Return the consultations that are over and answered item by item, first due first."""
    rows = visible(person, CONCLUDE, Consultation.objects.for_pages(), at=at)
    done = rows.filter(
        state=ConsultationState.ANNOUNCED, closes_at__lte=at, answered_count__gte=F("contribution_count")
    )
    return done.order_by("answer_due_at", "pk")


def drafted(person: Person, *, at: datetime) -> "QuerySet[Consultation]":
    """Return the consultations that are not announced yet."""
    rows = visible(person, MANAGE, Consultation.objects.for_pages(), at=at)
    return rows.filter(state=ConsultationState.DRAFT).order_by("-pk")


def managed(person: Person, *, at: datetime) -> "QuerySet[Consultation]":
    """Return every consultation of the bodies a person manages, newest first."""
    return visible(person, MANAGE, Consultation.objects.for_pages(), at=at).order_by("-opens_at", "-pk")


def waiting_count(person: Any, at: datetime) -> int:
    """Return how many things wait for a person: the number in the staff bar."""
    if not isinstance(person, Person):
        return 0
    known = person.__dict__.get(_WAITING)
    if known is not None and known[0] == at:
        return int(known[1])
    asked = to_answer(person, at=at).order_by().values("pk").union(to_conclude(person, at=at).order_by().values("pk"))
    replies = to_approve(person, at=at).order_by().values("pk").union(in_hand(person, at=at).order_by().values("pk"))
    return asked.count() + replies.count() + policies_waiting_for(person, at=at).count()


def remember_waiting(person: Person, totals: Mapping[str, int], *, at: datetime) -> None:
    """Spare ``waiting_count`` what the work list has counted: the length of each of its lists that a power opens."""
    person.__dict__[_WAITING] = (
        at,
        sum(totals.get(key, 0) for key in ("approve", "answer", "mine", "conclude", "policies")),
    )


_WAITING = "_waiting_at"


def being_answered(consultations: Iterable[Consultation]) -> dict[int, int]:
    """Return how many contributions lie in unpublished answers, by consultation."""
    items = ReplyItem.objects.filter(reply__consultation__in=list(consultations)).exclude(reply__state=State.PUBLISHED)
    return dict(
        items.order_by().values("reply__consultation").annotate(n=Count("pk")).values_list("reply__consultation", "n")
    )


# --- one consultation --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """Which of a consultation's waiting contributions the official looks at."""

    clause: str = ""
    sort: str = discussion.Sort.SUPPORTED
    words: str = ""


@dataclass
class Group:
    """The waiting contributions that speak to one clause, or to the whole."""

    key: str
    clause: Any = None
    count: int = 0


@dataclass
class Progress:
    """How far the answers have come: contributions waiting by clause, answers by state."""

    groups: list[Group] = field(default_factory=list)
    waiting: int = 0
    replies: Counter[str] = field(default_factory=Counter)


def waiting(consultation: Consultation, choice: Choice) -> "QuerySet[Contribution]":
    """Return the contributions that are part of no answer, as chosen and sorted."""
    rows = discussion.roots(consultation, sort=choice.sort).filter(reply_item=None)
    if choice.clause == WHOLE:
        rows = rows.filter(clause=None)
    elif choice.clause:
        rows = rows.filter(clause=UUID(choice.clause))
    if choice.words:
        rows = rows.filter(Q(text__icontains=choice.words) | Q(title__icontains=choice.words))
    return rows


def progress(consultation: Consultation, clauses: Sequence[Any]) -> Progress:
    """Return where the answers stand, in two queries."""
    rows = Contribution.objects.published().roots().filter(consultation=consultation, reply_item=None).order_by()
    counts: dict[UUID | None, int] = dict(rows.values("clause").annotate(n=Count("pk")).values_list("clause", "n"))
    groups = [Group(str(clause.id), clause, counts[clause.id]) for clause in clauses if clause.id in counts]
    if counts.get(None):
        groups.append(Group(WHOLE, None, counts[None]))
    states = consultation.replies.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n")
    return Progress(groups=groups, waiting=sum(counts.values()), replies=Counter(dict(states)))


def replies_of(consultation: Consultation, state: str) -> "QuerySet[Reply]":
    """Return a consultation's answers in a state, newest first."""
    return _replies().filter(consultation=consultation, state=state).order_by("-created_at", "-pk")


def answered_by(reply: Reply) -> list[Contribution]:
    """Return the contributions an answer takes together, most supported first.

    ``changed_since`` tells whether the words were edited after the answer was written.
    """
    rows = Contribution.objects.filter(reply_item__reply=reply).for_pages()
    rows = rows.annotate(changed_since=Q(version__gt=F("reply_item__version")))
    return list(rows.order_by("-num_vote_up", "pk"))


def outcomes(consultation: Consultation) -> "list[Bar]":
    """Return how many contributions have which outcome, with their share of all."""
    rows = Contribution.objects.published().roots().filter(consultation=consultation).order_by()
    counts = dict(rows.values("outcome").annotate(n=Count("pk")).values_list("outcome", "n"))
    total = sum(counts.values())
    return [
        Bar(str(label), counts.get(key, 0), counts.get(key, 0) / total if total else 0, tone=_TONES[key])
        for key, label in Outcome.choices
    ]


_TONES: dict[str, Literal["c1", "c2", "c3", "c4", "cx"]] = {
    Outcome.ADOPTED: "c1", Outcome.PARTLY: "c2", Outcome.NOT: "c4", Outcome.WAITING: "cx",
}  # fmt: skip


def people_concerned(ids: Sequence[int]) -> int:
    """Return how many people said, responded to or support these contributions: one query."""
    said = Contribution.objects.published().filter(Q(pk__in=ids) | Q(root__in=ids)).order_by().values("author")
    type_ = ContentType.objects.get_for_model(Contribution)
    backed = Support.objects.filter(content_type=type_, object_id__in=ids).order_by().values("user")
    return said.union(backed).count()


# --- opening one -------------------------------------------------------------------------------------------------


def sponsors(person: Person, *, at: datetime) -> "QuerySet[Organisation]":
    """Return the bodies in whose name a person may open a consultation."""
    return visible(person, MANAGE, Organisation.objects.select_related("place"), at=at)


def policies(bodies: "QuerySet[Organisation]") -> "QuerySet[PolicyPage]":
    """Return the published policies those bodies issued: what they may ask about."""
    issued = PolicyPage.objects.live().filter(issuing_body__in=bodies.values("pk"))
    return issued.select_related("live_revision").order_by("title")


def readable_anyway(person: Any, consultation: Consultation, *, at: datetime) -> bool:
    """Tell whether a person without a power here may at least read it."""
    return visible(person, VIEW, Consultation.objects.filter(pk=consultation.pk), at=at).exists()


def _replies() -> "QuerySet[Reply]":
    rows = Reply.objects.select_related("consultation", "consultation__place", "author", "approver")
    return rows.annotate(answers=Count("items"))
