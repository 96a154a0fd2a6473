"""How a row leaves the site: claimed, handed over, marked; repeated under the same key.

Each row is claimed by a conditional update, so of two workers one sends.  A
claim lasts ``LEASE``: a row whose sender died is tried again under the same
key, so that the receiving side can recognise a repetition
(docs/decisions/0005-sending-once.md).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import Exists, F, Q

from civic.core.backoff import pause
from civic.core.masking import mask_all
from civic.core.sms import Rejected, Unavailable
from civic.core.texts import legible
from civic.notify.models import Outgoing

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
LEASE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
SWEEP_BATCH = 500

Row = TypeVar("Row", bound=Outgoing)


class Unwanted(Exception):
    """The person has switched this off, or left, since the row was written."""


class NotYet(Exception):
    """Now is not the hour for it; ``until`` is when to look again.  No attempt is counted."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def due(rows: "models.QuerySet[Row]", *, at: datetime) -> list[int]:
    """Return the ids of those ``rows`` to send now, oldest first, a batch at a time."""
    return list(rows.filter(_claimable(at)).order_by("due_at", "id").values_list("pk", flat=True)[:SWEEP_BATCH])


def attempt(
    rows: "models.QuerySet[Row]",
    pk: int,
    hand_over: Callable[[Row, datetime], None],
    *,
    at: datetime,
    most: int = MAX_ATTEMPTS,
    emptied: dict[str, Any] | None = None,
    settled: Callable[[Row, str, datetime], None] | None = None,
    unless: Exists | None = None,
) -> bool:
    """Try to hand one row over if it is due; return whether this call did.

    What ``hand_over`` raises decides: ``Unwanted`` skips the row, ``NotYet`` puts
    it back, ``Rejected`` gives it up, everything else is tried again with growing
    pauses, ``most`` times.  What is claimed ``unless`` a condition holds stays
    as it is while it does.  ``emptied`` are the values written when it is over;
    ``settled`` runs in the transaction that writes its fate.
    """
    free = [~unless] if unless is not None else []
    claimed = rows.filter(_claimable(at), *free, pk=pk).update(
        status=Outgoing.Status.SENDING, attempts=F("attempts") + 1, due_at=at + LEASE
    )
    if not claimed:
        return False
    row = rows.get(pk=pk)
    # whoever claims it after our lease has another number of attempts, and the last word
    mine = rows.filter(pk=pk, status=Outgoing.Status.SENDING, attempts=row.attempts)

    def end(status: str, **values: Any) -> None:
        over = status != Outgoing.Status.WAITING
        with transaction.atomic():
            if mine.update(status=status, **values, **((emptied or {}) if over else {})) and over and settled:
                settled(row, status, at)

    if row.attempts > most:
        end(Outgoing.Status.FAILED, error="every sender died before saying whether it was sent")
        return False
    try:
        hand_over(row, at)
    except Unwanted:
        end(Outgoing.Status.SKIPPED, error="")
    except NotYet as early:
        end(Outgoing.Status.WAITING, attempts=row.attempts - 1, due_at=early.until)
    except Exception as error:
        # no address in the log: the row's id finds it
        logger.warning("%s %s was not sent: %s", type(row).__name__, pk, type(error).__name__)
        said = legible(mask_all(f"{type(error).__name__}: {error}"))[:500]
        if isinstance(error, Rejected) or row.attempts >= most:
            end(Outgoing.Status.FAILED, error=said)
        else:
            end(Outgoing.Status.WAITING, error=said, due_at=at + _wait(row.attempts, error))
    else:
        end(Outgoing.Status.SENT, sent_at=at, error="")
        return True
    return False


def _wait(attempts: int, error: Exception) -> timedelta:
    wait = pause(attempts, first=60, factor=4, most=4.5 * 3600)
    asked = error.after if isinstance(error, Unavailable) else None
    return max(wait, min(asked, LONGEST_PAUSE)) if asked else wait


def _claimable(at: datetime) -> Q:
    return Q(status__in=[Outgoing.Status.WAITING, Outgoing.Status.SENDING], due_at__lte=at)
