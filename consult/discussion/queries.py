"""Reading discussions: a constant number of queries whatever their length."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.paginator import Page
from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from civic.access.decisions import Decision, no
from civic.access.questions import may
from civic.core.asking import Question
from civic.core.languages import localised
from civic.core.refusals import SIGN_IN
from civic.people.models import Person
from consult.consultations.models import ClauseTally, Consultation, Follow
from consult.consultations.queries import scope_of
from consult.discussion import actions, rules
from consult.discussion.answers import Answer, answers_to
from consult.discussion.models import Contribution, family
from consult.discussion.rules import NOT_YOURS
from consult.discussion.states import Outcome
from consult.discussion.withheld import Withheld, reasons

PAGE_SIZE = 10
RESPONSES_PER_PAGE = 20
MINI_RESPONSES = 2


_ANY_BY: Question[int] = Question(
    lambda author: Contribution.objects.filter(author_id=author).order_by().values_list("author", flat=True)[:1],
    author=int,
)  # fmt: skip


class Sort(models.TextChoices):
    NEWEST = "newest", _("Newest")
    SUPPORTED = "supported", _("Most supported")
    ATTENTION = "attention", _("Needs attention")


@dataclass
class Card:
    """One contribution with everything its card shows; no template needs to ask again."""

    contribution: Contribution
    supported: bool
    may_support: Decision
    may_respond: Decision
    refusals: tuple[tuple[str, str], ...]  # why not, of these two, in words
    may_edit: Decision
    is_mine: bool
    answer: Answer | None = None
    withheld: Withheld | None = None

    @property
    def is_for_all(self) -> bool:
        """Whether nothing of it is shown to its author alone."""
        return not self.is_mine and self.withheld is None and self.contribution.is_public

    @property
    def key(self) -> tuple[Any, ...] | None:
        """Return all that the card shows, for keeping it drawn; None for what is shown to its author alone."""
        said = self.contribution
        if not self.is_for_all:
            return None
        author, parent = said.author, said.parent if said.depth > 1 else None
        return (
            said.consultation.slug, said.pk, said.root_id, said.depth, said.kind, said.language, said.title, said.text,
            said.created_at, said.edited_at, said.erased_at, said.channel, said.keyed_for and str(said.keyed_for),
            said.clause, said.clause_number, localised(said, "clause_number"), said.num_vote_up, said.response_count,
            author.public_name, author.residence and str(author.residence), parent and parent.author.public_name,
            self.supported, self.refusals, self.answer,
        )  # fmt: skip


class Cards(list[Card]):
    """The cards of a page."""

    @property
    def key(self) -> tuple[Any, ...] | None:
        """Return what stands for all they show; None where they are the reader's own, or what they support."""
        if any(card.supported or not card.is_for_all or not hasattr(card.contribution, "told") for card in self):
            return None
        return tuple((card.contribution.told, card.refusals, card.answer) for card in self)


def worded(decision: Decision) -> tuple[str, str]:
    """Return the reason of a no as it is shown."""
    return (decision.reason.code, str(decision.reason)) if decision.reason is not None else ("", "")


def roots(
    consultation: Consultation, *, sort: str, clause: UUID | None = None, kind: str = ""
) -> "QuerySet[Contribution]":
    """Return a consultation's public comments and proposals in one of the three orders.

    "Needs attention" puts what has no answer first, and among those what most
    people back or respond to.
    """
    rows = Contribution.objects.published().filter(consultation=consultation, parent=None)
    rows = rows.exclude(kind=Contribution.Kind.STATEMENT)
    if clause is not None:
        rows = rows.filter(clause=clause)
    if kind:
        rows = rows.filter(kind=kind)
    rows = rows.select_related("author", "author__residence", "keyed_for")
    match sort:
        case Sort.SUPPORTED:
            return rows.order_by("-num_vote_up", "-id")
        case Sort.ATTENTION:
            waiting_first = models.Case(models.When(outcome=Outcome.WAITING, then=0), default=1)
            return rows.order_by(waiting_first, (F("num_vote_up") + F("response_count")).desc(), "-id")
        case _:
            return rows.order_by("-created_at", "-id")


def first_roots(consultation: Consultation, *, sort: str, most: int) -> list[Contribution]:
    """Return the first page of ``roots``: the one nearly everybody asks for."""
    known = _FIRST_ROOTS.get((sort, most))
    if known is None:
        known = _FIRST_ROOTS[sort, most] = Question(
            lambda consultation: roots(Consultation(pk=consultation), sort=sort)[:most], consultation=int
        )
    return known.unchanged(scope_of(consultation.pk), consultation=consultation.pk)


def page_of_thread(root: Contribution, page: "Page[Contribution]") -> list[Contribution]:
    """Return a page of ``thread``, found by the index alone however far down it is."""
    if page.number == 1:
        return _FIRST_OF_THREAD.unchanged(scope_of(root.consultation_id), root=root.pk)
    below = (page.number - 1) * RESPONSES_PER_PAGE
    numbers = in_reading_order(Contribution.objects.filter(root=root)).values("pk")
    return list(thread(root).filter(pk__in=numbers[below : below + RESPONSES_PER_PAGE]))


def length_of_thread(root: Contribution) -> int:
    """Return how many responses ``thread`` has, those that are not shown among them."""
    return sum(_LENGTH.unchanged(scope_of(root.consultation_id), root=root.pk))


def thread(root: Contribution) -> "QuerySet[Contribution]":
    """Return the responses under a contribution in reading order: each followed by those to it."""
    rows = Contribution.objects.filter(root=root)
    return in_reading_order(rows.select_related("author", "author__residence", "keyed_for", "parent__author"))


def in_reading_order(responses: "QuerySet[Contribution]") -> "QuerySet[Contribution]":
    """Sort the responses under one contribution: each followed by those to it."""
    return responses.annotate(family=family()).order_by("family", "depth", "created_at", "id")


_FIRST_ROOTS: dict[tuple[str, int], Question[Contribution]] = {}
_FIRST_OF_THREAD: Question[Contribution] = Question(
    lambda root: thread(Contribution(pk=root))[:RESPONSES_PER_PAGE], root=int
)
_LENGTH: Question[int] = Question(
    lambda root: (
        Contribution.objects.filter(root_id=root).order_by().values("root").annotate(n=models.Count("pk"))
        .values_list("n", flat=True)
    ),
    root=int,
)  # fmt: skip
# what "Your part" shows of one's words, in the order of the columns
_SAID = [
    field.attname
    for field in Contribution._meta.concrete_fields
    if field.attname in {
        "id", "consultation_id", "kind", "root_id", "clause_number", "text", "language", "state", "outcome", "erased_at",
    }
]  # fmt: skip


def _part(person: int, consultation: int) -> "QuerySet[Consultation, tuple[Any, ...]]":
    rows = Consultation.objects.filter(pk=consultation).annotate(
        is_followed=Exists(Follow.objects.filter(consultation=OuterRef("pk"), person_id=person)),
        said=FilteredRelation("contributions", condition=models.Q(contributions__author_id=person)),
    )
    return rows.order_by("-said__created_at", "-said__pk").values_list(
        "is_followed", *(f"said__{name}" for name in _SAID)
    )


_PART: Question[tuple[Any, ...]] = Question(
    lambda person, consultation: _part(person, consultation)[:20], person=int, consultation=int
)


def cards(
    rows: Sequence[Contribution], *, consultation: Consultation, person: Any, at: datetime, with_answers: bool = True
) -> Cards:
    """Return the cards for a page of contributions: two queries for any number of rows."""
    ids = [row.pk for row in rows]
    reader = person.pk if isinstance(person, Person) else None
    supported: set[int] = rows[0].votes.supported_ids(reader, ids) if reader and ids else set()
    answers = answers_to(ids, scope=scope_of(consultation.pk)) if with_answers and ids else {}
    by_id = {row.pk: row for row in rows}
    why = reasons(rows, person, at=at)
    decided: dict[Hashable, tuple[Decision, Decision, tuple[tuple[str, str], ...]]] = {}
    made = Cards()
    for row in rows:
        row.consultation = consultation  # its phases are loaded; the row's own would ask again
        if row.root_id in by_id:
            row.root = by_id[row.root_id]
        is_mine = row.author_id == reader
        alike = rules.alike(row, is_mine=is_mine)
        if alike not in decided:
            decided[alike] = _decide(person, row, at)
        may_support, may_respond, refusals = decided[alike]
        made.append(
            Card(
                contribution=row,
                supported=row.pk in supported,
                may_support=may_support,
                may_respond=may_respond,
                refusals=refusals,
                may_edit=may(person, actions.EDIT, row, at=at) if is_mine else no(NOT_YOURS),
                is_mine=is_mine,
                answer=answers.get(row.pk),
                withheld=why.get(row.pk),
            )
        )
    return made


def _decide(
    person: Any, row: Contribution, at: datetime
) -> tuple[Decision, Decision, tuple[tuple[str, str], tuple[str, str]]]:
    """Decide whether somebody may support and respond to words; return with it why not."""
    support = _answered_for(may(person, actions.SUPPORT, row, at=at), rules.can_be_supported(row, at))
    respond = _answered_for(may(person, actions.RESPOND, row, at=at), rules.can_be_responded_to(row, at))
    return support, respond, (worded(support), worded(respond))


def _answered_for(decision: Decision, moment: Decision) -> Decision:
    """Send nobody to sign in for what is over or not yet open: then its own reason is told."""
    return moment if decision.reason == SIGN_IN and not moment else decision


def clause_counts(consultation: Consultation) -> dict[UUID, int]:
    """Return how many public contributions speak to each clause, from the kept tallies."""
    return dict(ClauseTally.objects.filter(consultation=consultation).values_list("clause", "contributions"))


def speaks_first(person: Any) -> bool:
    """Tell whether somebody who is signed in has said nothing on this site yet."""
    return isinstance(person, Person) and _ANY_BY.one(author=person.pk) is None


class Part(NamedTuple):
    """A person's part in a consultation: what they said, newest first, and whether they follow it."""

    said: list[Contribution]
    follows: bool


def part_of(person: Any, consultation: Consultation) -> Part:
    """Return a person's part in a consultation: one query for those who are signed in."""
    if not isinstance(person, Person):
        return Part([], follows=False)
    rows = _PART.all(person=person.pk, consultation=consultation.pk)
    said = [Contribution.from_db("default", _SAID, values) for _follows, *values in rows if values[0] is not None]
    for contribution in said:
        contribution.consultation = consultation  # known: links need not ask again
    return Part(said, follows=any(row[0] for row in rows))
