"""Facts of the library made ready for templates: no query starts there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civic.core.languages import localised
from civic.policies import citations, queries
from civic.policies.clauses import Chapter, Clause, ClauseChange, Kind
from civic.policies.consultations import Asked, ClauseTalk
from civic.policies.models import PolicyPage, PublishedVersion
from civic.policies.sections import Task
from civic.policies.states import Stage, Status

# The status shapes of the design system that stand for a policy's status.
SHAPES = {
    Status.DRAFT: "review",
    Status.PROPOSED: "review",
    Status.CONSULTING: "open",
    Status.DECIDED: "answered",
    Status.IN_FORCE: "doing",
    Status.UNDER_REVIEW: "doing",
    Status.REPEALED: "ended",
}


@dataclass(frozen=True)
class State:
    """A policy's status in words and shape, with the sentence that says until or from when."""

    status: Status
    shape: str
    label: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """A policy in a list."""

    page: PolicyPage
    url: str
    state: State


@dataclass(frozen=True)
class ShownClause:
    """A clause on a policy's page."""

    clause: Clause
    anchor: str
    change: ClauseChange | None = None
    talk: ClauseTalk | None = None
    is_changed: bool = False


@dataclass
class Group:
    """Clauses under one chapter title (None: before the first, or no chapters)."""

    chapter: Chapter | None
    anchor: str = ""
    clauses: list[ShownClause] = field(default_factory=list)


@dataclass(frozen=True)
class HistoryEntry:
    """One node of a policy's history."""

    version: PublishedVersion
    title: str
    shape: str
    url: str
    compare_url: str
    note: str
    is_current: bool
    citations: Sequence[citations.Citation]

    @property
    def icon(self) -> str:
        """The status shape's drawing."""
        return f"s-{self.shape}"


@dataclass(frozen=True)
class ShownChange:
    """One clause of a comparison and the word for what became of it."""

    change: ClauseChange
    label: str
    only_elsewhere: bool


def state(policy: PolicyPage, *, at: datetime, asked: Collection[Asked] = (), consulting: bool = False) -> State:
    """Return where a policy stands; ``asked`` are the consultations on it, if already known."""
    if not policy.live and policy.pk is not None and not policy.live_revision_id:
        return State(Status.DRAFT, SHAPES[Status.DRAFT], capfirst(str(Status.DRAFT.label)), "")
    consulting = consulting or any(each.is_running for each in asked)
    status = queries.status_of(policy, at=at, consulting=consulting)
    return State(status, SHAPES[status], capfirst(str(status.label)), _sentence(policy, status, localdate(at)))


def row(policy: PolicyPage, *, at: datetime) -> Row:
    """Return a policy as lists show it."""
    consulting = bool(getattr(policy, "is_consulting", False))
    return Row(policy, f"/policies/{policy.slug}/", state(policy, at=at, consulting=consulting))


def groups(
    clauses: Sequence[Clause],
    *,
    changed: Mapping[UUID, ClauseChange] | None = None,
    talk: Mapping[UUID, ClauseTalk] | None = None,
) -> list[Group]:
    """Return the clauses by chapter, each with its change against the previous version and what was said."""
    made: list[Group] = []
    for clause in clauses:
        if not made or made[-1].chapter is not clause.chapter:
            made.append(Group(clause.chapter, anchor=f"chapter-{len(made) + 1}"))
        change_ = (changed or {}).get(clause.id)
        is_changed = change_ is not None and (change_.words_changed or change_.kind is Kind.ADDED)
        made[-1].clauses.append(ShownClause(clause, f"c-{clause.id}", change_, (talk or {}).get(clause.id), is_changed))
    return made


def in_both_languages(page: PolicyPage) -> list[tuple[str, str, list[str]]]:
    """Return the plain words for paper: for each language there is, its code, the first sentence and the points."""
    told = []
    for code, summary in (("zh-Hans", page.summary), ("en", page.summary_en)):
        lines = [line.strip() for line in summary.splitlines() if line.strip()]
        if lines:
            told.append((code, lines[0], lines[1:]))
    return told


def history(page: PolicyPage, versions: Sequence[PublishedVersion], *, at: datetime) -> list[HistoryEntry]:
    """Return a policy's versions, newest first, with why each came about: one query for the citations."""
    cited = citations.cited([version.revision_id for version in versions]) if versions else {}
    entries = []
    for index, version in enumerate(versions):
        older = versions[index + 1] if index + 1 < len(versions) else None
        query = f"?from={older.number}&to={version.number}" if older else ""
        entries.append(
            HistoryEntry(
                version=version,
                title=_version_title(version),
                shape=SHAPES[queries.status_of(version, at=at)],
                url=reverse("policy-version", args=[page.slug, version.number]),
                compare_url=reverse("policy-versions", args=[page.slug]) + query if older else "",
                note=localised(version, "note"),
                is_current=version.revision_id == page.live_revision_id,
                citations=cited.get(version.revision_id, ()),
            )
        )
    return entries


def change(each: ClauseChange) -> ShownChange:
    """Return a change with its word."""
    words = {
        Kind.ADDED: _("New clause"),
        Kind.REMOVED: _("Clause taken out"),
        Kind.CHANGED: _("Changed") if each.words_changed else _("Number, heading or translation changed"),
        Kind.SAME: _("Moved, words unchanged"),
    }
    label = words[each.kind]
    if each.moved and each.kind is Kind.CHANGED:
        label = _("Changed and moved")
    return ShownChange(each, label, only_elsewhere=not each.words_changed)


def policy_task() -> Task:
    """Return the library's card on the home page."""
    return Task("book", _("Look up a policy"), _("The text, and plain words"), "/policies/")


def search_url() -> str:
    """Return where the home page's search leads: the site's search, or the library where there is none."""
    try:
        return reverse("search")
    except NoReverseMatch:
        return "/policies/"


def _sentence(policy: Any, status: Status, today: date) -> str:
    if status is Status.DECIDED and policy.in_force_from is not None:
        left = (policy.in_force_from - today).days
        return ngettext("in force in %(count)s day", "in force in %(count)s days", left) % {"count": left}
    if status in {Status.IN_FORCE, Status.UNDER_REVIEW} and policy.in_force_until is not None:
        left = (policy.in_force_until - today).days
        if left <= 180:
            return ngettext("%(count)s day left", "%(count)s days left", left) % {"count": left}
    return ""


def _version_title(version: PublishedVersion) -> str:
    if version.stage == Stage.PROPOSED:
        return _("Draft for comment")
    return _("Decided text")
