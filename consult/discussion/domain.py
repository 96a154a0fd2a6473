"""Saying, responding, editing, taking back and supporting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core.asking import Question
from civic.core.changes import only
from civic.core.refusals import STALE, WRONG_STATE, Reason, Refused, Unfit
from civic.core.texts import plain
from civic.core.writing import Delete, insert
from civic.events.bus import publish
from civic.people.models import Person
from civic.policies.clauses import clauses_of
from consult.consultations.domain import note_participation
from consult.consultations.models import Consultation
from consult.consultations.queries import scope_of
from consult.consultations.states import State as ConsultationState
from consult.discussion import actions, gates, showing
from consult.discussion.drafts import box_of, response_box
from consult.discussion.models import MAX_LENGTH, MAX_TITLE, Contribution, Draft, Version
from consult.discussion.states import State
from orgs.bodies.models import Channel, Organisation
from search.indexing import forget_now

Said = ParamSpec("Said")

CLAUSE_GONE = Reason(
    "clause-gone",
    _("This clause is not part of the text under discussion. Your words are kept: choose another clause."),
)
TITLE_NEEDED = Reason("title-needed", _("Give your proposal a short title, so that others find it."))


_NOW: Question[Any] = Question(
    lambda pk: (
        Contribution.objects.select_for_update(no_key=True).filter(pk=pk).values_list("state", "outcome", "erased_at")
    ),
    pk=int,
)  # fmt: skip
_FORGET = Delete(
    lambda person, consultation, box: Draft.objects.filter(person_id=person, consultation_id=consultation, box=box),
    person=int, consultation=int, box=str,
)  # fmt: skip


@dataclass(frozen=True)
class Keyed:
    """How words reached us when somebody else typed them: by which channel, who, for which body."""

    channel: str
    by: Person
    body: Organisation


def _once(say: Callable[Said, Contribution]) -> Callable[Said, Contribution]:
    """Have the same ``submission`` of a person say its words once: again, it returns what it made first.

    That is looked for only when something stands in the way: the constraint, or a rule that has changed since.
    """

    @wraps(say)
    def once(*args: Said.args, **kwargs: Said.kwargs) -> Contribution:
        submission, person = cast("UUID", kwargs["submission"]), cast("Person", kwargs["person"])
        try:
            return say(*args, **kwargs)
        except (IntegrityError, Refused, Unfit) as error:
            earlier = Contribution.objects.filter(submission=submission, author_id=person.pk).first()
            if earlier is not None:
                return earlier
            if isinstance(error, IntegrityError):
                raise Refused(WRONG_STATE, conflict=True) from error
            raise

    return once


@_once
def contribute(
    *,
    person: Person,
    consultation: Consultation,
    kind: str,
    text: str,
    at: datetime,
    submission: UUID,
    title: str = "",
    clause: UUID | None = None,
    language: str = "zh-hans",
    keyed: Keyed | None = None,
    is_counted: bool = False,
) -> Contribution:
    """Publish a comment or a proposal and return it; where a gate is closed to the person, it waits instead.

    The same ``submission`` again (a double click, a resent form) returns the
    first contribution and changes nothing.  ``is_counted`` is for who knows that
    the person is counted as taking part; nobody is ever counted out.  Raises ``Refused`` when the person
    may not take part, the phase is not open, or the clause is not part of the
    pinned text; ``Unfit`` for text that cannot be kept.
    """
    action = actions.PROPOSE if kind == Contribution.Kind.PROPOSAL else actions.COMMENT
    fields = {"text": plain(text, limit=MAX_LENGTH), "title": ""}
    if kind == Contribution.Kind.PROPOSAL:
        if not title.strip():
            raise Unfit(TITLE_NEEDED)
        fields["title"] = plain(title, limit=MAX_TITLE)
    with only(scope_of(consultation.pk)), transaction.atomic():
        _check_key(keyed, consultation, at)
        require(person, action, consultation, at=at)
        made = Contribution(
            consultation=consultation, kind=kind, author=person, clause=clause, language=language,
            clause_number=_clause_number(consultation, clause), created_at=at, submission=submission, **fields,
        )  # fmt: skip
        _stamp(made, keyed)
        gate = _save(made, at)
        _FORGET(person=person.pk, consultation=consultation.pk, box=box_of(kind=kind, clause=clause))
        publish(actions.MADE, subject=made, actor=person, at=at, channel=made.channel, facts={"kind": str(kind)})
        if not is_counted:
            note_participation(consultation_id=consultation.pk, person_id=person.pk, at=at)
        _count_or_keep(made, gate, at)
    return made


@_once
def respond(
    *,
    person: Person,
    parent: Contribution,
    text: str,
    at: datetime,
    submission: UUID,
    language: str = "zh-hans",
    keyed: Keyed | None = None,
) -> Contribution:
    """Publish a response under ``parent`` and return it.  Refusals as for ``contribute``."""
    cleaned = plain(text, limit=MAX_LENGTH)
    with only(scope_of(parent.consultation_id)), transaction.atomic():
        _check_key(keyed, parent.consultation, at)
        require(person, actions.RESPOND, parent, at=at)
        made = Contribution(
            consultation=parent.consultation, kind=Contribution.Kind.RESPONSE, author=person,
            parent=parent, root_id=parent.root_id or parent.pk, depth=parent.depth + 1, clause=parent.clause,
            clause_number=parent.clause_number, text=cleaned, language=language, created_at=at, submission=submission,
        )  # fmt: skip
        _stamp(made, keyed)
        gate = _save(made, at)
        _FORGET(person=person.pk, consultation=parent.consultation_id, box=response_box(parent))
        publish(actions.MADE, subject=made, actor=person, at=at, channel=made.channel, facts={"kind": "response"})
        note_participation(consultation_id=parent.consultation_id, person_id=person.pk, at=at)
        _count_or_keep(made, gate, at)
    return made


def edit(*, contribution: Contribution, person: Person, text: str, version: int, at: datetime, title: str = "") -> None:
    """Replace the words and keep the earlier ones.

    ``version`` is the one the person was shown; when it is no longer current
    (another tab was faster) raises ``Refused`` with ``conflict``.  The same
    words again change nothing.
    """
    cleaned = plain(text, limit=MAX_LENGTH)
    heading = plain(title, limit=MAX_TITLE) if contribution.kind == Contribution.Kind.PROPOSAL and title.strip() else ""
    if contribution.kind == Contribution.Kind.PROPOSAL and not heading:
        raise Unfit(TITLE_NEEDED)
    with only(scope_of(contribution.consultation_id)), transaction.atomic():
        current = Contribution.objects.select_for_update(no_key=True).get(pk=contribution.pk)
        require(person, actions.EDIT, current, at=at)
        if current.version != version:
            raise Refused(STALE, conflict=True)
        if (current.text, current.title) != (cleaned, heading):
            Version.objects.create(
                contribution=current, number=current.version, title=current.title, text=current.text,
                at=current.edited_at or current.created_at,
            )  # fmt: skip
            current.text, current.title = cleaned, heading
            current.version += 1
            current.edited_at = at
            current.save(update_fields=["text", "title", "version", "edited_at"])
            publish(actions.EDITED, subject=current, actor=person, at=at, facts={"version": current.version})
    contribution.refresh_from_db()


def take_back(*, contribution: Contribution, person: Person, at: datetime) -> None:
    """Withdraw one's words: a marker stays, and so does what others said below."""
    with only(scope_of(contribution.consultation_id)), transaction.atomic():
        current = showing.lock([contribution.pk])[contribution.pk]
        require(person, actions.TAKE_BACK, current, at=at)
        was_public = current.is_public
        current.state = State.WITHDRAWN
        current.save(update_fields=["state"])
        if was_public:
            # Words may still be taken out of a consultation that was withdrawn.
            showing.count(current, -1, among=[ConsultationState.ANNOUNCED, ConsultationState.WITHDRAWN])
            forget_now("contribution", [current.pk])
        publish(actions.TAKEN_BACK, subject=current, actor=person, at=at)
    contribution.refresh_from_db()


def support(
    *, contribution: Contribution, person: Person, at: datetime, keyed: Keyed | None = None, is_counted: bool = False
) -> bool:
    """Back somebody's words; return whether this is new.  Raises ``Refused``.

    ``is_counted`` is for who knows that the person is counted as taking part; nobody is ever counted out.
    """
    with only(scope_of(contribution.consultation_id)), transaction.atomic():
        _check_key(keyed, contribution.consultation, at)
        require(person, actions.SUPPORT, contribution, at=at)
        act = {"create_at": at}
        if keyed is not None:
            act |= {"channel": keyed.channel, "keyed_by": keyed.by, "keyed_for": keyed.body}  # type: ignore[dict-item]
        is_new = contribution.votes.enter(person.pk, **act)
        if is_new:
            publish(actions.SUPPORTED, subject=contribution, actor=person, at=at)
            _count_support(contribution, person, at)
            if not is_counted:
                note_participation(consultation_id=contribution.consultation_id, person_id=person.pk, at=at)
        return is_new


def unsupport(*, contribution: Contribution, person: Person, at: datetime) -> bool:
    """Take a support back; return whether there was one.  Raises ``Refused`` outside the phase."""
    with only(scope_of(contribution.consultation_id)), transaction.atomic():
        _lock(contribution)
        require(person, actions.SUPPORT, contribution, at=at)
        removed = contribution.votes.delete(person.pk)
        if removed:
            publish(actions.UNSUPPORTED, subject=contribution, actor=person, at=at)
        return removed


def _lock(contribution: Contribution) -> None:
    """Take turns with whoever changes the words, and see the state they are in now.

    Without the key, so that responses to them need not wait.
    """
    current = _NOW.one(pk=contribution.pk)
    if current is None:
        raise Contribution.DoesNotExist
    contribution.state, contribution.outcome, contribution.erased_at = current


def _count_support(contribution: Contribution, person: Person, at: datetime) -> None:
    """Count what was entered, if the words are still in the state they were judged in; else judge them as they are now.

    Everybody who supports the same words writes their row, and waits for whoever did so before to end.
    """
    # What is erased keeps its state, and its hash tells of it.
    if not contribution.votes.add_to_counters(1, state=contribution.state, words_hash=contribution.words_hash):
        _lock(contribution)
        require(person, actions.SUPPORT, contribution, at=at)
        contribution.votes.add_to_counters(1)


def _check_key(keyed: Keyed | None, consultation: Consultation, at: datetime) -> None:
    if keyed is not None:
        require(keyed.by, actions.KEY, consultation, at=at)


def _stamp(made: Contribution, keyed: Keyed | None) -> None:
    if keyed is None:
        made.channel = Channel.WEB
    else:
        made.channel, made.keyed_by, made.keyed_for = keyed.channel, keyed.by, keyed.body


def _clause_number(consultation: Consultation, clause: UUID | None) -> str:
    if clause is None:
        return ""
    known = {c.id: c for c in clauses_of(consultation.revision)} if consultation.revision_id else {}
    if clause not in known:
        raise Refused(CLAUSE_GONE, conflict=True)
    return known[clause].number


def _save(made: Contribution, at: datetime) -> gates.Gate | None:
    """Save new words; return the gate that is closed to their author, behind which they wait."""
    # What a station keyed in somebody vouches for already.
    vouched = made.keyed_by_id is not None
    gate = None if vouched else gates.closed_gate(made.author, made.consultation, at=at)
    if gate is not None:
        made.state = State.HELD
    made.words_hash = ""
    insert(made)
    if gate is None:
        showing.count_in_thread(made, 1)
    return gate


def _count_or_keep(made: Contribution, gate: gates.Gate | None, at: datetime) -> None:
    """Count new words, or have them kept at a gate; refuse them when their consultation is open no more.

    Everybody who speaks in a consultation writes its row, and waits for whoever did so before to end: it comes last.
    """
    if gate is None:
        showing.count_in_consultation(made, 1, among=[ConsultationState.ANNOUNCED])
    else:
        showing.hold_open(made, among=[ConsultationState.ANNOUNCED])
        gate.keep(made, at=at)
