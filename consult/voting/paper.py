"""Paper ballots: printing packs, handing slips out, keying what came back twice, and settling what differs.

Handing out marks the roll and knows no slip; keying knows a slip and no person.  Neither leaves an entry with
a time, and what ties code and receipt to a slip are hashes (docs/decisions/0019-paper-ballots.md).
"""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from civic.access.questions import may, require
from civic.audit.reads import declare_purpose, note_read
from civic.core.refusals import WRONG_STATE, Reason, Refused, Unfit
from civic.events.bus import publish
from civic.people import finding
from civic.people.models import Person
from consult.voting import actions, casting, receipts, stores
from consult.voting.hashing import sha256, token_hash
from consult.voting.models import BoxBallot, Group, PaperKeying, PaperPack, PaperSlip, Poll, RollEntry, RollMark
from consult.voting.rules import OPENS_LATER, Moment, in_a_meeting, is_running
from consult.voting.states import State
from orgs.bodies.models import Channel

HANDING_OUT = declare_purpose("paper-ballot", _("to hand over a paper ballot"))

LARGEST_PACK = 500
MOST_SLIPS = 45_000
NUMBERS = range(10_000, 100_000)
BATCH = 500

NOT_OPEN_YET = Reason(
    "no-box-yet", _("Paper ballots are printed once the rules are frozen and the ballot box is set up.")
)
WRONG_SIZE = Reason("wrong-pack-size", _("A pack has between 1 and %(most)s slips."))
TOO_MANY = Reason("too-many-slips", _("This poll has more paper ballots than its numbers reach for."))
PRINTED_ALREADY = Reason(
    "printed-already",
    _("This pack was made already, and is shown only once. If it was not printed, cancel it and make another."),
)
NOT_ON_ROLL = Reason("not-on-roll", _("This person is not on the roll of this poll."))
HAS_VOTED = Reason("has-voted", _("This person is marked as having voted: hand over no second ballot."))
NO_SLIPS_LEFT = Reason(
    "no-slips-left", _("As many people are marked as there are slips: print another pack before you go on.")
)
MISTYPED = Reason(
    "mistyped-code",
    _("A code has 16 letters and digits, and one of these is wrong. Compare it with the slip, letter by letter."),
)
UNKNOWN = Reason("unknown-code", _("No slip of this poll has this code. Is it a slip of another poll?"))
CANCELLED = Reason(
    "cancelled-code", _("This code has expired: pack %(pack)s was cancelled on %(when)s. The slip is not counted.")
)
USED = Reason("used-code", _("This slip has been keyed by two people and is done: its code cannot be used again."))
KEYED_BY_YOU = Reason(
    "keyed-by-you", _("You have keyed this slip already. Somebody else has to key it the second time.")
)
TO_BE_SETTLED = Reason(
    "to-be-settled", _("Two people read slip %(number)s differently. A third person settles it under “Differences”.")
)
ONE_OF_THE_TWO = Reason("one-of-the-two", _("You are one of the two who keyed this slip: a third person settles it."))
NOT_DIFFERENT = Reason("not-different", _("There is nothing to settle about this slip any more."))
KEYED_MEANWHILE = Reason("keyed-meanwhile", _("Somebody keyed this slip at the same moment: look at it again."))
PAPER_IS_OVER = Reason("paper-is-over", _("This code has expired: paper ballots could be keyed until %(when)s."))
MORE_THAN_HANDED_OUT = Reason(
    "more-than-handed-out",
    _(
        "More slips came back than people were marked for paper. Nothing was counted: put this slip aside and call the auditor."
    ),
)


@dataclass(frozen=True)
class NewSlip:
    """A slip as it is printed, once; nobody can show it again."""

    number: int
    code: str
    receipt: str

    @property
    def shown(self) -> str:
        """The code as it is printed."""
        return receipts.shown(self.code)

    @property
    def shown_receipt(self) -> str:
        """The voter's receipt as it is printed."""
        return receipts.shown(self.receipt)


@dataclass(frozen=True)
class NewPack:
    """A pack in the order it is printed."""

    pack: PaperPack
    slips: tuple[NewSlip, ...]


class Reading(StrEnum):
    """What became of a keying."""

    FIRST = "first"
    AGREED = "agreed"
    DIFFERS = "differs"


def code_hash(poll: int, code: str) -> str:
    """Return what a slip's code is known by: SHA-256("paper|" poll "|" code)."""
    return sha256(f"paper|{poll}|{code}".encode())


def require_keyer(person: Any, poll: Poll, *, at: datetime) -> None:
    """Raise ``Refused`` unless this person may hand out and key the poll's paper ballots: who runs it, or a clerk."""
    _not_in_a_meeting(poll)
    if not may(person, actions.MANAGE, poll, at=at):
        require(person, actions.KEY, poll, at=at)


def make_pack(*, poll: Poll, actor: Person, slips: int, submission: uuid.UUID, at: datetime) -> NewPack:
    """Make slips and return their codes, which are kept nowhere.

    Numbers are drawn at random and the order of printing is another than that of the rows.  Raises ``Refused``
    when the same form made a pack before, or nothing can be handed out any more.
    """
    if not 1 <= slips <= LARGEST_PACK:
        raise Refused(WRONG_SIZE.with_(most=LARGEST_PACK))
    dice = secrets.SystemRandom()
    try:
        with transaction.atomic():
            current = Poll.objects.select_for_update().get(pk=poll.pk)
            require(actor, actions.MANAGE, current, at=at)
            _not_in_a_meeting(current)
            if current.state in {State.DRAFT, State.ANNOUNCED}:
                raise Refused(NOT_OPEN_YET)
            if current.state != State.OPEN or at >= current.closes_at:
                raise Refused(is_running(current, current.closes_at).reason or WRONG_STATE)
            taken = set(PaperSlip.objects.filter(poll=current.pk).values_list("number", flat=True))
            if len(taken) + slips > MOST_SLIPS:
                raise Refused(TOO_MANY)
            pack = PaperPack.objects.create(
                poll=current,
                number=current.packs.count() + 1,
                slips=slips,
                submission=submission,
                made_by=actor,
                made_at=at,
            )
            numbers = dice.sample([number for number in NUMBERS if number not in taken], slips)
            made = [NewSlip(number, receipts.new(), receipts.new()) for number in numbers]
            rows = [
                PaperSlip(
                    poll=current.pk, pack=pack.pk, number=slip.number, code_hash=code_hash(current.pk, slip.code),
                    token_hash=token_hash(current.pk, slip.receipt),
                )
                for slip in made
            ]  # fmt: skip
            dice.shuffle(rows)
            PaperSlip.objects.bulk_create(rows, batch_size=BATCH if connection.vendor == "postgresql" else 100)
            publish(actions.PACK_MADE, subject=current, actor=actor, at=at, facts={"pack": pack.number, "slips": slips})
    except IntegrityError as error:
        if PaperPack.objects.filter(submission=submission).exists():
            raise Refused(PRINTED_ALREADY, conflict=True) from error
        raise
    return NewPack(pack, tuple(made))


def cancel_pack(*, pack: PaperPack, actor: Person, at: datetime) -> None:
    """Let no slip of this pack be keyed any more; ballots that are in the box stay there."""
    with transaction.atomic():
        current = PaperPack.objects.select_for_update(of=("self",)).select_related("poll").get(pk=pack.pk)
        require(actor, actions.MANAGE, current.poll, at=at)
        if current.cancelled_at is not None or current.poll.state != State.OPEN:
            raise Refused(WRONG_STATE, conflict=True)
        current.cancelled_by, current.cancelled_at = actor, at
        current.save(update_fields=["cancelled_by", "cancelled_at"])
        publish(
            actions.PACK_CANCELLED, subject=current.poll, actor=actor, at=at,
            facts={"pack": current.number, "slips": current.slips},
        )  # fmt: skip


def find_voter(*, poll: Poll, actor: Person, who: str | uuid.UUID, at: datetime) -> Person | None:
    """Return whose account or confirmed address this is, and note that the clerk looked; None when it is nobody's."""
    require_keyer(actor, poll, at=at)
    found = finding.of_account(who) if isinstance(who, uuid.UUID) else finding.owner_of(who)
    if found is not None:
        note_read(reader=actor, person=found, purpose=HANDING_OUT, subject=poll, at=at)
    return found


def why_not(poll: Poll, person: Person) -> Reason | None:
    """Return why this person gets no paper ballot, or None."""
    if not RollEntry.objects.filter(poll=poll, person=person).exists():
        return NOT_ON_ROLL
    return HAS_VOTED if RollMark.objects.filter(poll=poll, person=person).exists() else None


def hand_out(*, poll: Poll, person: Person, actor: Person, at: datetime) -> None:
    """Mark a person on the roll as voting on paper; the clerk then hands over any slip.

    Which one is neither asked nor stored.  Raises ``Refused`` when the poll is not running, the person is not on
    the roll or marked already, or there are no slips left.
    """
    with transaction.atomic():
        current = _held(poll)
        require_keyer(actor, current, at=at)
        running = is_running(current, at)
        if not running:
            raise Refused(running.reason or WRONG_STATE)
        reason = why_not(current, person)
        if reason is not None:
            raise Refused(reason)
        if handed_out(current) >= printed(current):
            raise Refused(NO_SLIPS_LEFT)
        try:
            casting.mark(poll=current, person=person, at=at, channel=Channel.PAPER, assisted=False)
        except Refused as refusal:
            raise Refused(HAS_VOTED) from refusal


def slip_of(*, poll: Poll, actor: Person, code: str, at: datetime) -> PaperSlip:
    """Return the slip with this code when the actor may key it now.

    Raises ``Unfit`` for a mistyped code; ``Refused`` for one that is unknown, expired or used, and to somebody
    who keyed the slip before.
    """
    require_keyer(actor, poll, at=at)
    _still_open(poll, at)
    read = receipts.read(code)
    if read is None:
        raise Unfit(MISTYPED)
    slip = PaperSlip.objects.filter(code_hash=code_hash(poll.pk, read)).first()
    if slip is None:
        raise Refused(UNKNOWN)
    _not_cancelled(slip)
    keyings = _keyings(slip)
    if any(keying.keyed_by_id == actor.pk for keying in keyings):
        raise Refused(KEYED_BY_YOU if len(keyings) == 1 else USED)
    if len(keyings) == 2 and _differ(keyings):
        raise Refused(TO_BE_SETTLED.with_(number=slip.number))
    if len(keyings) >= 2:
        raise Refused(USED)
    return slip


def number_of(poll: Poll, code: str) -> int:
    """Return the number of the slip with this code, 0 when there is none: it says in which order it was printed."""
    known = code_hash(poll.pk, receipts.read(code) or "")
    return PaperSlip.objects.filter(code_hash=known).values_list("number", flat=True).first() or 0


def key(*, poll: Poll, actor: Person, code: str, content: Mapping[str, Any] | None, at: datetime) -> Reading:
    """Keep what one person read on a slip; when a second reads the same, drop the ballot in the same transaction.

    ``content`` None is an invalid slip, which uses the code up and leaves no ballot.  Raises ``Unfit`` for a
    mistyped code or a ballot the rules do not allow, and ``Refused`` as ``slip_of`` does.
    """
    said = _written(poll, content)
    try:
        with transaction.atomic():
            current = _held(poll)
            slip = slip_of(poll=current, actor=actor, code=code, at=at)
            first = PaperKeying.objects.filter(slip=slip.pk, turn=PaperKeying.FIRST).first()
            turn = PaperKeying.FIRST if first is None else PaperKeying.SECOND
            _keep(current, slip, actor, turn, said)
            if first is None:
                return Reading.FIRST
            if first.content != said:
                return Reading.DIFFERS
            _drop(current, slip, said, at=at)
            return Reading.AGREED
    except IntegrityError as error:
        raise Refused(KEYED_MEANWHILE, conflict=True) from error


def settle(*, poll: Poll, actor: Person, number: int, content: Mapping[str, Any] | None, at: datetime) -> None:
    """Say, as a third person, what a slip says that two read differently, and drop that ballot."""
    said = _written(poll, content)
    try:
        with transaction.atomic():
            current = _held(poll)
            slip = to_settle(poll=current, actor=actor, number=number, at=at)
            _keep(current, slip, actor, PaperKeying.SETTLED, said)
            _drop(current, slip, said, at=at)
    except IntegrityError as error:
        raise Refused(KEYED_MEANWHILE, conflict=True) from error


def to_settle(*, poll: Poll, actor: Person, number: int, at: datetime) -> PaperSlip:
    """Return the slip with this number when the actor may settle it now; raises ``Refused`` otherwise."""
    require_keyer(actor, poll, at=at)
    _still_open(poll, at)
    slip = PaperSlip.objects.filter(poll=poll.pk, number=number).first()
    keyings = _keyings(slip) if slip else []
    if slip is None or len(keyings) != 2 or not _differ(keyings):
        raise Refused(NOT_DIFFERENT, conflict=True)
    if any(keying.keyed_by_id == actor.pk for keying in keyings):
        raise Refused(ONE_OF_THE_TWO)
    _not_cancelled(slip)
    return slip


def handed_out(poll: Poll) -> int:
    """Return how many people are marked as voting on paper."""
    return RollMark.objects.filter(poll=poll, channel=Channel.PAPER, assisted=False).count()


def printed(poll: Poll) -> int:
    """Return how many slips there are in packs that were not cancelled."""
    return sum(PaperPack.objects.filter(poll=poll, cancelled_at=None).values_list("slips", flat=True))


def in_box(poll: Poll) -> int:
    """Return how many paper ballots lie in the box."""
    return BoxBallot.objects.filter(poll=poll.pk, group=Group.PAPER, turn=1).count()


def _not_in_a_meeting(poll: Poll) -> None:
    if poll.is_meeting:
        raise Refused(in_a_meeting(poll))


def _held(poll: Poll) -> Poll:
    stores.share_poll(poll.pk)
    stores.hold_paper(poll.pk)
    return Poll.objects.get(pk=poll.pk)


def _still_open(poll: Poll, at: datetime) -> None:
    if poll.state == State.OPEN and at < poll.opens_at:
        raise Refused(OPENS_LATER.with_(when=Moment(poll.opens_at)))
    if poll.state == State.WITHDRAWN:
        raise Refused(is_running(poll, at).reason or WRONG_STATE)
    if poll.state != State.OPEN or at >= poll.seals_at:
        raise Refused(PAPER_IS_OVER.with_(when=Moment(poll.seals_at)))


def _not_cancelled(slip: PaperSlip) -> None:
    pack = PaperPack.objects.get(pk=slip.pack)
    if pack.cancelled_at is not None:
        raise Refused(CANCELLED.with_(pack=pack.number, when=Moment(pack.cancelled_at)))


def _keyings(slip: PaperSlip) -> list[PaperKeying]:
    return list(PaperKeying.objects.filter(slip=slip.pk).order_by("turn"))


def _differ(keyings: list[PaperKeying]) -> bool:
    return keyings[0].content != keyings[1].content


def _written(poll: Poll, content: Mapping[str, Any] | None) -> str:
    return "" if content is None else casting.checked(poll, content).decode()


def _keep(poll: Poll, slip: PaperSlip, actor: Person, turn: int, said: str) -> None:
    # A refusal undoes everything: no savepoint is needed to go on from.
    with transaction.atomic(savepoint=False):
        PaperKeying.objects.create(poll=poll.pk, slip=slip.pk, turn=turn, content=said, keyed_by=actor)


def _drop(poll: Poll, slip: PaperSlip, said: str, *, at: datetime) -> None:
    if not said:
        return
    if in_box(poll) >= handed_out(poll):
        raise Refused(MORE_THAN_HANDED_OUT, conflict=True)
    casting.drop(poll=poll, ballot=said.encode(), at=at, group=Group.PAPER, slip=slip.token_hash)
