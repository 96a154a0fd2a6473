"""Reading notices, and what people want of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from civic.access.sessions import asked_along
from civic.core.asking import Question
from civic.notify import kinds
from civic.notify.models import Bounce, Channel, Hours, Message, Notice, Preference, Timing, Wish
from civic.notify.rules import Rhythm, rhythm_of
from civic.people.models import Level, Person

UNREAD = "unread_notices"
PER_PAGE = 20
SOFT_BOUNCES = 3
SOFT_BOUNCES_COUNT_FOR = timedelta(days=30)


_UNREAD: Question[int] = Question(
    lambda person: (
        Notice.objects.unread().filter(person_id=person).order_by().values("person").annotate(n=models.Count("pk"))
        .values_list("n", flat=True)
    ),
    person=int,
)  # fmt: skip


def notices_of(person: Person, *, group: str = "", page: str | int | None = 1) -> Page[Notice]:
    """Return a page of a person's notices, newest first, each with its failed messages.

    ``group`` narrows to one group of kinds; an unknown one gives an empty page.
    """
    notices = Notice.objects.filter(person=person).order_by("-created_at", "-id")
    if group:
        notices = notices.filter(kind__in=[kind.name for kind in kinds.all_kinds() if kind.group == group])
    failed = models.Prefetch(
        "messages", Message.objects.filter(status=Message.Status.FAILED).order_by("id"), to_attr="failed"
    )
    return Paginator(notices.prefetch_related(failed), PER_PAGE).get_page(page)


def unread_count(person: Person, *, at: datetime | None = None) -> int:
    """Return how many notices the person has not read (one query over an index of the unread).

    With the instant of the request they are signed in for, as they were counted when it began.
    """
    counted = asked_along(person, UNREAD, at=at) if at is not None else None
    return counted if counted is not None else _UNREAD.one(person=person.pk) or 0


def unread_of_each(_at: datetime) -> Any:
    """Return the number of a person's unread notices as part of a question for people."""
    unread = Notice.objects.unread().filter(person=models.OuterRef("pk")).order_by().values("person")
    return Coalesce(models.Subquery(unread.annotate(n=models.Count("pk")).values("n")), 0)


def address_of(person: Person, channel: str) -> str:
    """Return where a channel reaches a person; empty when we know no confirmed address."""
    if channel == Channel.SMS:
        return (person.phone or "") if person.phone_verified else ""
    return (person.email or "") if person.level >= Level.CONTACT else ""


def mark_of(address: str) -> str:
    """Return the keyed fingerprint under which bounces of an address are kept."""
    return salted_hmac("civic.notify.bounces", address.lower(), algorithm="sha256").hexdigest()


@dataclass(frozen=True)
class Wishes:
    """What some people want: by kind, by group, their hours, and which of their addresses do not work."""

    by_kind: dict[tuple[int, str, str], str] = field(default_factory=dict)
    by_group: dict[tuple[int, str, str], bool] = field(default_factory=dict)
    hours: dict[int, Hours] = field(default_factory=dict)
    unconfirmed: frozenset[str] = frozenset()
    stopped: frozenset[tuple[int, str]] = frozenset()

    def timing(self, person_id: int, kind: kinds.Kind, channel: str) -> str:
        """Return when a person wants a kind through a channel: their choice, else the kind's default."""
        by_default = Timing.NOW if channel in kind.channels else Timing.NEVER
        if kind.binding:
            return by_default
        chosen = self.by_kind.get((person_id, kind.name, channel))
        if chosen is not None:
            return chosen
        group = self.by_group.get((person_id, kind.group, channel))
        return by_default if group is None else Timing.NOW if group else Timing.NEVER

    def reaches(self, person: Person, channel: str) -> bool:
        """Tell whether we know a confirmed address of the person for a channel that takes what we send."""
        address = address_of(person, channel)
        return (
            person.is_active
            and bool(address)
            and address not in self.unconfirmed
            and (person.pk, channel) not in self.stopped
        )

    def rhythm(self, person_id: int) -> Rhythm:
        """Return a person's hours, or the default ones."""
        return rhythm_of(self.hours.get(person_id))


def wishes_of(people: Iterable[Person], *, at: datetime) -> Wishes:
    """Return what these people want, in five queries however many they are."""
    people = list(people)
    ids = [person.pk for person in people]
    by_kind = Wish.objects.filter(person__in=ids).values_list("person", "kind", "channel", "timing")
    by_group = Preference.objects.filter(person__in=ids).values_list("person", "group", "channel", "wanted")
    return Wishes(
        by_kind={(person, kind, channel): timing for person, kind, channel, timing in by_kind},
        by_group={(person, group, channel): wanted for person, group, channel, wanted in by_group},
        hours={hours.person_id: hours for hours in Hours.objects.filter(person__in=ids)},
        unconfirmed=frozenset(unconfirmed_addresses(people)),
        stopped=frozenset((person.pk, channel) for person, channel, _since in stopped(people, at=at)),
    )


def unconfirmed_addresses(people: Collection[Person]) -> set[str]:
    """Return those of the people's e-mail addresses that still wait for confirmation (one query)."""
    addresses = [person.email for person in people if person.email]
    return set(EmailAddress.objects.filter(email__in=addresses, verified=False).values_list("email", flat=True))


def stopped(people: Collection[Person], *, at: datetime) -> list[tuple[Person, str, datetime]]:
    """Return whose channels are stopped since when (one query).

    One hard bounce of the present address stops a channel, or three soft ones
    of different messages within a month; forgiven ones and those of an earlier
    address do not count.
    """
    known = {person.pk: person for person in people}
    rows = Bounce.objects.filter(person__in=known, forgiven_at=None).order_by("at", "pk")
    counts: dict[tuple[int, str], int] = {}
    found: dict[tuple[int, str], datetime] = {}
    for bounce in rows:
        key = (bounce.person_id, bounce.channel)
        if bounce.mark != mark_of(address_of(known[bounce.person_id], bounce.channel)):
            continue
        if not bounce.is_hard and bounce.at <= at - SOFT_BOUNCES_COUNT_FOR:
            continue
        counts[key] = counts.get(key, 0) + (SOFT_BOUNCES if bounce.is_hard else 1)
        if counts[key] >= SOFT_BOUNCES:
            found.setdefault(key, bounce.at)
    return [(known[person], channel, since) for (person, channel), since in found.items()]
