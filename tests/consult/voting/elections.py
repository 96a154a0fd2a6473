"""Elections of others, held in polls of ours: the same options and rules, each ballot cast by a resident."""

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from civic.people.models import Person
from consult.voting import casting, receipts, stores
from consult.voting.domain import ChoicePlan
from consult.voting.hashing import commitment, nonce, token_hash
from consult.voting.methods.ballots import canonical, check, read
from consult.voting.methods.files import Election
from consult.voting.models import BoxBallot, Group, Poll, RollMark
from orgs.bodies.models import Channel

KEY = re.compile(r"[a-z0-9-]{1,30}")
Cast = Callable[[Poll, Sequence[Person], Iterable[bytes], datetime], None]


@dataclass(frozen=True)
class Plan:
    """An election as a poll's choices and ballots; ``names`` leads from a choice's key back to the option."""

    choices: tuple[ChoicePlan, ...]
    ballots: tuple[bytes, ...]
    names: dict[str, str]

    def named(self, value: Any) -> Any:
        """Return an outcome in the names of the election's own options."""
        match value:
            case dict():
                return {self.names.get(key, key): self.named(each) for key, each in value.items()}
            case list():
                return [self.named(each) for each in value]
            case str():
                return self.names.get(value, value)
            case _:
                return value


def planned(election: Election) -> Plan:
    """Return an election's options as choices, in their order, and its ballots one by one."""
    ids = [option.id for option in election.options]
    # What can stand in an address stays; names become numbers of one length, so that their order stays.
    keys = dict(
        zip(ids, ids if all(map(KEY.fullmatch, ids)) else [f"option-{n:03}" for n in range(len(ids))], strict=True)
    )
    choices = tuple(ChoicePlan(keys[option.id], option.id[:120], cost=option.cost) for option in election.options)
    ballots: list[bytes] = []
    for ballot, number in election.ballots.items():
        ballots += [canonical(_keyed(read(ballot), keys))] * number
    return Plan(choices, tuple(ballots), {key: option for option, key in keys.items() if key != option})


def cast_singly(poll: Poll, people: Sequence[Person], ballots: Iterable[bytes], at: datetime) -> None:
    """Cast each ballot as a voter does."""
    for person, ballot in zip(people, ballots, strict=True):
        casting.cast(poll=poll, person=person, content=read(ballot), at=at)


def cast_together(poll: Poll, people: Sequence[Person], ballots: Iterable[bytes], at: datetime) -> None:
    """Cast many ballots in two statements: the rows ``casting.cast`` writes, past everything that could refuse one.

    Each content is checked by the poll's rules; the database looks at every mark (only those on the roll, one for
    each) and every ballot (in time, not sealed, no receipt twice) as it does at single casts.
    """
    ballots = tuple(ballots)
    for different in set(ballots):
        check(poll.counting_rules, read(different))
    size = 2_000 if connection.vendor == "postgresql" else 120
    day = timezone.localtime(at).date()
    with transaction.atomic(), stores.casting_at(at):
        stores.share_poll(poll.pk)
        RollMark.objects.bulk_create(
            (RollMark(poll=poll, person=person, voted_on=day, channel=Channel.WEB) for person in people),
            batch_size=size,
        )
        BoxBallot.objects.bulk_create(
            (_ballot(poll, ballot) for _person, ballot in zip(people, ballots, strict=True)), batch_size=size
        )


def _ballot(poll: Poll, ballot: bytes) -> BoxBallot:
    code, hidden = receipts.new(), nonce(secrets.token_bytes(32))
    return BoxBallot(
        poll=poll.pk, content=ballot.decode(), token_hash=token_hash(poll.pk, code), group=Group.WEB,
        commitment=commitment(poll.pk, code, hidden, ballot),
    )  # fmt: skip


def _keyed(content: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    [(kind, said)] = content.items()
    if kind == "ranking":
        return {kind: [[keys[option] for option in group] for group in said]}
    if kind == "scores":
        return {kind: {keys[option]: points for option, points in said.items()}}
    return {kind: [keys[option] for option in said]}
