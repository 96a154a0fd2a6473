"""Reading notices."""

from collections.abc import Collection
from typing import Any

from allauth.account.models import EmailAddress
from django.core.paginator import Page, Paginator
from django.db import models

from civic.notify import kinds
from civic.notify.models import Channel, Message, Notice, Preference
from civic.people.models import Level, Person

PER_PAGE = 20


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


def unread_count(person: Person) -> int:
    """Return how many notices the person has not read (one query over an index of the unread)."""
    return Notice.objects.unread().filter(person=person).count()


def reachable(person: Person, channel: str, *, unconfirmed: Collection[str] = ()) -> bool:
    """Tell whether we know a confirmed address of the person for this channel.

    ``unconfirmed`` are e-mail addresses known not to be confirmed yet.
    """
    if not person.is_active:
        return False
    if channel == Channel.SMS:
        return bool(person.phone and person.phone_verified)
    return bool(person.email and person.level >= Level.CONTACT and person.email not in unconfirmed)


def unconfirmed_addresses(people: Collection[Person]) -> set[str]:
    """Return those of the people's e-mail addresses that still wait for confirmation (one query)."""
    addresses = [person.email for person in people if person.email]
    return set(EmailAddress.objects.filter(email__in=addresses, verified=False).values_list("email", flat=True))


def wanted(person_id: int, kind: kinds.Kind, channel: str, chosen: dict[Any, bool]) -> bool:
    """Tell whether a person wants a kind through a channel: their choice, else the kind's default."""
    return chosen.get((person_id, kind.group, channel), channel in kind.channels)


def choices_of(people: Collection[int]) -> dict[tuple[int, str, str], bool]:
    """Return what these people chose, by (person, group, channel), in one query."""
    rows = Preference.objects.filter(person__in=people).values_list("person", "group", "channel", "wanted")
    return {(person, group, channel): yes for person, group, channel, yes in rows}
