"""Opening by the clock: rolls are drawn and boxes set up ahead of time, and everybody hears when voting begins.

Nobody has to press anything.  What cannot be prepared is told to the office once a reason, and tried again.
"""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from civic.core import turns
from civic.core.refusals import Reason, Refused, Unfit
from civic.events.bus import publish
from consult.voting import actions, domain, roll
from consult.voting.models import Beginning, Poll
from consult.voting.states import State

logger = logging.getLogger(__name__)

# So long before the opening the roll is drawn and published: time to ask for an addition, or to mend a fault.
LEAD = timedelta(hours=24)

NO_BALLOT_KEY = Reason("no-ballot-key", _("The poll could not be signed for. Whoever runs the site has to look at its log."))  # fmt: skip
MISSED = Reason("poll-missed", _("The time for voting is over, and nobody could vote."))
# The reasons a stored fault may have, by code; words of other releases are not lost but general.
FAULTS = {
    reason.code: reason
    for reason in (domain.NOBODY, roll.BAD_ROLL_RULE, roll.LIST_FIRST, roll.LIST_ANEW, NO_BALLOT_KEY, MISSED)
}


def prepare_due(*, at: datetime) -> int:
    """Draw the roll of, and open, every announced poll that begins within ``LEAD``; return how many that were.

    May run at the same moment as often as it likes: each poll is opened once.
    """
    due = Poll.objects.by_ballots().filter(state=State.ANNOUNCED, opens_at__lte=at + LEAD).order_by("opens_at", "pk")
    return sum(prepare(poll_id=pk, at=at) for pk in due.values_list("pk", flat=True))


def prepare(*, poll_id: int, at: datetime) -> bool:
    """Draw the roll of one announced poll, unless somebody has, and open it; return whether this call did.

    All or nothing.  What stands in the way is noted, and told to the office the first time.
    """
    try:
        with transaction.atomic():
            poll = _held(poll_id)
            if poll is None:
                return False
            if poll.closes_at <= at:
                raise Refused(MISSED)
            if poll.roll_size is None:
                domain.draw_roll(poll=poll, actor=None, at=at)
            domain.open_poll(poll=poll, actor=None, at=at)
            Beginning.objects.filter(poll=poll).exclude(fault="").update(fault="")
    except (Refused, Unfit) as refusal:
        _note(poll_id, refusal.reason, at)
        return False
    except Exception:  # one poll's misfortune must not keep the others shut
        logger.exception("poll %s could not be prepared", poll_id)
        _note(poll_id, NO_BALLOT_KEY, at)
        return False
    return True


def begin_due(*, at: datetime) -> int:
    """Let everybody concerned hear that voting has begun, once a poll; return of how many polls."""
    waiting = Poll.objects.running(at).exclude(beginning__begun_at__isnull=False).order_by("opens_at", "pk")
    return turns.each(waiting.values_list("pk", flat=True), lambda pk: _begin(pk, at))


def fault_of(poll: Poll) -> Reason | None:
    """Return why an announced poll could not be prepared when it was last tried; None when nothing is wrong."""
    if poll.state != State.ANNOUNCED:
        return None
    beginning = Beginning.objects.filter(poll=poll).exclude(fault="").first()
    return FAULTS.get(beginning.fault, NO_BALLOT_KEY) if beginning is not None else None


def _begin(poll_id: int, at: datetime) -> bool:
    with transaction.atomic():
        poll = Poll.objects.select_for_update().get(pk=poll_id)
        beginning, _made = Beginning.objects.get_or_create(poll=poll)
        if beginning.begun_at is not None or poll not in Poll.objects.running(at).filter(pk=poll_id):
            return False
        beginning.begun_at = at
        beginning.save(update_fields=["begun_at"])
        publish(actions.BEGUN, subject=poll, actor=None, at=at)
    return True


def _note(poll_id: int, reason: Reason, at: datetime) -> None:
    with transaction.atomic():
        poll = _held(poll_id)
        if poll is None:
            return
        beginning, _made = Beginning.objects.get_or_create(poll=poll)
        if beginning.fault == reason.code:
            return
        beginning.fault = reason.code
        beginning.save(update_fields=["fault"])
        publish(actions.STUCK, subject=poll, actor=None, at=at, facts={"code": reason.code})


def _held(poll_id: int) -> Poll | None:
    """Lock an announced poll; None when it is past that, or another worker has it in hand."""
    rows = Poll.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    return rows.filter(pk=poll_id, state=State.ANNOUNCED).first()
