"""Drafting, announcing, opening and withdrawing polls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from civic.access.machines import advance
from civic.access.questions import require
from civic.core.refusals import NOTE_NEEDED, STALE, WRONG_STATE, Reason, Refused, Unfit
from civic.events.bus import publish
from civic.people.models import Person
from consult.consultations.states import State as ConsultationState
from consult.voting import actions, chain, closing, keys, roll, stores
from consult.voting.hashing import canonical_json, sha256
from consult.voting.methods.registry import METHODS
from consult.voting.methods.rules import BadRules
from consult.voting.models import (
    BoxHours,
    BoxSeal,
    BulletinEntry,
    Choice,
    Grade,
    PictureWords,
    Poll,
    PollKey,
    RollEntry,
    Secrecy,
)
from consult.voting.presets import preset_of
from consult.voting.rules import in_a_meeting
from consult.voting.states import MACHINE, State

ADDRESS_TAKEN = Reason("poll-address-taken", _("Another poll already uses this address: choose a different one."))
KEYS_TWICE = Reason("choice-keys-twice", _("Two choices have the same short name: give each its own."))
TOO_FEW_CHOICES = Reason("too-few-choices", _("A poll needs at least two choices."))
CLOSES_FIRST = Reason("closes-before-opening", _("Voting must close after it opens."))
PAPER_FIRST = Reason("paper-before-closing", _("Paper is typed in after closing: choose a later time, or none."))
IN_THE_PAST = Reason("poll-in-the-past", _("Voting would have ended already: choose a later time."))
OPENS_IN_THE_PAST = Reason("poll-opens-in-the-past", _("Voting would have begun already: choose a later opening."))
TOO_SHORT = Reason("poll-too-short", _("This kind of decision stays open for at least %(days)s days."))
BAD_COUNTING = Reason("bad-counting-rules", _("No ballots can be counted by these rules: %(why)s."))
CONSULTATION_FIRST = Reason(
    "consultation-first",
    _("The consultation it belongs to is a draft nobody can read: announce that first, or choose another or none."),
)
NOBODY = Reason("roll-is-empty", _("Nobody would be allowed to vote: look at who may."))
LEVEL_RESERVED = Reason("level-reserved", _("This level of secrecy is not offered yet."))
CALL_A_MEETING = Reason(
    "call-a-meeting",
    _("A show of hands has a form of its own: “Call a meeting with a show of hands”, above the list of polls."),
)
ROLL_FIRST = Reason("roll-first", _("Draw the roll first: how many may vote is published before voting begins."))
ALREADY_THERE = Reason("already-on-roll", _("This person is on the roll already."))
NO_ACCOUNT = Reason("no-account", _("Only people with an account of their own can be put on a roll."))

# Somebody may read the page for a while before announcing.
JUST_NOW = timedelta(minutes=10)
YES_NO = ("yes", "no", "abstain")
# At the desk the form of a new poll has this address.
RESERVED = {"new"}


@dataclass(frozen=True)
class ChoicePlan:
    """A choice as planned."""

    key: str
    title: str
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    cost: int | None = None
    picture: Any = None


def draft_poll(*, actor: Person, at: datetime, choices: Sequence[ChoicePlan], **fields: Any) -> Poll:
    """Draft a poll with its choices; ``fields`` are the model's own.

    Raises ``Refused`` when the actor may not for this sponsor, the address is taken, the choices are too few or
    share a key, or no ballots could be counted by its rules; ``Unfit`` for a roll rule that says nothing.
    """
    with transaction.atomic():
        require(actor, actions.MANAGE, fields["sponsor"], at=at)
        poll = Poll(created_by=actor, **fields)
        _write(poll, choices, is_new=True)
        publish(actions.CREATED, subject=poll, actor=actor, at=at)
        return poll


def change_poll(
    *, poll: Poll, actor: Person, at: datetime, choices: Sequence[ChoicePlan], seen: str | None = None, **fields: Any
) -> None:
    """Rewrite a draft; a choice that keeps its key keeps its picture, a roll that is no list any more loses its list.

    ``seen`` is the ``fingerprint`` of what the writer was shown.  Raises ``Refused`` once it has been announced,
    when a colleague changed it meanwhile (``conflict``), or as ``draft_poll`` does.
    """
    with transaction.atomic():
        current = _draft(poll, actor, seen, at)
        for name, value in fields.items():
            setattr(current, name, value)
        require(actor, actions.MANAGE, current.sponsor, at=at)
        pictures = dict(current.choices.exclude(picture=None).values_list("key", "picture"))
        _write(current, choices, is_new=False)
        for key, picture in pictures.items():
            current.choices.filter(key=key, picture=None).update(picture=picture)
        if current.roll_rule.get("kind") != "list":
            current.listed.all().delete()
    poll.refresh_from_db()


def illustrate(*, poll: Poll, actor: Person, key: str, picture: Any, at: datetime, shows_en: str = "") -> None:
    """Put a picture (None: none) beside a choice of a draft, with what it shows in English.

    Raises ``Refused`` once it has been announced.
    """
    with transaction.atomic():
        current = _draft(poll, actor, None, at)
        current.choices.filter(key=key).update(picture=picture)
        if picture is not None and shows_en:
            PictureWords.objects.update_or_create(picture=picture, defaults={"shows": shows_en})
        elif picture is not None:
            PictureWords.objects.filter(picture=picture).delete()


def drop(*, poll: Poll, actor: Person, at: datetime, seen: str | None = None) -> None:
    """Throw a draft away: it was never public.  Raises ``Refused`` once it has been announced, or was changed since."""
    with transaction.atomic():
        current = _draft(poll, actor, seen, at)
        publish(actions.DROPPED, subject=current, actor=actor, at=at)
        current.delete()


def announce(*, poll: Poll, actor: Person, at: datetime, seen: str | None = None) -> None:
    """Show a draft to everybody.

    ``seen`` as for ``change_poll``.  Raises ``Refused`` when its time is over or shorter than its kind asks, and
    ``Unfit`` while no roll could be drawn by its rule.
    """
    with transaction.atomic():
        current = _draft(poll, actor, seen, at)
        _has_a_box(current)
        if (reason := why_not_ready(current, at=at)) is not None:
            raise Refused(reason)
        advance(poll, MACHINE, "announce", actor=actor, at=at, changes={"announced_at": at})


def why_not_ready(poll: Poll, *, at: datetime) -> Reason | None:
    """Return why a draft cannot be announced now, or None when it can."""
    days = preset_of(poll.preset).minimum_days
    try:
        roll.check_ready(poll)
    except Unfit as unfit:
        return unfit.reason
    if names_a_draft(poll):
        return CONSULTATION_FIRST
    if poll.closes_at <= at:
        return IN_THE_PAST
    if poll.opens_at < at - JUST_NOW:
        return OPENS_IN_THE_PAST
    if poll.closes_at - poll.opens_at < timedelta(days=days):
        return TOO_SHORT.with_(days=days)
    return None


def names_a_draft(poll: Poll) -> bool:
    """Tell whether a poll's pages would name and lead to a consultation that is not public."""
    return poll.consultation is not None and poll.consultation.state == ConsultationState.DRAFT


def fingerprint(poll: Poll) -> str:
    """Return a short digest of everything a draft's writer can change."""
    words = [poll.about, poll.about_en, poll.consultation_id]
    choices = [[each.key, each.text, each.text_en, each.picture_id] for each in poll.choices.all()]
    return sha256(canonical_json([frozen_rules(poll), words, choices]))[:16]


def draw_roll(*, poll: Poll, actor: Person | None, at: datetime) -> int:
    """Draw the roll of an announced poll, once, and publish how many may vote; return the number.

    Also freezes and hashes the rules: the roll was drawn by these.  Raises ``Refused`` when it would be empty.
    """
    with transaction.atomic():
        current = _held(poll, State.ANNOUNCED)
        if actor is not None:
            require(actor, actions.MANAGE, current, at=at)
        if current.roll_size is not None:
            raise Refused(WRONG_STATE, conflict=True)
        current.rules = frozen_rules(current)
        current.rules_hash = sha256(canonical_json(current.rules))
        current.roll_size = roll.draw(current, rules_hash=current.rules_hash, at=at)
        if not current.roll_size:
            raise Refused(NOBODY)
        current.roll_by_place = roll.by_place(current)
        current.save(update_fields=["rules", "rules_hash", "roll_size", "roll_by_place"])
        publish(actions.ROLL_DRAWN, subject=current, actor=actor, at=at, facts={"size": current.roll_size})
    poll.refresh_from_db()
    return current.roll_size


def open_poll(*, poll: Poll, actor: Person | None, at: datetime) -> None:
    """Sign the first entry of the chain and set up the box, for the hours the rules say.

    May be done ahead of the opening: ballots are taken from then on by the clock, without anybody's doing.
    Without an ``actor`` the clock opens it (``opening``).
    """
    with transaction.atomic():
        current = _held(poll, State.ANNOUNCED)
        if current.roll_size is None:
            raise Refused(ROLL_FIRST)
        facts = {"rules_hash": current.rules_hash, "roll": current.roll_size}
        if actor is not None:
            advance(poll, MACHINE, "open", actor=actor, at=at, facts=facts)
        else:
            Poll.objects.filter(pk=current.pk).update(state=State.OPEN)
            publish(
                actions.OPENED, subject=current, actor=None, at=at,
                facts=facts | {"from": State.ANNOUNCED, "to": State.OPEN},
            )  # fmt: skip
        key = keys.new(current.pk)
        PollKey.objects.create(poll=current, public=key.public, sealed=key.sealed)
        BoxHours.objects.create(
            poll=current.pk, opens_at=current.opens_at, closes_at=current.closes_at, seals_at=current.seals_at
        )
        chain.append(
            current,
            BulletinEntry.Kind.OPENED,
            {
                "poll": current.pk, "rules_hash": current.rules_hash, "public_key": key.public,
                "roll": {"size": current.roll_size, "by_place": current.roll_by_place},
                "opens_at": current.opens_at.isoformat(), "closes_at": current.closes_at.isoformat(),
            },
        )  # fmt: skip
    poll.refresh_from_db()


def add_to_roll(*, poll: Poll, person: Person, actor: Person, note: str, at: datetime) -> None:
    """Put somebody on the roll whom the drawing missed: a public entry with its reason, without a name."""
    with transaction.atomic():
        current = _held(poll, State.OPEN)
        _has_a_box(current)
        require(actor, actions.MANAGE, current, at=at)
        if not note.strip():
            raise Refused(NOTE_NEEDED)
        if at >= current.closes_at:
            raise Refused(WRONG_STATE, conflict=True)
        if not person.is_active or person.is_imported or person.erased_at is not None:
            raise Refused(NO_ACCOUNT)
        try:
            with transaction.atomic():
                roll.write(current, [(person.pk, person.residence_id)], rules_hash=current.rules_hash, later=True)
        except IntegrityError as error:
            raise Refused(ALREADY_THERE) from error
        chain.append(current, BulletinEntry.Kind.ADDED_TO_ROLL, {"added": 1, "reason": note.strip()})
        publish(actions.ADDED_TO_ROLL, subject=current, actor=actor, at=at, facts={"count": 1, "note": note.strip()})


def withdraw(*, poll: Poll, actor: Person, note: str, at: datetime) -> None:
    """End a poll before it is counted, with a public reason; its box is sealed and never counted.

    What was cast is written anew in random order as at any end: withdrawing must not keep who cast what.
    """
    with transaction.atomic():
        stores.hold_poll(poll.pk)  # first, as when closing: casts under way are waited for
        advance(
            poll, MACHINE, "withdraw", actor=actor, at=at, note=note, changes={"withdrawn_because": note.strip()[:300]}
        )
        poll.listed.all().delete()
        if BoxHours.objects.filter(poll=poll.pk).exists():
            _seal, sealed_now = BoxSeal.objects.get_or_create(poll=poll.pk)
            if sealed_now:
                closing.write_anew(poll)
                transaction.on_commit(closing.forget_former_places, robust=True)


def roll_now(poll: Poll) -> int:
    """Return how many are on the roll, those added later included."""
    return RollEntry.objects.filter(poll=poll).count()


def frozen_rules(poll: Poll) -> dict[str, Any]:
    """Return everything a poll promises as plain data: what is hashed, published and never changed."""
    return {
        "poll": poll.pk, "slug": poll.slug, "title": poll.title, "title_en": poll.title_en,
        "question": poll.question, "question_en": poll.question_en,
        "sponsor": poll.sponsor.slug, "place": poll.place.code,
        "preset": poll.preset, "binding": preset_of(poll.preset).binding,
        "opens_at": poll.opens_at.isoformat(), "closes_at": poll.closes_at.isoformat(),
        "seals_at": poll.seals_at.isoformat(),
        "secrecy": poll.secrecy, "grade": poll.grade, "results_hidden": poll.results_hidden,
        "may_replace": poll.may_replace, "random_order": poll.random_order, "roll": poll.roll_rule,
        "choices": [
            {"id": each.key, "title": each.title, "title_en": each.title_en, "cost": each.cost}
            for each in poll.choices.all()
        ],
        "counting": poll.counting_rules.to_json(),
        "ties": "earlier-stage, then lowest SHA-256(seed|stage|choice)",
    }  # fmt: skip


def _has_a_box(poll: Poll) -> None:
    """A meeting is called and minuted (``meetings``), never opened or drawn a roll of."""
    if poll.is_meeting:
        raise Refused(in_a_meeting(poll))


def _held(poll: Poll, state: str) -> Poll:
    current = Poll.objects.select_for_update().get(pk=poll.pk)
    if current.state != state:
        raise Refused(WRONG_STATE, conflict=True)
    return current


def _draft(poll: Poll, actor: Person, seen: str | None, at: datetime) -> Poll:
    current = Poll.objects.select_for_update().get(pk=poll.pk)
    if current.state != State.DRAFT:
        raise Refused(WRONG_STATE, conflict=True)
    require(actor, actions.MANAGE, current, at=at)
    if seen is not None and seen != fingerprint(current):
        raise Refused(STALE, conflict=True)
    return current


def _write(poll: Poll, choices: Sequence[ChoicePlan], *, is_new: bool) -> None:
    _check(poll, choices)
    try:
        with transaction.atomic():
            poll.save(force_insert=is_new)
    except IntegrityError as error:
        if Poll.objects.filter(slug=poll.slug).exclude(pk=poll.pk).exists():
            raise Refused(ADDRESS_TAKEN) from error
        raise
    poll.choices.all().delete()
    Choice.objects.bulk_create(
        Choice(poll=poll, position=position, **vars(plan)) for position, plan in enumerate(choices, start=1)
    )
    try:
        if poll.method not in METHODS:
            raise BadRules(poll.method)
        _rules = poll.counting_rules
    except (BadRules, TypeError, ValueError, KeyError) as error:
        raise Refused(BAD_COUNTING.with_(why=error)) from error


def _check(poll: Poll, choices: Sequence[ChoicePlan]) -> None:
    names = [plan.key for plan in choices]
    if poll.slug in RESERVED:
        raise Refused(ADDRESS_TAKEN)
    if len(choices) < 2:
        raise Refused(TOO_FEW_CHOICES)
    if len(set(names)) != len(names):
        raise Refused(KEYS_TWICE)
    if poll.method == "yes-no" and tuple(names) != YES_NO:
        raise Refused(BAD_COUNTING.with_(why=", ".join(YES_NO)))
    if poll.secrecy == Secrecy.BY_BLIND_TOKEN:
        raise Refused(LEVEL_RESERVED)
    if poll.is_meeting != (poll.roll_rule.get("kind") == "meeting"):
        raise Refused(CALL_A_MEETING)
    if poll.closes_at <= poll.opens_at:
        raise Refused(CLOSES_FIRST)
    if poll.paper_until is not None and poll.paper_until < poll.closes_at:
        raise Refused(PAPER_FIRST)
    roll.check(poll.roll_rule)


def advised_grade(method: str, choices: int, points: int | None = None) -> Grade:
    """Return how much of the ballots can be published without long rankings becoming signatures."""
    if points is not None:
        # As many ways to spread the points as there are to tick twenty boxes.
        return Grade.PUBLIC if comb(points + choices, choices) <= 2**20 else Grade.AUDITOR
    if method in {"irv", "stv", "schulze", "score"}:
        return Grade.PUBLIC if choices <= 6 else Grade.AUDITOR
    return Grade.PUBLIC if choices <= 20 else Grade.AUDITOR
