"""Binding entries into the chain, a batch at a time, away from every request."""

from datetime import datetime

from django.db import IntegrityError, connection, transaction

from civic.audit import bearings, content
from civic.audit.content import BEGINNING, Row
from civic.audit.models import Entry, Seal, SealedEntry, Unsealed
from civic.core import backups, clock

BATCH = 1000
LOCK = 7_302_651_847  # any number, the same in every process


def seal_waiting(*, at: datetime, wait: bool = False) -> int:
    """Seal everything that waits; return how many entries that were.

    Another sealer at work is no fault: it does the work and this one returns,
    or, with ``wait``, does what is left.
    """
    done = 0
    while sealed := seal_batch(at=at, wait=wait):
        done += sealed
    return done


def seal_batch(*, at: datetime, wait: bool = False) -> int:
    """Seal the oldest waiting entries as one link of the chain; return how many (0: none, or somebody else is at it)."""
    try:
        with transaction.atomic():
            return _seal(at) if _is_mine(wait=wait) else 0
    except IntegrityError:
        return 0  # the constraints let the other one win


def _is_mine(*, wait: bool) -> bool:
    if connection.vendor != "postgresql":
        return True  # one writer at a time
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _seal(at: datetime) -> int:
    waiting = list(Unsealed.objects.order_by("entry_id").values_list("entry_id", flat=True)[:BATCH])
    if not waiting:
        return 0
    rows = [Row(*values) for values in Entry.objects.filter(pk__in=waiting).order_by("pk").values_list(*Row._fields)]
    known = bearings.of(rows)
    last = Seal.objects.order_by("-number").first()
    number, previous = (last.number + 1, last.hash) if last else (1, BEGINNING)
    members = [_member(row, known.get(row.id, bearings.Bearing()), number, place) for place, row in enumerate(rows)]
    batch = content.sha256("\n".join(member.digest for member in members))
    count = len(members)
    hashed = content.seal_hash(number=number, previous=previous, count=count, batch=batch, sealed_at=at)
    Seal.objects.create(
        number=number, version=content.VERSION, previous=previous, count=count, batch=batch, hash=hashed, sealed_at=at
    )
    SealedEntry.objects.bulk_create(members)
    Unsealed.objects.filter(entry_id__in=waiting).delete()
    return len(members)


def _member(row: Row, bearing: bearings.Bearing, seal: int, position: int) -> SealedEntry:
    salts, commitments = {}, {}
    for part, value in content.clear_parts(row).items():
        salts[part] = content.salt()
        commitments[part] = content.commitment(salts[part], part, value)
    digest = content.digest(row, commitments=commitments, office=bearing.office, place=bearing.place)
    return SealedEntry(
        entry_id=row.id, seal_id=seal, position=position, digest=digest, office=bearing.office, place=bearing.place,
        commitments=commitments, salts=salts,
    )  # fmt: skip


# What waited when the backup was taken is as old as the backup: `prove` would call its sealing stopped.
backups.completed_by("seals", lambda: seal_waiting(at=clock.now(), wait=True))
