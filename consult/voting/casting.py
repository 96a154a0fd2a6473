"""Casting: one transaction that marks the roll and drops the ballot, and nothing else.

No entry, no counter, no notice and no time is written here: whatever were written at casting would order
or date the ballots (docs/decisions/0017-roll-and-box.md).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core.asking import Question
from civic.core.refusals import Reason, Refused, Unfit
from civic.core.writing import insert
from civic.people.models import Person
from consult.voting import actions, receipts, stores
from consult.voting.hashing import commitment, nonce, token_hash
from consult.voting.methods.ballots import BadBallot, canonical, check, read
from consult.voting.models import BoxBallot, BoxPlacing, BoxSeal, Group, Poll, RollMark
from consult.voting.rules import is_running
from consult.voting.states import State
from orgs.bodies.models import Channel

ALREADY_VOTED = Reason(
    "already-voted", _("You have voted in this poll. To change your ballot, enter the receipt you were given.")
)
VOTED_FINALLY = Reason("already-voted", _("You have voted in this poll. Ballots cannot be changed here."))
NOT_VOTED = Reason("not-voted", _("You have not voted in this poll yet: cast a ballot first."))
NO_REPLACING = Reason("no-replacing", _("In this poll a ballot cannot be changed once it is cast."))
PAPER_STAYS = Reason(
    "paper-stays", _("This is the receipt of a paper ballot: it shows whether the ballot counts, and changes nothing.")
)
UNKNOWN_RECEIPT = Reason("unknown-receipt", _("No ballot of this poll has this receipt. Compare it letter by letter."))
MISTYPED = Reason(
    "mistyped-receipt",
    _("A receipt has 16 letters and digits, and one of these is wrong. Compare it letter by letter."),
)
TOO_LATE = Reason("too-late", _("Voting ended before your ballot arrived: it was not taken."))
REPLACED_MEANWHILE = Reason("replaced-meanwhile", _("This ballot was just replaced from elsewhere: look again."))
REPLACED_OFTEN = Reason(
    "replaced-often", _("This ballot was changed %(most)s times: it stays as it is now, and counts as it is.")
)
# Every ballot that was replaced stays in the box and in the bundle, and their number is a small one.
MOST_CHANGES = 100
BAD_BALLOT = {
    "unknown-option": Reason("unknown-option", _("The ballot names something that cannot be chosen here.")),
    "twice": Reason("twice", _("Something stands on the ballot twice.")),
    "too-many": Reason("too-many", _("The ballot names more than the rules allow.")),
    "over-budget": Reason("over-budget", _("What is chosen costs more than there is.")),
    "tie": Reason("tie", _("Two choices have the same rank: give each its own.")),
    "score-range": Reason("score-range", _("A score lies outside the scale.")),
    "shape": Reason("shape", _("This is no ballot of this poll.")),
}
CHECK_VIOLATION = "23514"  # as PostgreSQL's manual numbers it, and 0003_guards raises it
GROUPS = {Channel.PAPER: Group.PAPER, Channel.MEETING: Group.MEETING}


_NOW: Question[Poll] = Question(lambda pk: Poll.objects.filter(pk=pk), pk=int)
_STATE: Question[str] = Question(
    lambda pk: Poll.objects.filter(pk=pk).order_by().values_list("state", flat=True), pk=int
)


@dataclass(frozen=True)
class Receipt:
    """What the voter takes away.  The site keeps the code only as a hash, and the nonce not at all."""

    code: str
    nonce: str
    commitment: str
    content: Mapping[str, Any]

    @property
    def shown(self) -> str:
        """The code as it is printed."""
        return receipts.shown(self.code)

    @property
    def groups(self) -> list[str]:
        """The code in the four groups in which it is read out."""
        return receipts.groups(self.code)


class Standing(StrEnum):
    """Where a ballot is."""

    WAITING = "waiting"
    PUBLISHED = "published"
    COUNTED = "counted"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Found:
    """What a look-up says: never the choice."""

    standing: Standing
    batch: int | None = None


def cast(
    *,
    poll: Poll,
    person: Person,
    content: Mapping[str, Any],
    at: datetime,
    channel: str = Channel.WEB,
    assisted: bool = False,
    secret: bytes | None = None,
) -> Receipt:
    """Mark the person on the roll and drop the ballot, both or neither, and return the receipt.

    The receipt is made from ``secret``, 32 bytes the site drew (``draw``) and showed nobody but this voter: so the
    same form sent twice can be answered with the same receipt.  Without it one is drawn here.  Raises ``Unfit`` for a ballot the rules do not allow; ``Refused`` when the person is not on the roll, has
    voted, or the poll is not running, by its own clock or the database's.
    """
    ballot = checked(poll, content)
    with transaction.atomic():
        stores.share_poll(poll.pk)
        current = _now(poll)
        require(person, actions.VOTE, current, at=at)
        mark(poll=current, person=person, at=at, channel=channel, assisted=assisted)
        return drop(poll=current, ballot=ballot, at=at, group=group_of(channel, assisted=assisted), secret=secret)


def draw() -> bytes:
    """Return a secret for one cast."""
    return secrets.token_bytes(32)


def receipt_again(*, poll: Poll, secret: bytes) -> str | None:
    """Return the receipt of the ballot that was cast with this secret; None when none was."""
    code = receipts.new(secret)
    there = BoxBallot.objects.filter(poll=poll.pk, token_hash=token_hash(poll.pk, code)).exists()
    return code if there else None


def replace(*, poll: Poll, person: Person, receipt: str, content: Mapping[str, Any], at: datetime) -> Receipt:
    """Put another ballot in place of the one with this receipt; the receipt stays the same, and so does its group.

    Only somebody who is marked on the roll may, who came the way the ballot did, and only with the receipt: the
    roll does not know the ballot.  A paper ballot stays as it was keyed.
    """
    ballot = checked(poll, content)
    code = receipts.read(receipt)
    if code is None:
        raise Unfit(MISTYPED)
    with transaction.atomic():
        stores.share_poll(poll.pk)
        current = Poll.objects.get(pk=poll.pk)
        require(person, actions.VOTE, current, at=at)
        if not current.may_replace:
            raise Refused(NO_REPLACING)
        came = RollMark.objects.filter(poll=current, person=person).first()
        if came is None:
            raise Refused(NOT_VOTED)
        group = group_of(came.channel, assisted=came.assisted)
        return drop(poll=current, ballot=ballot, at=at, group=group, token=code)


def mark(*, poll: Poll, person: Person, at: datetime, channel: str, assisted: bool) -> None:
    """Mark a person as having voted on this day; part of the caller's transaction, before anything else it writes.

    The database lets through one mark per person, and only for those on the roll.
    """
    try:
        # A refusal undoes the whole cast; a savepoint would only cost two more questions.
        with transaction.atomic(savepoint=False):
            voted_on = timezone.localtime(at).date()
            insert(RollMark(poll=poll, person=person, voted_on=voted_on, channel=channel, assisted=assisted))
    except IntegrityError as error:
        raise Refused(ALREADY_VOTED if poll.may_replace else VOTED_FINALLY) from error


def drop(
    *, poll: Poll, ballot: bytes, at: datetime, group: str, token: str = "", slip: str = "", secret: bytes | None = None
) -> Receipt:
    """Drop a checked, canonical ballot into the box; with ``token``, as the next turn of that one.

    With ``slip``, as the one ballot of a paper slip, known by the hash of the receipt on the voter's part: nobody
    here has the receipt itself, and its hash stands in the commitment instead.
    Part of the caller's transaction, which has marked the roll or taken the paper code.
    """
    secret = secret or draw()
    code = token or slip or receipts.new(secret)
    known_by = slip or token_hash(poll.pk, code)
    turn = 1
    if token:
        last = BoxBallot.objects.filter(poll=poll.pk, token_hash=known_by).order_by("-turn").first()
        if last is None:
            raise Refused(UNKNOWN_RECEIPT)
        if last.group == Group.PAPER:
            # Who prints a pack sees its receipts: one person could undo what it took two to key.
            raise Refused(PAPER_STAYS)
        if last.group != group:
            # Who wrote for others may have seen a receipt: it replaces a ballot of its own way only.
            raise Refused(UNKNOWN_RECEIPT)
        if last.turn > MOST_CHANGES:
            raise Refused(REPLACED_OFTEN.with_(most=MOST_CHANGES))
        turn = last.turn + 1
    nonce_ = nonce(secret)
    made = commitment(poll.pk, code, nonce_, ballot)
    try:
        with transaction.atomic(savepoint=False), stores.casting_at(at):
            insert(
                BoxBallot(
                    poll=poll.pk, content=ballot.decode(), token_hash=known_by, turn=turn, commitment=made, group=group
                )
            )  # fmt: skip
    except IntegrityError as error:
        if _is_out_of_hours(error):
            raise Refused(is_running(poll, poll.closes_at).reason or TOO_LATE) from error
        raise Refused(REPLACED_MEANWHILE, conflict=True) from error
    return Receipt(code, nonce_, made, read(ballot))


def look_up(*, poll: Poll, receipt: str) -> Found:
    """Say where the ballot with this receipt is.  Raises ``Unfit`` for a mistyped one."""
    code = receipts.read(receipt)
    if code is None:
        raise Unfit(MISTYPED)
    last = BoxBallot.objects.filter(poll=poll.pk, token_hash=token_hash(poll.pk, code)).order_by("-turn").first()
    if last is None:
        return Found(Standing.UNKNOWN)
    batch = BoxPlacing.objects.filter(commitment=last.commitment).values_list("batch", flat=True).first()
    if batch is None:
        return Found(Standing.WAITING)
    sealed = BoxSeal.objects.filter(poll=poll.pk).exists()
    return Found(Standing.COUNTED if sealed else Standing.PUBLISHED, batch)


def group_of(channel: str, *, assisted: bool) -> Group:
    """Return with which ballots one that came this way is published."""
    return Group.ASSISTED if assisted else GROUPS.get(Channel(channel), Group.WEB)


def _now(poll: Poll) -> Poll:
    """Return the poll as it stands under the lock: of one that was open when it was found only the state can be another."""
    if poll.state == State.OPEN and _STATE.one(pk=poll.pk) == State.OPEN:
        return poll
    found = _NOW.one(pk=poll.pk)
    if found is None:
        raise Poll.DoesNotExist
    return found


def _is_out_of_hours(error: IntegrityError) -> bool:
    """Tell the trigger's no from the unique constraints': by what the database calls it, not by its words."""
    cause = error.__cause__
    return (
        getattr(cause, "sqlstate", "") == CHECK_VIOLATION
        or getattr(cause, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_TRIGGER"
    )


def checked(poll: Poll, content: Mapping[str, Any]) -> bytes:
    """Return the canonical content of a ballot the poll's rules allow; raises ``Unfit`` for any other."""
    try:
        check(poll.counting_rules, content)
    except BadBallot as error:
        raise Unfit(BAD_BALLOT.get(error.why, BAD_BALLOT["shape"])) from error
    return canonical(content)
