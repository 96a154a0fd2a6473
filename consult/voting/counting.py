"""Counting a closed poll from its box, once, and the auditor's opinion that follows."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from civic.access.machines import advance
from civic.access.questions import require
from civic.core import turns
from civic.core.refusals import NOTE_NEEDED, WRONG_STATE, Reason, Refused
from civic.events.bus import publish
from civic.people.models import Person
from consult.voting import actions, assisted, chain, evidence, queries
from consult.voting.hashing import canonical_json, sha256
from consult.voting.models import BulletinEntry, Poll
from consult.voting.states import MACHINE, State

RECOUNT_FIRST = Reason(
    "recount-first",
    _("Recount it first: your signature says that you did, and that the box gave the published result."),
)


def count_due(*, at: datetime) -> int:
    """Count every closed poll; return how many."""
    closed = Poll.objects.filter(state=State.CLOSED).order_by("pk").values_list("pk", flat=True)
    return turns.each(closed, lambda pk: count_poll(poll_id=pk, at=at))


def count_poll(*, poll_id: int, at: datetime) -> bool:
    """Count a closed poll and freeze its result; return whether this call did it.

    The same box gives the same result whenever it is counted: the seed of lots is the hash of the closing entry.
    """
    with transaction.atomic():
        poll = Poll.objects.select_for_update().get(pk=poll_id)
        if poll.state != State.CLOSED:
            return False
        tally = Counter(content.encode() for _commitment, content in evidence.counted(poll))
        result = result_of(poll, tally)
        written = canonical_json(result)
        files = evidence.files(poll)
        chain.append(
            poll, BulletinEntry.Kind.BUNDLE, {"files": {name: sha256(data) for name, data in sorted(files.items())}}
        )
        chain.append(
            poll,
            BulletinEntry.Kind.RESULT,
            {
                "result": sha256(written), "winners": result["outcome"]["winners"],
                "valid": result["outcome"]["valid"], "blank": result["outcome"]["blank"],
            },
        )  # fmt: skip
        poll.state, poll.counted_at = State.COUNTED, at
        poll.result, poll.result_hash = result, sha256(written)
        poll.unique_ballots = sum(1 for number in tally.values() if number == 1)
        poll.save(update_fields=["state", "counted_at", "result", "result_hash", "unique_ballots"])
        publish(
            actions.COUNTED, subject=poll, actor=None, at=at,
            facts={
                "ballots": poll.ballot_count, "roll": result["roll"], "result_hash": poll.result_hash,
                "others": queries.count_otherwise(poll, tally),
            },
        )  # fmt: skip
    return True


def result_of(poll: Poll, tally: Mapping[bytes, int]) -> dict[str, Any]:
    """Return what is frozen when a closed poll is counted: outcome, verdict, and whether assisted ballots decided."""
    result = evidence.result_of(poll, tally)
    return result | {"assisted": assisted.told(poll, result)}


def certify(*, poll: Poll, actor: Person, note: str, at: datetime, faults: tuple[str, ...] = ()) -> None:
    """Sign an auditor's opinion into the chain: confirmed, or a list of faults (then the poll stays as it is).

    Raises ``Refused`` for anybody of the office that ran the poll, and for whoever confirms without having
    recounted it, or whose last recount found something else.
    """
    with transaction.atomic():
        current = Poll.objects.select_for_update().get(pk=poll.pk)
        require(actor, actions.CERTIFY, current, at=at)
        queries.require_auditor(current, actor, at=at)
        if not note.strip():
            raise Refused(NOTE_NEEDED)
        if not faults and not queries.recounted_equal(current, actor):
            raise Refused(RECOUNT_FIRST)
        content: dict[str, Any] = {
            "on": at.isoformat(),
            "confirmed": not faults,
            "note": note.strip(),
            "faults": list(faults),
        }
        if faults:
            publish(actions.FAULTS_FOUND, subject=current, actor=actor, at=at, facts={"note": note.strip()})
        elif current.state == State.CERTIFIED:
            raise Refused(WRONG_STATE, conflict=True)
        else:
            advance(poll, MACHINE, "certify", actor=actor, at=at, note=note)
        chain.append(current, BulletinEntry.Kind.CERTIFICATE, content)
    poll.refresh_from_db()
