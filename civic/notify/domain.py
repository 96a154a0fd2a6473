"""Telling people, and what they do with what they are told."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Literal

from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from civic.access.sessions import forget_along
from civic.audit.models import Entry
from civic.core.refusals import Reason, Refused
from civic.notify import kinds, queries
from civic.notify.models import Bounce, Channel, Hours, Letter, Message, Notice, Preference, Timing, Wish
from civic.notify.rules import Quiet, Rhythm, rhythm_of
from civic.people.models import Person

Recipient = tuple[Person | int, Mapping[str, Any], str]

BATCH = 500

DIGEST_IN_QUIET = Reason(
    "digest-in-quiet-hours", _("The daily mail would come in your quiet hours: choose another hour for one of them.")
)


def tell(*, kind: str, entry: Entry, recipients: Iterable[Recipient], at: datetime) -> int:
    """Tell people, exactly once per person, entry and kind; return how many are told now.

    Each recipient is a person (or id), the params of the kind's sentences and a
    path of this site.  Params hold ids and short public strings, no personal
    data of others; a bilingual one is passed twice (``title``, ``title_en``).
    Runs in the caller's transaction: call it from a subscriber or a domain
    function.  People who cannot sign in are passed over.  Raises ``LookupError``
    for an undeclared kind and ``ValueError`` for an address of another site.
    """
    declared = kinds.get(kind)
    told = 0
    with transaction.atomic():
        for batch in _batches(recipients):
            told += _tell(declared, entry, batch, at)
    return told


def mark_read(*, person: Person, ids: Collection[int] | Literal["all"], at: datetime) -> int:
    """Mark notices of this person as read; return how many were unread.  Others' ids change nothing."""
    notices = Notice.objects.unread().filter(person=person)
    if ids != "all":
        notices = notices.filter(pk__in=ids)
    forget_along(person, queries.UNREAD)
    return notices.update(read_at=at)


def choose(*, person: Person, wanted: Mapping[tuple[str, str], bool]) -> None:
    """Store what a person wants, by (group, channel).  What is not named keeps its choice or default."""
    Preference.objects.bulk_create(
        [
            Preference(person=person, group=group, channel=channel, wanted=yes)
            for (group, channel), yes in sorted(wanted.items())
        ],
        update_conflicts=True,
        unique_fields=["person", "group", "channel"],
        update_fields=["wanted"],
    )


def wish(*, person: Person, timings: Mapping[tuple[str, str], str]) -> None:
    """Store when a person wants each kind, by (kind, channel).

    What is not named keeps its choice or default.  Raises ``ValueError`` for a
    timing that does not exist, among them a daily text message.
    """
    for (_kind, channel), timing in timings.items():
        if timing not in Timing.values or (timing == Timing.DAILY and channel != Channel.EMAIL):
            raise ValueError(f"{timing} is not how something is sent by {channel}.")
    Wish.objects.bulk_create(
        [
            Wish(person=person, kind=kind, channel=channel, timing=timing)
            for (kind, channel), timing in sorted(timings.items())
        ],
        update_conflicts=True,
        unique_fields=["person", "kind", "channel"],
        update_fields=["timing"],
    )


def set_hours(*, person: Person, quiet: Quiet | None, digest_hour: int, at: datetime) -> None:
    """Store a person's quiet hours and the hour of their daily mail; what waits moves with it.

    Raises ``Refused`` when the daily mail would come in the quiet hours.
    """
    rhythm = Rhythm(quiet, digest_hour)
    due_at = rhythm.next_digest(at)
    if quiet is not None and quiet.contains(due_at):
        raise Refused(DIGEST_IN_QUIET)
    chosen = {
        "quiet_from": quiet.since if quiet else None,
        "quiet_until": quiet.until if quiet else None,
        "digest_hour": digest_hour,
    }
    with transaction.atomic():
        before = rhythm_of(Hours.objects.filter(person=person).first())
        Hours.objects.update_or_create(person=person, defaults=chosen)
        if before.digest_hour != digest_hour:
            waiting = Message.objects.filter(notice__person=person, is_daily=True, digest=None)
            waiting.filter(status=Message.Status.WAITING).update(due_at=due_at)


def try_again(*, person: Person, channel: str, at: datetime) -> int:
    """Send to an address again that did not take what we sent; return how many bounces are forgiven."""
    return Bounce.objects.filter(person=person, channel=channel, forgiven_at=None).update(forgiven_at=at)


def post(*, channel: str, address: str, content: Mapping[str, str], at: datetime, lasts: timedelta) -> None:
    """Owe one letter (a code, a security mail) to an address; not tried after ``lasts``.

    ``content`` of an e-mail: ``subject``, ``text`` and perhaps ``html``; of a
    text message: ``text``.
    """
    with transaction.atomic():
        letter = Letter.objects.create(
            channel=channel, address=address, content=dict(content), created_at=at, due_at=at, expires_at=at + lasts
        )
        transaction.on_commit(lambda: _wake_letter(letter.pk), robust=True)


def _batches(recipients: Iterable[Recipient]) -> Iterator[dict[int, tuple[Mapping[str, Any], str]]]:
    rest = iter(recipients)
    while chunk := list(islice(rest, BATCH)):
        batch: dict[int, tuple[Mapping[str, Any], str]] = {}
        for person, params, url in chunk:
            if not url.startswith("/") or not url_has_allowed_host_and_scheme(url, allowed_hosts=None):
                raise ValueError(f"A notice leads to a page of this site, not to {url}.")
            batch.setdefault(person if isinstance(person, int) else person.pk, (params, url))
        yield batch


def _tell(kind: kinds.Kind, entry: Entry, batch: dict[int, tuple[Mapping[str, Any], str]], at: datetime) -> int:
    mine = Notice.objects.filter(entry=entry, kind=kind.name, person__in=batch)
    already = set(mine.values_list("person", flat=True))
    people = [p for p in Person.objects.filter(pk__in=batch, is_active=True).order_by("pk") if p.pk not in already]
    if not people:
        return 0
    Notice.objects.bulk_create(
        [
            Notice(
                person=p, kind=kind.name, entry=entry, params=dict(batch[p.pk][0]), url=batch[p.pk][1], created_at=at
            )
            for p in people
        ],
        ignore_conflicts=True,
    )
    # rows of a twin that ran at the same moment are among these: its messages and ours collide harmlessly
    stored = {notice.person_id: notice for notice in mine if notice.person_id not in already}
    wishes = queries.wishes_of(people, at=at)
    messages = [
        message
        for p in people
        for channel in Channel.values
        if (message := _message(stored[p.pk], p, kind, channel, wishes, at)) is not None
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    if any(message.due_at <= at for message in messages):
        transaction.on_commit(lambda: _wake(list(stored.values()), at), robust=True)
    return len(stored)


def _message(
    notice: Notice, person: Person, kind: kinds.Kind, channel: str, wishes: queries.Wishes, at: datetime
) -> Message | None:
    timing = wishes.timing(person.pk, kind, channel)
    if timing == Timing.NEVER or not wishes.reaches(person, channel):
        return None
    rhythm = wishes.rhythm(person.pk)
    if timing == Timing.DAILY:
        return Message(notice=notice, channel=channel, is_daily=True, due_at=rhythm.next_digest(at))
    due_at = at if kind.binding else rhythm.send_after(at)
    return Message(notice=notice, channel=channel, due_at=due_at)


def _wake(notices: list[Notice], at: datetime) -> None:
    """Tell the workers; when no broker answers, the sweeper finds the rows anyway."""
    from civic.notify.tasks import send_message  # noqa: PLC0415 - tasks import this module

    waiting = Message.objects.filter(notice__in=notices, status=Message.Status.WAITING, is_daily=False, due_at__lte=at)
    for pk in waiting.order_by("id").values_list("pk", flat=True):
        send_message.delay(pk)


def _wake_letter(pk: int) -> None:
    from civic.notify.tasks import send_letter  # noqa: PLC0415 - tasks import this module

    send_letter.delay(pk)
