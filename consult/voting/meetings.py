"""Meetings that decide by a show of hands: called with notice, written down, confirmed by two witnesses, published.

Nobody is put on a roll and nothing enters the ballot box: what is kept are numbers, and two people besides the clerk
who stand for them with accounts of their own (docs/decisions/0020-witnesses-confirm-by-themselves.md).
"""

import hashlib
import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.images import ImageFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import Image

from civic.access.machines import advance
from civic.access.questions import holders, require
from civic.core.refusals import STALE, WRONG_STATE, Reason, Refused, Unfit
from civic.events.bus import publish as tell_the_house
from civic.people.models import Level, Person
from civic.people.rules import standing
from consult.voting import actions, chain, domain, keys
from consult.voting.domain import ChoicePlan
from consult.voting.hashing import canonical_json, sha256
from consult.voting.methods.hands import BY_HANDS, Hall, Needs, fewest, outcome, verdict
from consult.voting.models import BulletinEntry, Meeting, Poll, PollKey, Secrecy
from consult.voting.presets import MEETINGS, preset_of
from consult.voting.states import MACHINE, State
from orgs.bodies.models import Membership, Organisation

NOT_BY_HANDS = Reason(
    "not-by-hands", _("Hands can answer a question, choose one of several, or say yes to each of several in turn.")
)
NO_MEETING_KIND = Reason("no-meeting-kind", _("Say what kind of meeting it is, and so which law it rests on."))
TOO_LITTLE_NOTICE = Reason(
    "too-little-notice", _("This kind of meeting is announced at least %(days)s days before it begins.")
)
NOT_BEGUN = Reason("meeting-not-begun", _("What came of a meeting is written down once it has begun."))
MORE_THAN_ENTITLED = Reason("more-than-entitled", _("More people came than the %(most)s who are entitled."))
MORE_HOUSEHOLDS = Reason("more-households", _("More households came than the %(most)s there are."))
HOUSEHOLDS_WITHOUT_PEOPLE = Reason(
    "more-households-than-people", _("%(present)s people cannot have come from more households than that.")
)
MORE_HANDS = Reason("more-hands", _("More hands were raised than the %(most)s people who came."))
HANDS_MISSING = Reason("hands-missing", _("Say for every choice how many hands were raised, 0 for none."))
ADVISORY_UNFIT = Reason(
    "advisory-unfit",
    _("This poll cannot stand beside a meeting: choose one with ballots that asks a question or for a choice."),
)
WITNESSES_ALIKE = Reason("witnesses-alike", _("The two witnesses must be two different people."))
WITNESS_IS_CLERK = Reason("witness-is-clerk", _("Who writes the minutes cannot witness them: name somebody else."))
WITNESS_OF_THE_OFFICE = Reason(
    "witness-of-the-office", _("A witness must not belong to the office that keeps the minutes: name somebody else.")
)
WITNESS_JOINED = Reason(
    "witness-of-the-office-by-now",
    _("You belong to the office that keeps the minutes by now: it has to name another witness."),
)
WITNESS_PUBLISHES = Reason(
    "witness-publishes", _("You witnessed these minutes: somebody else of the office has to publish them.")
)
WITNESS_UNKNOWN = Reason(
    "witness-unknown", _("This witness cannot confirm at the moment: the account must have a confirmed address.")
)
WITNESSES_MISSING = Reason(
    "witnesses-missing", _("Both witnesses must confirm first: then the minutes can be published.")
)
PICTURE = "max-1200x1600"
SIGNS = {b"\x89PNG": "png", b"RIFF": "webp"}
HAS_CONFIRMED = Reason("has-confirmed", _("You have confirmed these minutes already."))


@dataclass(frozen=True)
class Called:
    """What the notice of a meeting says."""

    venue: str
    entitled: int
    venue_en: str = ""
    households: int | None = None
    advisory: Poll | None = None


@dataclass(frozen=True)
class Minutes:
    """What a clerk writes down: one whole entry."""

    present: int
    hands: Mapping[str, int]
    witnesses: tuple[Person, Person]
    households_present: int | None = None
    points: str = ""
    follow_up: str = ""
    executor: str = ""
    due: date | None = None
    photo: bytes | None = None


def draft(*, actor: Person, at: datetime, choices: Sequence[ChoicePlan], called: Called, **fields: Any) -> Poll:
    """Draft the poll of a meeting; ``fields`` are the poll's own.

    Raises ``Refused`` as ``domain.draft_poll`` does, and for a kind that is no meeting's or a method no hands can do.
    """
    with transaction.atomic():
        poll = domain.draft_poll(actor=actor, at=at, choices=choices, **_of_a_meeting(called, fields))
        # Held in a place the actor has no power over, nobody could call it afterwards.
        require(actor, actions.MANAGE, poll, at=at)
        Meeting.objects.create(poll=poll, **vars(called))
        return poll


def change(
    *, poll: Poll, actor: Person, at: datetime, choices: Sequence[ChoicePlan], called: Called, seen: str | None = None,
    **fields: Any,
) -> None:  # fmt: skip
    """Rewrite what was drafted; refused once the meeting is called, or a colleague changed what the writer had ``seen``."""
    with transaction.atomic():
        _as_seen(Poll.objects.select_for_update().get(pk=poll.pk), seen)
        domain.change_poll(poll=poll, actor=actor, at=at, choices=choices, **_of_a_meeting(called, fields))
        Meeting.objects.filter(poll=poll).update(**vars(called))


def fingerprint(poll: Poll) -> str:
    """Return a short digest of everything a drafted notice says."""
    meeting = _meeting(poll)
    return sha256(canonical_json([domain.fingerprint(poll), _frozen(meeting, poll), meeting.venue_en]))[:16]


def drop(*, poll: Poll, actor: Person, at: datetime, seen: str | None = None) -> None:
    """Throw a drafted notice away; ``seen`` and refusals as ``call`` has them, everything else as ``domain.drop``."""
    with transaction.atomic():
        current = Poll.objects.select_for_update().get(pk=poll.pk)
        _as_seen(current, seen)
        domain.drop(poll=current, actor=actor, at=at)


def call(*, poll: Poll, actor: Person, at: datetime, seen: str | None = None) -> None:
    """Announce the meeting: question, place, time and how many are entitled are frozen and signed into the chain.

    Raises ``Refused`` when it begins sooner than its kind allows, when its notice would name a consultation that is not
    public, or when a colleague changed the draft since it was ``seen``.
    """
    with transaction.atomic():
        current = Poll.objects.select_for_update().get(pk=poll.pk)
        _as_seen(current, seen)
        preset = preset_of(current.preset)
        meeting = _meeting(current)
        if domain.names_a_draft(current):
            raise Refused(domain.CONSULTATION_FIRST)
        if current.opens_at <= at:
            raise Refused(domain.IN_THE_PAST)
        if current.opens_at - at < timedelta(days=preset.notice_days):
            raise Refused(TOO_LITTLE_NOTICE.with_(days=preset.notice_days))
        frozen = domain.frozen_rules(current) | {"meeting": _frozen(meeting, current)}
        rules_hash = sha256(canonical_json(frozen))
        advance(
            poll, MACHINE, "call", actor=actor, at=at,
            changes={"announced_at": at, "rules": frozen, "rules_hash": rules_hash, "roll_size": meeting.entitled},
            facts={"entitled": meeting.entitled, "rules_hash": rules_hash},
        )  # fmt: skip
        key = keys.new(current.pk)
        current.key = PollKey.objects.create(poll=current, public=key.public, sealed=key.sealed)
        chain.append(
            current, BulletinEntry.Kind.OPENED,
            {
                "poll": current.pk, "rules_hash": rules_hash, "public_key": key.public,
                "roll": {"size": meeting.entitled, "by_place": []}, "meeting": frozen["meeting"],
                "opens_at": current.opens_at.isoformat(), "closes_at": current.closes_at.isoformat(),
            },
        )  # fmt: skip
    poll.refresh_from_db()


def write_down(*, poll: Poll, actor: Person, minutes: Minutes, version: int, at: datetime) -> int:
    """Write down a meeting, or rewrite it until it is published; return the new version.

    ``version`` is the one the clerk had before them.  Whatever the witnesses had confirmed they confirm anew.
    Raises ``Unfit`` for numbers that cannot be, ``Refused`` before the meeting, for witnesses that are none, and
    when somebody else wrote in between.
    """
    with transaction.atomic():
        current, meeting = _held(poll)
        require(actor, actions.MANAGE, current, at=at)
        if at < current.opens_at:
            raise Refused(NOT_BEGUN)
        if meeting.version != version:
            raise Refused(STALE, conflict=True)
        _check(current, meeting, minutes)
        _check_witnesses(current, minutes.witnesses, clerk=actor, at=at)
        first, second = minutes.witnesses
        for name in ("present", "households_present", "points", "follow_up", "executor", "due"):
            setattr(meeting, name, getattr(minutes, name))
        meeting.hands = dict(minutes.hands)
        meeting.hands_raised = fewest(current.method, minutes.hands)
        meeting.version, meeting.recorder = version + 1, actor
        meeting.first_witness, meeting.second_witness = first, second
        meeting.first_confirmed_at = meeting.second_confirmed_at = None
        if minutes.photo is not None:
            _keep_photo(meeting, minutes.photo, title=current.title, actor=actor)
        meeting.save()
        facts = {"present": meeting.present, "version": meeting.version}
        tell_the_house(actions.MEETING_RECORDED, subject=current, actor=actor, at=at, facts=facts)
        return meeting.version


def confirm(*, poll: Poll, witness: Person, version: int, at: datetime) -> None:
    """Stand for one version of the minutes.

    Raises ``Refused`` for anybody but its witnesses, for one who is of the office by now, and when it was rewritten.
    """
    with transaction.atomic():
        current, meeting = _held(poll)
        require(witness, actions.WITNESS, current, at=at)
        if _is_office(witness, current, at=at):  # since they were named
            raise Refused(WITNESS_JOINED)
        if meeting.version != version:
            raise Refused(STALE, conflict=True)
        field = "first_confirmed_at" if meeting.first_witness_id == witness.pk else "second_confirmed_at"
        if getattr(meeting, field) is not None:
            raise Refused(HAS_CONFIRMED, conflict=True)
        setattr(meeting, field, at)
        meeting.save(update_fields=[field])
        tell_the_house(actions.MEETING_CONFIRMED, subject=current, actor=witness, at=at, facts={"version": version})


def publish(*, poll: Poll, actor: Person, at: datetime) -> None:
    """Freeze and sign what two witnesses stand for.

    Raises ``Refused`` before both have, for one of the two, and when it is done already.
    """
    with transaction.atomic():
        current, meeting = _held(poll)
        require(actor, actions.MANAGE, current, at=at)
        if not meeting.is_confirmed:
            raise Refused(WITNESSES_MISSING)
        if actor.pk in {meeting.first_witness_id, meeting.second_witness_id}:
            raise Refused(WITNESS_PUBLISHES)
        meeting.published_at = at
        meeting.save(update_fields=["published_at"])
        result = result_of(current, meeting)
        hash_ = sha256(canonical_json(result))
        found = result["outcome"]
        chain.append(
            current, BulletinEntry.Kind.RESULT,
            {
                "result": hash_, "winners": found["winners"], "valid": found["valid"], "blank": found["blank"],
                "present": meeting.present, "witnesses": 2,
            },
        )  # fmt: skip
        advance(
            poll, MACHINE, "decide", actor=actor, at=at,
            changes={
                "result": result, "result_hash": hash_, "ballot_count": meeting.present,
                "closed_at": current.closes_at, "counted_at": at,
            },
            facts={"present": meeting.present, "entitled": meeting.entitled, "result_hash": hash_},
        )  # fmt: skip
    poll.refresh_from_db()


def result_of(poll: Poll, meeting: Meeting) -> dict[str, Any]:
    """Return what was decided as JSON values: what is hashed into the chain.  Nobody is named in it."""
    hall = hall_of(meeting)
    found = outcome(poll.method, meeting.hands, hall)
    return {
        "outcome": found.to_json(),
        "verdict": verdict(found, hall, Needs.from_json(poll.rules["meeting"]["needs"])).to_json(),
        "roll": meeting.entitled,
        "meeting": {
            "began_at": poll.opens_at.isoformat(), "venue": meeting.venue, "venue_en": meeting.venue_en,
            "entitled": meeting.entitled, "present": meeting.present, "households": meeting.households,
            "households_present": meeting.households_present, "points": meeting.points,
            "follow_up": meeting.follow_up, "executor": meeting.executor,
            "due": meeting.due.isoformat() if meeting.due else None, "witnesses": 2, "photo": meeting.photo_hash,
            "advisory": _beside(meeting.advisory),
        },
    }  # fmt: skip


def confirmed_part(result: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what two witnesses stand for of a frozen result: all but the advisory poll, which goes on being counted."""
    said = result or {}
    return {**said, "meeting": {**(said.get("meeting") or {}), "advisory": None}}


def hall_of(meeting: Meeting) -> Hall:
    """Return who was there, of a meeting that is written down."""
    return Hall(meeting.entitled, meeting.present or 0, meeting.households, meeting.households_present)


def _beside(advisory: Poll | None) -> dict[str, Any] | None:
    """Return what those who could not come said: numbers of their own, in nobody's sum."""
    if advisory is None:
        return None
    said: dict[str, Any] = {"slug": advisory.slug, "title": advisory.title, "title_en": advisory.title_en}
    if advisory.result is None:
        return said | {"ballots": None, "totals": []}
    totals = advisory.result["outcome"]["totals"]
    rows = [[choice.title, choice.title_en, totals.get(choice.key, 0)] for choice in advisory.choices.all()]
    return said | {"ballots": advisory.ballot_count, "totals": rows}


def _of_a_meeting(called: Called, fields: dict[str, Any]) -> dict[str, Any]:
    if fields["preset"] not in MEETINGS:
        raise Refused(NO_MEETING_KIND)
    if fields["method"] not in BY_HANDS:
        raise Refused(NOT_BY_HANDS)
    beside = called.advisory
    if beside is not None and (beside.is_meeting or beside.method not in BY_HANDS):
        raise Refused(ADVISORY_UNFIT)
    # Hands are counted in the open and in the order of the notice, and cannot be raised again.
    plain = {"secrecy": Secrecy.OPEN, "random_order": False, "may_replace": False, "results_hidden": False}
    return fields | plain | {"roll_rule": {"kind": "meeting", "entitled": called.entitled}}


def _frozen(meeting: Meeting, poll: Poll) -> dict[str, Any]:
    needs = preset_of(poll.preset).needs
    return {
        "venue": meeting.venue, "entitled": meeting.entitled, "households": meeting.households,
        "needs": needs.to_json() if needs else None, "advisory": meeting.advisory.slug if meeting.advisory else None,
    }  # fmt: skip


def _meeting(poll: Poll) -> Meeting:
    found = Meeting.objects.select_related("advisory").filter(poll=poll).first()
    if found is None:
        raise Refused(WRONG_STATE, conflict=True)
    return found


def _as_seen(poll: Poll, seen: str | None) -> None:
    if seen is not None and seen != fingerprint(poll):
        raise Refused(STALE, conflict=True)


def _held(poll: Poll) -> tuple[Poll, Meeting]:
    """Lock the poll, then its meeting: always in this order."""
    current = Poll.objects.select_for_update().get(pk=poll.pk)
    if current.state != State.OPEN or not current.is_meeting:
        raise Refused(WRONG_STATE, conflict=True)
    return current, Meeting.objects.select_for_update(of=("self",)).select_related("advisory").get(poll=current)


def _check(poll: Poll, meeting: Meeting, minutes: Minutes) -> None:
    if minutes.present > meeting.entitled:
        raise Unfit(MORE_THAN_ENTITLED.with_(most=meeting.entitled))
    if minutes.households_present is not None and minutes.households_present > (meeting.households or 0):
        raise Unfit(MORE_HOUSEHOLDS.with_(most=meeting.households or 0))
    if minutes.households_present is not None and minutes.households_present > minutes.present:
        raise Unfit(HOUSEHOLDS_WITHOUT_PEOPLE.with_(present=minutes.present))
    if set(minutes.hands) != {choice.key for choice in poll.choices.all()} or min(minutes.hands.values()) < 0:
        raise Unfit(HANDS_MISSING)
    if fewest(poll.method, minutes.hands) > minutes.present:
        raise Unfit(MORE_HANDS.with_(most=minutes.present))


def _check_witnesses(poll: Poll, witnesses: tuple[Person, Person], *, clerk: Person, at: datetime) -> None:
    if witnesses[0].pk == witnesses[1].pk:
        raise Refused(WITNESSES_ALIKE)
    for person in witnesses:
        if person.pk == clerk.pk:
            raise Refused(WITNESS_IS_CLERK)
        if standing(person, level=Level.CONTACT, at=at) is not None:
            raise Refused(WITNESS_UNKNOWN)
        if _is_office(person, poll, at=at):
            raise Refused(WITNESS_OF_THE_OFFICE)


def _is_office(person: Person, poll: Poll, *, at: datetime) -> bool:
    """Tell whether a person could keep the minutes: whatever session they act in, and whether it shows their powers."""
    if holders(actions.MANAGE, poll, at=at).filter(pk=person.pk).exists():
        return True
    return Membership.objects.in_force(at).filter(body=Organisation(pk=poll.sponsor_id), person=person).exists()


def _keep_photo(meeting: Meeting, picture: bytes, *, title: str, actor: Person) -> None:
    """Keep the picture, which ``civic.core.uploads`` wrote anew; the one before it goes."""
    before = meeting.photo
    kind = next((suffix for sign, suffix in SIGNS.items() if picture.startswith(sign)), "jpg")
    # Until the minutes are published only witnesses are shown where it lies: an address nobody can guess.
    file = ImageFile(io.BytesIO(picture), name=f"tally-{secrets.token_hex(16)}.{kind}")
    kept = Image.objects.create(title=title, file=file, uploaded_by_user=actor)
    # What pages show is drawn now: reading writes nothing.
    kept.get_rendition(PICTURE)
    meeting.photo, meeting.photo_hash = kept, hashlib.sha256(picture).hexdigest()
    if before is not None:
        Meeting.objects.filter(pk=meeting.pk).update(photo=kept)
        before.delete()
