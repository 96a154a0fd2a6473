"""Putting together what people want once a day."""

from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from civic.notify import queries
from civic.notify.models import Digest, Message, Outgoing
from civic.notify.outgoing import SWEEP_BATCH
from civic.people.models import Person


def gather(*, at: datetime) -> int:
    """Put what is due for a daily mail into one mail per person and day; return how many mails came of it.

    Somebody whose mail of today has left gets the rest tomorrow.  Nobody gets a
    mail in their quiet hours, nor an empty one.
    """
    ids = _due(at).values_list("notice__person", flat=True).order_by().distinct()[:SWEEP_BATCH]
    people = Person.objects.filter(pk__in=list(ids)).order_by("pk")
    wishes = queries.wishes_of(people, at=at)
    return sum(_gather(person, wishes, at) for person in people)


def _gather(person: Person, wishes: queries.Wishes, at: datetime) -> bool:
    rhythm = wishes.rhythm(person.pk)
    morning = rhythm.send_after(at)
    mine = _due(at).filter(notice__person=person)
    if morning > at:
        mine.update(due_at=morning)
        return False
    day = at.astimezone(timezone.get_default_timezone()).date()
    with transaction.atomic():
        digest, is_new = Digest.objects.get_or_create(person=person, day=day, defaults={"due_at": at})
        if not is_new:
            mine.update(due_at=rhythm.next_digest(at))
            return False
        if not mine.update(digest=digest):
            digest.delete()
            return False
    return True


def _due(at: datetime) -> "models.QuerySet[Message]":
    rows = Message.objects.filter(is_daily=True, digest=None, due_at__lte=at)
    return rows.filter(status=Outgoing.Status.WAITING)
