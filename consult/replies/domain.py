"""Writing, approving and publishing answers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from civic.access.machines import advance
from civic.access.questions import require
from civic.audit.models import Entry
from civic.core.refusals import STALE, WRONG_STATE, Reason, Refused, Unfit
from civic.core.texts import plain
from civic.events.bus import publish
from civic.people.models import Person
from civic.policies.clauses import clauses_of
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from consult.discussion.states import State as ContributionState
from consult.replies import actions
from consult.replies.models import MAX_LENGTH, Reply, ReplyItem
from consult.replies.states import MACHINE, State

NOTHING_CHOSEN = Reason("nothing-chosen", _("Choose at least one contribution to answer."))
TAKEN = Reason("taken", _("%(count)s of these are part of another answer already. Choose again from those that wait."))
NOT_ANSWERABLE = Reason(
    "not-answerable", _("%(count)s of these can no longer be answered: taken back, hidden, or part of a thread.")
)
NOTHING_LEFT = Reason(
    "nothing-left", _("Everything this answers was taken back or hidden meanwhile: there is nothing left to publish.")
)
WORDS_CHANGED = Reason(
    "words-changed",
    _("%(count)s of these were changed after this answer was written. Send it back, to be read and saved once more."),
)
REASON_NEEDED = Reason("reason-needed", _("Say why it is not adopted, or only partly: residents read this."))
CLAUSE_UNKNOWN = Reason("clause-unknown", _("This clause is not part of the text under discussion."))
NO_CLAUSE = Reason("no-clause", _("Choose the clause that will read like this."))


def save_draft(
    *,
    actor: Person,
    consultation: Consultation,
    contributions: Sequence[Contribution],
    outcome: str,
    text: str,
    at: datetime,
    version: int,
    reply: Reply | None = None,
    text_en: str = "",
    reason: str = "",
    reason_en: str = "",
    clause: UUID | None = None,
    new_text: str = "",
    new_text_en: str = "",
    send: bool = False,
) -> Reply:
    """Write a new answer, or a new version of ``reply``, to exactly these contributions.

    ``send`` also sends it for approval, in the same transaction.  Each
    contribution carries the ``version`` its writer read: what was changed since
    stops the approval.

    ``version`` is the one the writer was shown (0 for a new answer); when a
    colleague saved since, raises ``Refused`` with ``conflict``.  Raises
    ``Refused`` when the actor may not, a contribution is answered elsewhere or
    cannot be answered, and ``Unfit`` for words that
    cannot be kept or are missing.
    """
    if not contributions:
        raise Unfit(NOTHING_CHOSEN)
    if outcome != Outcome.ADOPTED and not reason.strip():
        raise Unfit(REASON_NEEDED)
    if new_text.strip() and clause is None:
        raise Unfit(NO_CLAUSE)
    words = {
        "text": plain(text, limit=MAX_LENGTH),
        "text_en": _optional(text_en),
        "reason": _optional(reason),
        "reason_en": _optional(reason_en),
        "new_text": _optional(new_text),
        "new_text_en": _optional(new_text_en),
        "clause_number": _clause_number(consultation, clause),
    }
    with transaction.atomic():
        locked = _lock(consultation)
        require(actor, actions.DRAFT, locked, at=at)
        current = _current(reply, version)
        if current is None:
            current = Reply(consultation=locked, body=locked.sponsor, author=actor, created_at=at, version=0)
        # The words are the last writer's: it is they who may not approve them.
        current.author = actor
        current.outcome, current.clause = outcome, clause
        current.state = State.DRAFT
        current.version += 1
        for name, value in words.items():
            setattr(current, name, value)
        current.save()
        _set_items(current, contributions)
        publish(actions.DRAFTED, subject=current, actor=actor, at=at, facts={"version": current.version})
        if send:
            submit(reply=current, actor=actor, at=at)
        return current


def drop(*, reply: Reply, actor: Person, at: datetime) -> None:
    """Throw an unpublished answer away; its contributions wait again."""
    with transaction.atomic():
        locked = _lock(reply.consultation)
        require(actor, actions.DRAFT, locked, at=at)
        current = Reply.objects.select_for_update(no_key=True).get(pk=reply.pk)
        if not current.is_editable:
            raise Refused(WRONG_STATE, conflict=True)
        publish(actions.DROPPED, subject=current, actor=actor, at=at)
        current.delete()


def submit(*, reply: Reply, actor: Person, at: datetime) -> None:
    """Send an answer for approval."""
    advance(reply, MACHINE, "submit", actor=actor, at=at, changes={"submitted_at": at, "note": ""})


def send_back(*, reply: Reply, actor: Person, note: str, at: datetime) -> None:
    """Return an answer to its writer, with what has to change."""
    advance(reply, MACHINE, "return", actor=actor, at=at, note=note, changes={"note": note.strip()[:300]})


def approve_and_publish(*, reply: Reply, actor: Person, at: datetime, version: int) -> Entry:
    """Publish a colleague's answer: outcomes, counters and the entry in one transaction.

    ``version`` is the one the approver read.  Raises ``Refused``: before
    people's time is over, for one's own words, without the power, or (with
    ``conflict``) when somebody was faster, the answer is not the one that was
    read, or somebody changed their words after it was written.  Contributions
    taken back or hidden meanwhile leave the answer.
    """
    with transaction.atomic():
        _lock_contributions(reply)
        locked = _lock(reply.consultation)
        items = ReplyItem.objects.filter(reply=reply)
        items.exclude(contribution__state=ContributionState.PUBLISHED).delete()
        ids = list(items.values_list("contribution_id", flat=True))
        if not ids:
            raise Refused(NOTHING_LEFT, conflict=True)
        if not Reply.objects.filter(pk=reply.pk, version=version).exists():
            raise Refused(STALE, conflict=True)
        changed = items.filter(contribution__version__gt=F("version")).count()
        if changed:
            raise Refused(WORDS_CHANGED.with_(count=changed), conflict=True)
        entry = advance(
            reply, MACHINE, "publish", actor=actor, at=at, changes={"approver": actor, "published_at": at},
            facts={"count": len(ids), "outcome": reply.outcome, "consultation": locked.pk},
        )  # fmt: skip
        answered = Contribution.objects.filter(pk__in=ids, outcome=Outcome.WAITING).update(outcome=reply.outcome)
        Consultation.objects.filter(pk=locked.pk).update(answered_count=F("answered_count") + answered)
        return entry


def _lock_contributions(reply: Reply) -> None:
    """Lock what is answered, in one order everywhere: contributions, consultation, reply.

    Taking back and supporting lock the contribution and then count in its consultation.
    """
    answered = Contribution.objects.filter(reply_item__reply=reply).order_by("pk")
    list(answered.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _lock(consultation: Consultation) -> Consultation:
    """Lock the consultation before its replies: closing and answering take turns.

    Without its key, so that people who speak meanwhile need not wait.
    """
    rows = Consultation.objects.select_for_update(of=("self",), no_key=True).select_related("sponsor", "place")
    return rows.get(pk=consultation.pk)


def _current(reply: Reply | None, version: int) -> Reply | None:
    if reply is None:
        return None
    current = Reply.objects.select_for_update(no_key=True).get(pk=reply.pk)
    if not current.is_editable:
        raise Refused(WRONG_STATE, conflict=True)
    if current.version != version:
        raise Refused(STALE, conflict=True)
    return current


def _set_items(reply: Reply, contributions: Sequence[Contribution]) -> None:
    wanted = {contribution.pk: contribution for contribution in contributions}
    answerable = set(
        Contribution.objects.published()
        .roots()
        .filter(pk__in=wanted, consultation_id=reply.consultation_id)
        .values_list("pk", flat=True)
    )
    if wanted.keys() - answerable:
        raise Refused(NOT_ANSWERABLE.with_(count=len(wanted.keys() - answerable)), conflict=True)
    taken = ReplyItem.objects.filter(contribution__in=wanted).exclude(reply=reply).count()
    if taken:
        raise Refused(TAKEN.with_(count=taken), conflict=True)
    ReplyItem.objects.filter(reply=reply).delete()
    try:
        with transaction.atomic():
            ReplyItem.objects.bulk_create(
                ReplyItem(reply=reply, contribution=wanted[pk], version=wanted[pk].version) for pk in sorted(wanted)
            )
    except IntegrityError as error:
        raise Refused(TAKEN.with_(count=1), conflict=True) from error


def _clause_number(consultation: Consultation, clause: UUID | None) -> str:
    if clause is None:
        return ""
    clauses = clauses_of(consultation.revision) if consultation.revision_id else []
    number = next((each.number for each in clauses if each.id == clause), None)
    if number is None:
        raise Unfit(CLAUSE_UNKNOWN)
    return number


def _optional(text: str) -> str:
    return plain(text, limit=MAX_LENGTH) if text.strip() else ""
