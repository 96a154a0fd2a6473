"""Opening, extending, withdrawing and concluding consultations."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext_lazy as _

from civic.access.machines import advance
from civic.access.questions import require
from civic.audit.models import Entry
from civic.core.clock import Window
from civic.core.refusals import NOTE_NEEDED, STALE, WRONG_STATE, Reason, Refused
from civic.core.writing import Update, insert_new
from civic.events.bus import publish
from civic.people.models import Person
from civic.ui.dates import when_text
from consult.consultations import actions
from consult.consultations.concluding import why_not_yet
from consult.consultations.kinds import PARTICIPATION, PhaseKind
from consult.consultations.models import Consultation, Follow, Participation, Phase
from consult.consultations.presets import PRESETS
from consult.consultations.states import MACHINE, State

ADDRESS_TAKEN = Reason("address-taken", _("Another consultation already uses this address: choose a different one."))
NO_PARTICIPATION = Reason("no-participation", _("Add at least one phase in which people can take part."))
PHASES_OVERLAP = Reason("phases-overlap", _("Two phases overlap: each must end before the next begins."))
IN_THE_PAST = Reason("in-the-past", _("The first phase would open in the past: choose a later time."))
TOO_SHORT = Reason(
    "too-short",
    _("This template asks for at least %(days)s days; you gave %(given)s. Lengthen it, or publish the reason."),
)
NOT_LONGER = Reason("not-longer", _("People were promised the time until %(until)s: it can be extended, not cut."))
TOO_WIDE = Reason(
    "asked-too-wide", _("%(office)s works for %(place)s: it can ask the people who live there, or in a part of it.")
)
IS_USED = Reason(
    "consultation-is-used", _("A poll was drafted for this consultation: let that stand alone, or throw it away first.")
)
UNANSWERED = Reason(
    "unanswered",
    _("%(count)s contributions have no published answer yet. Answer them first: each one gets an outcome."),
)


@dataclass(frozen=True)
class PhasePlan:
    """A phase as planned: its kind and its stretch of time."""

    kind: PhaseKind
    window: Window


def create(*, actor: Person, at: datetime, phases: Sequence[PhasePlan], **fields: Any) -> Consultation:
    """Draft a consultation with its phases; ``fields`` are the model's own.

    Raises ``Refused`` when the actor may not for this sponsor, the address is
    taken, people outside the sponsor's place are asked, or the phases overlap or
    leave nobody time to take part.
    """
    with transaction.atomic():
        require(actor, actions.MANAGE, fields["sponsor"], at=at)
        consultation = Consultation(created_by=actor, **fields)
        _check_reach(consultation)
        _date(consultation, phases)
        try:
            with transaction.atomic():
                consultation.save(force_insert=True)
        except IntegrityError as error:
            if Consultation.objects.filter(slug=consultation.slug).exists():
                raise Refused(ADDRESS_TAKEN) from error
            raise
        _write_phases(consultation, phases)
        publish(actions.CREATED, subject=consultation, actor=actor, at=at)
        return consultation


def change_draft(
    *,
    consultation: Consultation,
    actor: Person,
    at: datetime,
    phases: Sequence[PhasePlan],
    seen: str | None = None,
    **fields: Any,
) -> None:
    """Rewrite a draft.

    ``seen`` is the ``fingerprint`` of what the writer was shown.  Raises
    ``Refused`` once it has been announced, when a colleague changed it
    meanwhile (``conflict``), or when the actor may not for its new sponsor.
    """
    with transaction.atomic():
        current = Consultation.objects.select_for_update().get(pk=consultation.pk)
        if current.state != State.DRAFT:
            raise Refused(WRONG_STATE, conflict=True)
        require(actor, actions.MANAGE, current, at=at)
        _check_seen(current, seen)
        for name, value in fields.items():
            setattr(current, name, value)
        require(actor, actions.MANAGE, current.sponsor, at=at)
        _check_reach(current)
        _date(current, phases)
        try:
            with transaction.atomic():
                current.save()
        except IntegrityError as error:
            if Consultation.objects.filter(slug=current.slug).exclude(pk=current.pk).exists():
                raise Refused(ADDRESS_TAKEN) from error
            raise
        current.phases.all().delete()
        _write_phases(current, phases)
    consultation.refresh_from_db()


def announce(*, consultation: Consultation, actor: Person, at: datetime, seen: str | None = None) -> None:
    """Announce a draft and freeze its rules.

    ``seen`` is the ``fingerprint`` of what the actor read.  Raises ``Refused``
    when it was changed since (``conflict``), the first phase lies in the past,
    or the period is shorter than the template asks and no reason is given.
    """
    with transaction.atomic():
        rows = Consultation.objects.select_for_update(of=("self",)).select_related("open_to", "sponsor__place")
        current = rows.get(pk=consultation.pk)
        _check_seen(current, seen)
        rules = _ready_rules(current, at=at)
        advance(
            consultation, MACHINE, "announce", actor=actor, at=at,
            changes={"rules": rules, "rules_hash": hash_of(rules), "announced_at": at},
            facts={"rules_hash": hash_of(rules)},
        )  # fmt: skip


def drop(*, consultation: Consultation, actor: Person, at: datetime, seen: str | None = None) -> None:
    """Throw a draft away: it was never public, and nobody has said anything to it.

    ``seen`` as for ``announce``.  Raises ``Refused`` once it has been announced,
    or was changed since (``conflict``), when something else was drafted for it (``conflict``), and when the actor
    may not.
    """
    with transaction.atomic():
        current = Consultation.objects.select_for_update().get(pk=consultation.pk)
        require(actor, actions.MANAGE, current, at=at)
        if current.state != State.DRAFT:
            raise Refused(WRONG_STATE, conflict=True)
        _check_seen(current, seen)
        publish(actions.DROPPED, subject=current, actor=actor, at=at)
        try:
            current.delete()
        except ProtectedError as error:
            raise Refused(IS_USED, conflict=True) from error


def why_not_ready(consultation: Consultation, *, at: datetime) -> Reason | None:
    """Return why a draft cannot be announced now, or None when it can."""
    try:
        _ready_rules(consultation, at=at)
    except Refused as refusal:
        return refusal.reason
    return None


def fingerprint(consultation: Consultation) -> str:
    """Return a short digest of everything a draft's writer can change."""
    words = {name: getattr(consultation, name) for name in _WRITTEN}
    phases = list(consultation.phases.all())
    rules = frozen_rules(consultation, phases) if consultation.answer_due_at is not None else {}
    return hash_of(rules | words)[:16]


_WRITTEN = (
    "slug", "title", "title_en", "summary", "summary_en", "question", "question_en",
    "background", "background_en", "sponsor_id", "place_id", "policy_id",
)  # fmt: skip


def _check_seen(consultation: Consultation, seen: str | None) -> None:
    if seen is not None and seen != fingerprint(consultation):
        raise Refused(STALE, conflict=True)


def _ready_rules(consultation: Consultation, *, at: datetime) -> dict[str, Any]:
    phases = list(consultation.phases.all())
    if not phases or consultation.opens_at is None:
        raise Refused(NO_PARTICIPATION)
    if consultation.opens_at < at - timedelta(minutes=10):
        raise Refused(IN_THE_PAST)
    _check_reach(consultation)
    _check_length(consultation)
    return frozen_rules(consultation, phases)


def extend(*, consultation: Consultation, actor: Person, until: datetime, note: str, at: datetime) -> None:
    """Give people more time: the last participation phase ends later, and so does what follows.

    A public, reasoned entry; the frozen rules are written anew with the new
    dates.  Raises ``Refused`` without a note, when ``until`` is not later, or
    when participation is already over.
    """
    with transaction.atomic():
        current = Consultation.objects.select_for_update().get(pk=consultation.pk)
        require(actor, actions.MANAGE, current, at=at)
        if current.state != State.ANNOUNCED or current.closes_at is None or at >= current.closes_at:
            raise Refused(WRONG_STATE, conflict=True)
        if not note.strip():
            raise Refused(NOTE_NEEDED)
        if until <= current.closes_at:
            raise Refused(NOT_LONGER.with_(until=when_text(current.closes_at, at)))
        shift = until - current.closes_at
        for phase in current.phases.order_by("-opens_at"):
            # What lay before the closing stays; what begins with it, or later, moves along.
            if phase.opens_at >= current.closes_at:
                phase.opens_at += shift
            if phase.closes_at >= current.closes_at:
                phase.closes_at += shift
            phase.save(update_fields=["opens_at", "closes_at"])
        current.closes_at = until
        current.answer_due_at = (current.answer_due_at or until) + shift
        current.rules = frozen_rules(current, list(current.phases.all()))
        current.rules_hash = hash_of(current.rules)
        current.save(update_fields=["closes_at", "answer_due_at", "rules", "rules_hash"])
        publish(
            actions.EXTENDED, subject=current, actor=actor, at=at,
            facts={"until": until.isoformat(), "note": note, "rules_hash": current.rules_hash},
        )  # fmt: skip
    consultation.refresh_from_db()


def withdraw(*, consultation: Consultation, actor: Person, note: str, at: datetime) -> None:
    """End a consultation before its answer, with a public reason."""
    advance(
        consultation, MACHINE, "withdraw", actor=actor, at=at, note=note, changes={"withdrawn_because": note.strip()}
    )


def conclude(*, consultation: Consultation, actor: Person, at: datetime) -> None:
    """Close a consultation as answered.

    Raises ``Refused`` while one contribution has no published answer, before
    people's time is over, or while something plugged into ``concluding`` is
    not over.  The database holds the first promise too.
    """
    with transaction.atomic():
        current = Consultation.objects.select_for_update().get(pk=consultation.pk)
        if current.unanswered_count:
            raise Refused(UNANSWERED.with_(count=current.unanswered_count))
        reason = why_not_yet(current, at=at)
        if reason is not None:
            raise Refused(reason)
        advance(
            consultation, MACHINE, "answer", actor=actor, at=at, changes={"answered_at": at},
            facts={"answered": current.answered_count, "contributions": current.contribution_count},
        )  # fmt: skip


def archive(*, consultation: Consultation, actor: Person, at: datetime) -> None:
    """Put an answered consultation away: it stays readable, nothing is due any more."""
    advance(consultation, MACHINE, "archive", actor=actor, at=at)


def follow(*, consultation: Consultation, person: Any, at: datetime) -> None:
    """Let a person hear what becomes of it; following twice changes nothing."""
    require(person, actions.FOLLOW, consultation, at=at)
    Follow.objects.get_or_create(consultation=consultation, person=person, defaults={"since": at})


def unfollow(*, consultation: Consultation, person: Person) -> None:
    """Stop following."""
    Follow.objects.filter(consultation=consultation, person=person).delete()


_ONE_MORE = Update(
    lambda pk: (Consultation.objects.filter(pk=pk), {"participant_count": F("participant_count") + 1}), pk=int
)


def note_participation(*, consultation_id: int, person_id: int, at: datetime) -> None:
    """Count a person once as a participant; assumes the caller's transaction."""
    took_part = Participation(consultation_id=consultation_id, person_id=person_id, first_at=at)
    if insert_new(took_part, one_per=("consultation", "person")):
        _ONE_MORE(pk=consultation_id)


def record_clock(*, at: datetime) -> int:
    """Write the entries for what the clock has opened and closed; return how many.

    The entries carry the instant they were due.  Running it twice, or never,
    changes nothing about what people may do.
    """
    written = 0
    for consultation in Consultation.objects.filter(state=State.ANNOUNCED, opens_at__lte=at).order_by("pk"):
        moments = [(actions.OPENED, consultation.opens_at)]
        if consultation.closes_at and consultation.closes_at <= at:
            moments.append((actions.CLOSED, consultation.closes_at))
        for entry_type, due_at in moments:
            written += _record_once(consultation, entry_type, due_at)
    return written


def frozen_rules(consultation: Consultation, phases: Sequence[Phase]) -> dict[str, Any]:
    """Return who, how and when as plain data: what is frozen and hashed."""
    assert consultation.answer_due_at is not None  # dated drafts have it
    return {
        "template": consultation.template,
        "open_to": consultation.open_to.code,
        "level": int(consultation.level),
        "policy_revision": consultation.revision_id,
        "phases": [[p.kind, p.opens_at.isoformat(), p.closes_at.isoformat()] for p in phases],
        "answer_due_at": consultation.answer_due_at.isoformat(),
        "shorter_because": consultation.shorter_because,
    }


def hash_of(rules: dict[str, Any]) -> str:
    """Return the SHA-256 of rules in canonical JSON (sorted keys, no blanks), in hexadecimal."""
    canonical = json.dumps(rules, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _record_once(consultation: Consultation, entry_type: str, due_at: datetime | None) -> int:
    assert due_at is not None  # announced consultations have their dates
    told = Entry.objects.about(consultation).filter(type=entry_type)
    if told.exists():
        return 0  # without a lock: this is asked of everything open, every few seconds
    with transaction.atomic():
        Consultation.objects.select_for_update(no_key=True).get(pk=consultation.pk)
        if told.exists():
            return 0
        publish(entry_type, subject=consultation, actor=None, at=due_at)
        return 1


def _date(consultation: Consultation, phases: Sequence[PhasePlan]) -> None:
    ordered = sorted(phases, key=lambda plan: plan.window.opens_at)
    taking_part = [plan.window for plan in ordered if plan.kind in PARTICIPATION]
    if not taking_part:
        raise Refused(NO_PARTICIPATION)
    for earlier, later in pairwise(ordered):
        if earlier.window.overlaps(later.window):
            raise Refused(PHASES_OVERLAP)
    consultation.opens_at = taking_part[0].opens_at
    consultation.closes_at = taking_part[-1].closes_at
    replying = [plan.window.closes_at for plan in ordered if plan.kind == PhaseKind.REPLY]
    fallback = timedelta(days=PRESETS[consultation.template].answer_days)
    assert consultation.closes_at is not None  # a plan's window has an end
    consultation.answer_due_at = replying[-1] if replying else consultation.closes_at + fallback


def _write_phases(consultation: Consultation, phases: Sequence[PhasePlan]) -> None:
    Phase.objects.bulk_create(
        Phase(consultation=consultation, kind=plan.kind, opens_at=plan.window.opens_at, closes_at=closes_at)
        for plan in phases
        if (closes_at := plan.window.closes_at) is not None
    )


def _check_reach(consultation: Consultation) -> None:
    """An office asks the people of its own place, or of a part of it."""
    office = consultation.sponsor
    if not office.place.contains(consultation.open_to):
        raise Refused(TOO_WIDE.with_(office=office, place=office.place))


def _check_length(consultation: Consultation) -> None:
    assert consultation.opens_at is not None  # announce() checked
    assert consultation.closes_at is not None
    preset = PRESETS[consultation.template]
    given = (consultation.closes_at - consultation.opens_at) / timedelta(days=1)
    if given < preset.minimum_days and not consultation.shorter_because.strip():
        raise Refused(TOO_SHORT.with_(days=preset.minimum_days, given=int(given)))
