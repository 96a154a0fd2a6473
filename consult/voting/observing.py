"""Observers, and the head of each poll's chain that goes out once a day.

Whoever has a head from before can prove that nothing up to it was changed since (docs/observers.md).
"""

from datetime import datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from civic.access.questions import require
from civic.core import turns
from civic.events.bus import publish
from civic.people.models import Person
from consult.voting import actions
from consult.voting.models import BulletinEntry, DailyHead, Observer, Poll
from consult.voting.states import State

SENT_FROM = time(8)
# Certificates and objections come after the count; then a chain rests.
AFTER_THE_END = timedelta(days=30)


def observe(*, poll: Poll, person: Person, at: datetime) -> None:
    """Send a person the head of this poll's chain every day from now on; asking again changes nothing."""
    require(person, actions.VIEW, poll, at=at)
    Observer.objects.get_or_create(poll=poll, person=person, defaults={"since": at})


def stop(*, poll: Poll, person: Person) -> None:
    """Send them no more of this poll."""
    Observer.objects.filter(poll=poll, person=person).delete()


def daily_heads(*, at: datetime) -> int:
    """Send out the heads that are due today, each once whoever asks and however often; return how many.

    A running poll's every day, a finished one's on the days its chain has grown.
    """
    local = timezone.localtime(at)
    if local.time() < SENT_FROM:
        return 0
    before = DailyHead.objects.filter(poll=OuterRef("pk")).order_by("-day").values("number")[:1]
    grown = BulletinEntry.objects.filter(poll=OuterRef("pk"), number__gt=Coalesce(OuterRef("sent_before"), 0))
    begun = Poll.objects.filter(
        state__in=[State.OPEN, State.CLOSED, State.COUNTED, State.CERTIFIED],
        opens_at__lte=at,
        closes_at__gt=at - AFTER_THE_END,
    )
    today = DailyHead.objects.filter(poll=OuterRef("pk"), day=local.date())
    due = begun.exclude(Exists(today)).annotate(sent_before=Subquery(before))
    return turns.each(due.filter(Q(closes_at__gt=at) | Exists(grown)).order_by("pk"), lambda poll: _send(poll, at))


def _send(poll: Poll, at: datetime) -> bool:
    head = BulletinEntry.objects.filter(poll=poll).latest("number")
    try:
        with transaction.atomic():
            DailyHead.objects.create(poll=poll, day=timezone.localtime(at).date(), number=head.number, hash=head.hash)
            publish(
                actions.HEAD_OF_THE_DAY, subject=poll, actor=None, at=at,
                facts={"number": head.number, "hash": head.hash},
            )  # fmt: skip
    except IntegrityError:
        return False  # somebody else sent it
    return True
