"""Ballots written for somebody at a station: the port a helper's session casts by, and whether they decided.

Helping is not representing.  The helper writes what the voter beside them says and never votes in their absence; the
box keeps such ballots as a group of their own, in batches of ten or more, and the result says whether it hung on them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civic.access.questions import may, require
from civic.audit.models import Entry
from civic.audit.reads import READ, declare_purpose, note_read
from civic.core.refusals import Reason, Refused
from civic.people import finding
from civic.people.models import Person
from civic.people.rules import standing
from consult.voting import actions, casting, evidence
from consult.voting.closing import SMALLEST_OF_A_CHANNEL
from consult.voting.models import BoxPlacing, BulletinEntry, Group, Poll, RollEntry, RollMark
from orgs.bodies.models import Channel

WRITING = declare_purpose("write-for", _("to write a ballot for them at a station"))

#: One helper writes for so many people in a poll; then somebody else goes on.
MOST_BY_ONE = 30

NOT_FOR_ONESELF = Reason("not-for-oneself", _("Nobody writes a ballot for themselves: vote on the poll's own page."))
NEVER_IN_ABSENCE = Reason(
    "never-in-absence", _("A ballot is written only while the voter sits beside you and agreed to it.")
)
READ_BACK_FIRST = Reason(
    "read-back-first", _("Read the ballot back first, and cast it only when the voter says it is right.")
)
EVERYBODY_ALONE = Reason(
    "everybody-alone", _("By the rules of this vote everybody marks their ballot alone: none is written for anybody.")
)
RUNS_IT = Reason("runs-the-poll", _("Whoever runs a vote writes no ballots in it: ask a helper of another office."))
WROTE_ENOUGH = Reason(
    "wrote-enough", _("You have sat down with %(most)s people in this vote: somebody else goes on from here.")
)
NOT_ON_ROLL = Reason("not-on-roll", _("This person is not on the roll of this poll."))
HAS_VOTED = Reason(
    "has-voted",
    _("This person has voted already, and nobody can see what. Where the vote allows it, they change their ballot on the poll’s own page with their receipt."),
)  # fmt: skip
NO_STANDING = Reason("voter-may-not", _("This person may not vote just now: %(why)s"))


class Sitting(Protocol):
    """What a helper's session must be able to say of the voter beside the helper, at the moment of casting."""

    @property
    def helper(self) -> Person:
        """Who writes; holds ``consult:poll:write-for`` over the poll."""
        ...

    @property
    def voter(self) -> Person:
        """Whose ballot it is; on the poll's roll."""
        ...

    @property
    def is_present(self) -> bool:
        """Whether the voter is there and consented to being written for in this matter."""
        ...

    @property
    def is_read_back(self) -> bool:
        """Whether this very ballot was read back to the voter, who said it is right."""
        ...


@dataclass(frozen=True)
class Told:
    """Whether the outcome hung on the assisted ballots; ``changes`` is None where they are too few to tell."""

    ballots: int | None
    changes: bool | None

    def to_json(self) -> dict[str, Any]:
        """Return what is frozen in the result."""
        return {"ballots": self.ballots, "changes": self.changes}


def require_writer(person: Any, poll: Poll, *, at: datetime) -> None:
    """Raise ``Refused`` unless this person may write ballots for others in a running poll whose rules allow it."""
    require(person, actions.WRITE_FOR, poll, at=at)
    if poll.everybody_alone:
        raise Refused(EVERYBODY_ALONE)
    if may(person, actions.MANAGE, poll, at=at):
        raise Refused(RUNS_IT)


def find_voter(*, poll: Poll, actor: Person, who: str | UUID, at: datetime) -> Person | None:
    """Return whose account or confirmed address this is, and note that the helper looked; None when it is nobody's.

    Raises ``Refused`` for a helper without the power, and for one who sat down with enough people in this poll.
    """
    require_writer(actor, poll, at=at)
    found = finding.of_account(who) if isinstance(who, UUID) else finding.owner_of(who)
    if found is None:
        return None
    met = _met(poll, actor)
    if str(found.pk) not in met and len(met) >= MOST_BY_ONE:
        raise Refused(WROTE_ENOUGH.with_(most=MOST_BY_ONE))
    note_read(reader=actor, person=found, purpose=WRITING, subject=poll, at=at)
    return found


def why_not(poll: Poll, *, helper: Person, voter: Person, at: datetime) -> Reason | None:
    """Return why no ballot is written for this person, or None."""
    if voter.pk == helper.pk:
        return NOT_FOR_ONESELF
    if not RollEntry.objects.filter(poll=poll, person=voter).exists():
        return NOT_ON_ROLL
    if RollMark.objects.filter(poll=poll, person=voter).exists():
        return HAS_VOTED
    reason = standing(voter, level=poll.roll_rule.get("level", 0), at=at)
    return NO_STANDING.with_(why=reason) if reason is not None else None


def write_for(
    *, poll: Poll, sitting: Sitting, content: Mapping[str, Any], at: datetime, secret: bytes | None = None
) -> casting.Receipt:
    """Cast the ballot the voter beside the helper asked for, and return the receipt, which is the voter's.

    The roll is marked "at a station, assisted"; the ballot goes to the assisted group.  Neither the helper nor the
    session is written anywhere here: a session keeps its own record, and nothing of the ballot or of its moment in it.
    ``secret`` as for ``casting.cast``.  Raises ``Refused`` for a helper without the power, for oneself, in absence and
    before reading back, and all that ``casting.cast`` does.
    """
    if sitting.voter.pk == sitting.helper.pk:
        raise Refused(NOT_FOR_ONESELF)
    if not sitting.is_present:
        raise Refused(NEVER_IN_ABSENCE)
    if not sitting.is_read_back:
        raise Refused(READ_BACK_FIRST)
    require_writer(sitting.helper, poll, at=at)
    return casting.cast(
        poll=poll, person=sitting.voter, content=content, at=at, channel=Channel.STATION, assisted=True, secret=secret
    )


def told(poll: Poll, result: Mapping[str, Any]) -> dict[str, Any]:
    """Say whether a closed poll, which came out as ``result``, would have come out otherwise without assisted ballots.

    Assisted are the ballots in batches the chain names so: anybody can count them again from the bundle.  With
    fewer than ten on either side nothing is told, because it would say how few people voted.
    """
    batches = BulletinEntry.objects.filter(poll=poll, kind=BulletinEntry.Kind.BATCH, content__group=Group.ASSISTED)
    numbers = [content["batch"] for content in batches.values_list("content", flat=True)]
    if not numbers:
        return Told(None, None).to_json()
    written = set(BoxPlacing.objects.filter(poll=poll.pk, batch__in=numbers).values_list("commitment", flat=True))
    rest: Counter[bytes] = Counter()
    number = 0
    for commitment, content in evidence.counted(poll):
        if commitment in written:
            number += 1
        else:
            rest[content.encode()] += 1
    if min(number, rest.total()) < SMALLEST_OF_A_CHANNEL:
        return Told(None, None).to_json()
    return Told(number, _decided(result) != _decided(evidence.result_of(poll, rest))).to_json()


def _met(poll: Poll, helper: Person) -> set[str]:
    """Return whom a helper looked up to write for in this poll: what the record says, nothing of ballots."""
    looks = Entry.objects.filter(type=READ, actor=helper, at__gte=poll.opens_at).values_list("subject_id", "facts")
    about = {"purpose": WRITING, "about_type": poll._meta.label_lower, "about_id": str(poll.pk)}
    return {subject for subject, facts in looks if facts == about}


def _decided(result: Mapping[str, Any]) -> tuple[Any, ...]:
    verdict = result["verdict"]
    return sorted(result["outcome"]["winners"]), verdict["binding"], verdict["carried"]
