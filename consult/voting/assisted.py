"""Ballots written for somebody at a station: the port a helper's session casts by, and whether they decided.

Helping is not representing.  The helper writes what the voter beside them says and never votes in their absence; the
box keeps such ballots as a group of their own, in batches of ten or more, and the result says whether it hung on them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core.refusals import Reason, Refused
from civic.people.models import Person
from consult.voting import actions, casting, evidence
from consult.voting.closing import SMALLEST_OF_A_CHANNEL
from consult.voting.models import BoxPlacing, BulletinEntry, Group, Poll
from orgs.bodies.models import Channel

NOT_FOR_ONESELF = Reason("not-for-oneself", _("Nobody writes a ballot for themselves: vote on the poll's own page."))
NEVER_IN_ABSENCE = Reason(
    "never-in-absence", _("A ballot is written only while the voter sits beside you and agreed to it.")
)
READ_BACK_FIRST = Reason(
    "read-back-first", _("Read the ballot back first, and cast it only when the voter says it is right.")
)


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


def write_for(*, poll: Poll, sitting: Sitting, content: Mapping[str, Any], at: datetime) -> casting.Receipt:
    """Cast the ballot the voter beside the helper asked for, and return the receipt, which is the voter's.

    The roll is marked "at a station, assisted"; the ballot goes to the assisted group.  Neither the helper nor the
    session is written anywhere here: a session keeps its own record, and nothing of the ballot or of its moment in it.
    Raises ``Refused`` for a helper without the power, for oneself, in absence and before reading back, and all that
    ``casting.cast`` does.
    """
    if sitting.voter.pk == sitting.helper.pk:
        raise Refused(NOT_FOR_ONESELF)
    if not sitting.is_present:
        raise Refused(NEVER_IN_ABSENCE)
    if not sitting.is_read_back:
        raise Refused(READ_BACK_FIRST)
    require(sitting.helper, actions.WRITE_FOR, poll, at=at)
    return casting.cast(poll=poll, person=sitting.voter, content=content, at=at, channel=Channel.STATION, assisted=True)


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


def _decided(result: Mapping[str, Any]) -> tuple[Any, ...]:
    verdict = result["verdict"]
    return sorted(result["outcome"]["winners"]), verdict["binding"], verdict["carried"]
