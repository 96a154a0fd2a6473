"""Reading one person's matters: a constant number of queries whatever their number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Page, Paginator
from django.db.models import Count, Model, QuerySet, Window
from django.urls import reverse

from civic.core.asking import Question
from civic.core.languages import localised
from civic.notify.models import Notice
from civic.people.models import Person
from consult.consultations.models import Consultation, Follow
from consult.consultations.presentation import STATUS
from consult.consultations.states import Stage, State
from consult.discussion.answers import Answer, answers_to
from consult.discussion.models import Contribution, Draft, Support
from consult.discussion.withheld import Withheld, reasons

Row = TypeVar("Row", bound=Model)
SHOWN = 5
PER_PAGE = 20


@dataclass
class Matter:
    """One thing somebody said, with what became of it."""

    said: Contribution
    about: Contribution
    answer: Answer | None
    url: str
    withheld: Withheld | None = None

    @property
    def is_public(self) -> bool:
        """Whether its words are shown."""
        return self.said.is_public

    @property
    def clause_name(self) -> str:
        """The clause its answer changes, in the reader's language; empty when none."""
        return localised(self.answer, "clause_number") if self.answer and self.answer.new_text else ""

    @property
    def outcome(self) -> str:
        """The outcome, which a response shares with the words it hangs on."""
        return self.about.outcome

    @property
    def outcome_label(self) -> str:
        """The outcome's word."""
        return str(self.about.get_outcome_display())

    @property
    def status(self) -> str:
        """The status shape that goes with the outcome."""
        if not self.said.is_public:
            return "ended"
        return {"waiting": "review", "adopted": "done", "partly": "doing"}.get(self.about.outcome, "ended")


@dataclass
class Followed:
    """A consultation somebody follows, with its status."""

    consultation: Consultation
    stage: Stage
    status: str
    url: str


@dataclass
class Unfinished:
    """Words not sent yet, and where to go on writing."""

    draft: Draft
    url: str
    is_open: bool


def _said(person: int) -> "QuerySet[Contribution]":
    rows = Contribution.objects.filter(author_id=person).exclude(kind=Contribution.Kind.STATEMENT)
    return rows.select_related("consultation", "root", "author").order_by("-created_at", "-id")


def _supported(person: int) -> "QuerySet[Support]":
    rows = Support.objects.filter(user_id=person, content_type=ContentType.objects.get_for_model(Contribution))
    return rows.order_by("-create_at", "-id")


def _followed(person: int) -> "QuerySet[Follow]":
    rows = Follow.objects.filter(person_id=person).exclude(consultation__state=State.DRAFT)
    return rows.select_related("consultation", "consultation__sponsor").order_by("-since", "-id")


class Own(Generic[Row]):
    """A list of what is one person's, newest first, and its beginning as the first page shows it."""

    def __init__(self, rows: "Callable[[int], QuerySet[Row]]") -> None:
        self._rows = rows
        self._first: Question[Row] = Question(
            lambda person: rows(person).annotate(in_all=Window(Count("pk")))[:SHOWN], person=int
        )

    def page(self, person: Person, number: Any) -> "Page[Row]":
        """Return a page of them all."""
        return Paginator(self._rows(person.pk), PER_PAGE).get_page(number)

    def first(self, person: Person) -> tuple[list[Row], int]:
        """Return the newest few, and how many there are, in one query."""
        found: list[Any] = self._first.all(person=person.pk)
        return found, found[0].in_all if found else 0


said, supported, followed = Own(_said), Own(_supported), Own(_followed)


def matters(contributions: Sequence[Contribution], *, person: Person, at: datetime) -> list[Matter]:
    """Return contributions with their answers and, where they are held or hidden, why: two queries for any number."""
    answers = answers_to({each.root_id or each.pk for each in contributions}) if contributions else {}
    why = reasons(contributions, person, at=at)
    return [
        Matter(each, each.root or each, answers.get(each.root_id or each.pk), each.get_absolute_url(), why.get(each.pk))
        for each in contributions
    ]


def of_supports(supports: Sequence[Support], *, person: Person, at: datetime) -> list[Matter]:
    """Return what was supported with its answers, in the order of the supports: two queries."""
    rows = Contribution.objects.select_related("consultation", "root", "author")
    found = rows.in_bulk([support.object_id for support in supports])
    backed = [found[support.object_id] for support in supports if support.object_id in found]
    return matters(backed, person=person, at=at)


def as_followed(follows: Sequence[Follow], *, at: datetime) -> list[Followed]:
    """Return followed consultations as their lines show them."""
    made = []
    for follow in follows:
        stage = follow.consultation.stage(at)
        has_result = stage in {Stage.ANSWERED, Stage.ARCHIVED}
        url = reverse("consultation-result", args=[follow.consultation.slug]) if has_result else ""
        made.append(Followed(follow.consultation, stage, STATUS[stage], url))
    return made


def drafts(person: Person, *, at: datetime) -> list[Unfinished]:
    """Return what a person has begun to write, newest first."""
    return [
        Unfinished(draft, _box_url(draft), draft.consultation.stage(at) is Stage.RUNNING)
        for draft in _DRAFTS.all(person=person.pk)
    ]


def unread(person: Person) -> list[Notice]:
    """Return the newest notices a person has not read."""
    return _UNREAD.all(person=person.pk)


_DRAFTS: Question[Draft] = Question(
    lambda person: (
        Draft.objects.filter(person_id=person).exclude(text="", title="").select_related("consultation")
        .order_by("-saved_at", "-id")[:SHOWN]
    ),
    person=int,
)  # fmt: skip
_UNREAD: Question[Notice] = Question(
    lambda person: Notice.objects.unread().filter(person_id=person).order_by("-created_at", "-id")[:SHOWN], person=int
)


def _box_url(draft: Draft) -> str:
    """Return the form a draft belongs to: its box is a kind, a kind and a clause, or the words it responds to."""
    kind, _dash, rest = draft.box.partition("-")
    slug = draft.consultation.slug
    if kind == "reply" and rest.isdigit():
        return reverse("contribution-respond", args=[slug, int(rest)])
    query = {"kind": kind} | ({"clause": rest} if _is_uuid(rest) else {})
    return f"{reverse('consultation-say', args=[slug])}?{urlencode(query)}"


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
