"""Batches, and the end of the vote: sealing the box and writing it and the roll anew in random order."""

import logging
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Exists, Max, OuterRef

from civic.core import turns
from civic.events.bus import publish
from consult.voting import actions, chain, paper_report, roll, stores
from consult.voting.hashing import ballots_root, batch_root
from consult.voting.models import (
    BoxBallot,
    BoxPlacing,
    BoxSeal,
    BulletinEntry,
    Group,
    Poll,
    RollEntry,
    RollMark,
)
from consult.voting.states import State

logger = logging.getLogger(__name__)

SMALLEST_BATCH = 20
SMALLEST_OF_A_CHANNEL = 10
MIXED = "mixed"


def publish_batches(*, at: datetime) -> int:
    """Put waiting ballots of running polls into the chain; return how many batches that made.

    A batch is drawn at random once twice its size is waiting, so that nobody in it is known by having been the
    last; ballots from paper and helpers wait for the end, and so do replaced ones: else one voter who replaces theirs
    often could fill a batch, and know whose the one other ballot in it is.
    """
    return turns.each(Poll.objects.running(at).order_by("pk").values_list("pk", flat=True), _publish_batches_of)


def close_due(*, at: datetime) -> int:
    """Close the polls whose time has run out; return how many.  Late or never, nobody could vote any more."""

    def close_one(pk: int) -> int:
        closed = close(poll_id=pk, at=at)
        if closed:
            forget_former_places()
        return closed

    over = Poll.objects.over(at).filter(state=State.OPEN).order_by("pk")
    return turns.each(over.values_list("pk", flat=True), close_one)


def close(*, poll_id: int, at: datetime) -> bool:
    """Seal one poll's box; return whether this call did it.

    Waits for every cast under way; whoever comes later is refused.  Then the last batches, the count of the
    roll and the closing entry, and both stores written anew in random order.
    """
    with transaction.atomic():
        stores.hold_poll(poll_id)
        poll = Poll.objects.select_for_update().get(pk=poll_id)
        if poll.state != State.OPEN or poll.is_meeting or at < poll.seals_at:
            return False
        BoxSeal.objects.create(poll=poll.pk)
        _place_the_rest(poll)
        marks = RollMark.objects.filter(poll=poll)
        chain.append(poll, BulletinEntry.Kind.ROLL_COUNT, {"marks": marks.count(), "by_place": _marks_by_place(poll)})
        counted = list(counted_ballots(poll))
        cast = BoxBallot.objects.filter(poll=poll.pk).count()
        batches = BulletinEntry.objects.filter(poll=poll, kind=BulletinEntry.Kind.BATCH).count()
        chain.append(
            poll,
            BulletinEntry.Kind.CLOSED,
            {
                "ballots": len(counted), "replaced": cast - len(counted), "batches": batches,
                "ballots_root": ballots_root((commitment, content.encode()) for commitment, content in counted),
                "groups": dict(sorted(_by_group(poll).items())), "closed_at": poll.closes_at.isoformat(),
                **paper_report.for_the_chain(poll),
            },
        )  # fmt: skip
        write_anew(poll)
        poll.state, poll.closed_at, poll.ballot_count = State.CLOSED, poll.seals_at, len(counted)
        poll.roll_added = RollEntry.objects.filter(poll=poll, added_later=True).count()
        poll.save(update_fields=["state", "closed_at", "ballot_count", "roll_added"])
        publish(actions.CLOSED, subject=poll, actor=None, at=poll.seals_at, facts={"ballots": len(counted)})
    return True


def counted_ballots(poll: Poll) -> Iterable[tuple[str, str]]:
    """Return commitment and canonical content of every ballot that counts: the last turn of each token."""
    last, rows = _last_turns(poll), BoxBallot.objects.filter(poll=poll.pk).order_by("commitment")
    ballots = rows.values_list("commitment", "content", "token_hash", "turn").iterator(chunk_size=5_000)
    return ((each, content) for each, content, token, turn in ballots if turn == last.get(token, 1))


def replaced_ballots(poll: Poll) -> Iterable[str]:
    """Return the commitments of the ballots that were replaced."""
    last, rows = _last_turns(poll), BoxBallot.objects.filter(poll=poll.pk).order_by("commitment")
    if not last:
        return ()
    ballots = rows.values_list("commitment", "token_hash", "turn").iterator(chunk_size=5_000)
    return (each for each, token, turn in ballots if turn < last.get(token, 1))


def forget_former_places() -> None:
    """Let the database give up where deleted rows lay; what it does by itself sooner or later.

    Outside any transaction only, and never a reason to fail: the rows are gone for every reader already.
    """
    if connection.in_atomic_block:
        return
    statements = {
        "postgresql": ["VACUUM ballot_box.ballot", "VACUUM ballot_box.keying", "VACUUM ballot_roll.mark"],
        "sqlite": ["VACUUM ballot_box", "VACUUM ballot_roll"],
    }[connection.vendor]
    for statement in statements:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError as error:
            logger.warning("former places of ballots: %s", type(error).__name__)


def _publish_batches_of(poll_id: int) -> int:
    made = 0
    with transaction.atomic():
        poll = Poll.objects.select_for_update().get(pk=poll_id)
        if poll.state != State.OPEN:
            return 0
        waiting = _unplaced(poll)[0][Group.WEB]
        secrets.SystemRandom().shuffle(waiting)
        while len(waiting) >= 2 * SMALLEST_BATCH:
            batch, waiting = waiting[:SMALLEST_BATCH], waiting[SMALLEST_BATCH:]
            _place(poll, batch, Group.WEB)
            made += 1
    return made


def _last_turns(poll: Poll) -> dict[str, int]:
    """Return the last turn of each token whose ballot was replaced: few, and found without asking every ballot."""
    later = BoxBallot.objects.filter(poll=poll.pk, turn__gt=1).order_by().values("token_hash")
    return dict(later.annotate(last=Max("turn")).values_list("token_hash", "last"))


def _unplaced(poll: Poll) -> tuple[dict[str, list[str]], list[str]]:
    """Return what waits for a batch: by group, as many as voters, for each voter's last alone counts; and the others."""
    placed = BoxPlacing.objects.filter(commitment=OuterRef("commitment"))
    rows = BoxBallot.objects.filter(poll=poll.pk).exclude(Exists(placed)).order_by("commitment")
    last, replaced = _last_turns(poll), list[str]()
    waiting: dict[str, list[str]] = {group: [] for group in Group.values}
    for each, group, token, turn in rows.values_list("commitment", "group", "token_hash", "turn"):
        (waiting[group] if turn == last.get(token, 1) else replaced).append(each)
    return waiting, replaced


def _place(poll: Poll, commitments: Sequence[str], group: str) -> None:
    number = BulletinEntry.objects.filter(poll=poll, kind=BulletinEntry.Kind.BATCH).count() + 1
    BoxPlacing.objects.bulk_create(
        (BoxPlacing(commitment=each, poll=poll.pk, batch=number) for each in sorted(commitments)), batch_size=300
    )
    chain.append(
        poll,
        BulletinEntry.Kind.BATCH,
        {"batch": number, "count": len(commitments), "root": batch_root(commitments), "group": group},
    )


def _place_the_rest(poll: Poll) -> None:
    """Place every ballot that waits; what is too few to stand alone goes with the others."""
    pools, replaced = _unplaced(poll)
    small = [group for group in Group.values if group != Group.WEB and 0 < len(pools[group]) < SMALLEST_OF_A_CHANNEL]
    mixed = [each for group in small for each in pools.pop(group)]
    if mixed or 0 < len(pools[Group.WEB]) < SMALLEST_BATCH:
        # Batches before this one keep their group; only what is left over is mixed.
        mixed += pools.pop(Group.WEB)
        while len(mixed) < SMALLEST_BATCH and any(pools.values()):
            mixed += pools.pop(max(pools, key=lambda group: (-len(pools[group]) if pools[group] else -(10**9), group)))
        pools = {group: pool for group, pool in pools.items() if pool}
    batches: list[tuple[str, list[str]]] = []
    for group, pool in sorted([*pools.items(), (_name_of(poll, mixed), mixed)]):
        secrets.SystemRandom().shuffle(pool)
        size = SMALLEST_BATCH if group in {Group.WEB, MIXED} else SMALLEST_OF_A_CHANNEL
        batches += [(group, batch) for batch in _split(pool, size)]
    # Replaced ballots are in the chain like all others, beside the most of those that count.
    if replaced:
        batches = batches or [(Group.WEB, [])]
        max((batch for _group, batch in batches), key=len).extend(replaced)
    for group, batch in batches:
        _place(poll, batch, group)


def _name_of(poll: Poll, commitments: Sequence[str]) -> str:
    groups = set()
    for start in range(0, len(commitments), 300):
        some = BoxBallot.objects.filter(commitment__in=commitments[start : start + 300])
        groups |= set(some.values_list("group", flat=True).distinct())
    return groups.pop() if len(groups) == 1 else MIXED


def _split(pool: list[str], size: int) -> list[list[str]]:
    """Cut into batches of at least ``size``; fewer than that stay one."""
    number = max(1, len(pool) // size) if pool else 0
    return [pool[at::number] for at in range(number)]


def _by_group(poll: Poll) -> dict[str, int]:
    """Return how many ballots came by each way, small numbers among the largest."""
    rows = BoxBallot.objects.filter(poll=poll.pk, turn=1).order_by()
    counts = dict(rows.values_list("group").annotate(n=Count("pk")).values_list("group", "n"))
    few = [group for group, count in counts.items() if count < SMALLEST_OF_A_CHANNEL]
    if not few or len(counts) == 1:
        return counts
    mixed = sum(counts.pop(group) for group in few)
    if mixed < SMALLEST_OF_A_CHANNEL and counts:
        mixed += counts.pop(min(counts, key=lambda group: (counts[group], group)))
    return counts | {MIXED: mixed}


def _marks_by_place(poll: Poll) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT e.place_id, count(*) FROM "ballot_roll"."mark" m JOIN "ballot_roll"."entry" e'
            " ON e.poll_id = m.poll_id AND e.person_id = m.person_id WHERE m.poll_id = %s GROUP BY e.place_id",
            [poll.pk],
        )
        return roll.told(poll, dict(cursor.fetchall()))


def write_anew(poll: Poll) -> None:
    """Write the ballots, keyings of paper ballots and marks of a sealed poll anew, in random order and under new ids.

    The box then forgets by which way a ballot came, but for paper, whose slips prove it: of a way few took, the
    roll says who they were.  The chain says in which batches they are, where they are enough.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT ballot_box.shuffle(%s), ballot_box.shuffle_keyings(%s), ballot_roll.shuffle(%s)", [poll.pk] * 3
            )
            return
        with stores.rewriting():
            for statement in _SHUFFLE:
                cursor.execute(statement, [poll.pk] if "%s" in statement else None)


# What the functions of 0003_guards, 0005_paper and 0008_ways_forgotten do on PostgreSQL.
_SHUFFLE = (
    """CREATE TEMP TABLE shuffled_ballots AS
       SELECT poll, content, token_hash, turn, commitment, "group" FROM ballot_box.ballot WHERE poll = %s""",
    "DELETE FROM ballot_box.ballot WHERE poll = %s",
    """INSERT INTO ballot_box.ballot (id, poll, content, token_hash, turn, commitment, "group")
       SELECT lower(hex(randomblob(16))), poll, content, token_hash, turn, commitment,
              CASE "group" WHEN 'paper' THEN 'paper' ELSE 'web' END
       FROM shuffled_ballots ORDER BY random()""",
    "DROP TABLE temp.shuffled_ballots",
    """CREATE TEMP TABLE shuffled_keyings AS
       SELECT poll, slip, turn, content, keyed_by_id FROM ballot_box.keying WHERE poll = %s""",
    "DELETE FROM ballot_box.keying WHERE poll = %s",
    """INSERT INTO ballot_box.keying (id, poll, slip, turn, content, keyed_by_id)
       SELECT lower(hex(randomblob(16))), * FROM shuffled_keyings ORDER BY random()""",
    "DROP TABLE temp.shuffled_keyings",
    """CREATE TEMP TABLE shuffled_marks AS
       SELECT poll_id, person_id, voted_on, channel, assisted FROM ballot_roll.mark WHERE poll_id = %s""",
    "DELETE FROM ballot_roll.mark WHERE poll_id = %s",
    """INSERT INTO ballot_roll.mark (id, poll_id, person_id, voted_on, channel, assisted)
       SELECT lower(hex(randomblob(16))), * FROM shuffled_marks ORDER BY random()""",
    "DROP TABLE temp.shuffled_marks",
)
