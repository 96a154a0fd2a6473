"""What could not be delivered: seen by whoever runs the site, and sent again by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core.masking import mask, mask_all
from civic.core.refusals import NOT_FOUND, WRONG_STATE, Reason, Refused
from civic.events.bus import publish, wake
from civic.events.models import Delivery
from civic.notify import actions, kinds, queries, webhooks
from civic.notify.models import Digest, Letter, Message, Outgoing, WebhookDelivery
from civic.people.models import Person

PER_PAGE = 20

NOT_KEPT = Reason(
    "letter-not-kept", _("Codes and security mails are not kept once they failed: the person asks for a new one.")
)


@dataclass(frozen=True)
class Line:
    """One row of the list: what it is, to whom, what went wrong, and whether it can be sent again."""

    what: str
    pk: int
    title: str | Promise
    to: str
    error: str
    attempts: int
    next_at: datetime | None
    why_not: str = ""


@dataclass(frozen=True)
class Sort:
    """One sort of thing that leaves the site or reacts to what happened."""

    key: str
    label: str | Promise
    rows: Callable[[], "models.QuerySet[Any]"]
    line: Callable[[Any], Line]


def sorts() -> list[Sort]:
    """Return every sort, in the order of the tabs."""
    return [
        Sort("messages", _("Notices"), _messages, _message_line),
        Sort("digests", _("Daily mails"), _digests, _digest_line),
        Sort("letters", _("Codes and security mails"), Letter.objects.all, _letter_line),
        Sort("webhooks", _("Webhooks"), lambda: WebhookDelivery.objects.select_related("endpoint"), _webhook_line),
        Sort("events", _("Inside the site"), lambda: Delivery.objects.select_related("entry"), _event_line),
    ]


def sort_of(key: str) -> Sort:
    """Return one sort; an unknown key raises ``Refused``."""
    found = next((sort for sort in sorts() if sort.key == key), None)
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def troubled(sort: Sort) -> "models.QuerySet[Any]":
    """Return the rows of a sort that were given up or are being tried again, the latest first."""
    given_up = models.Q(status=Outgoing.Status.FAILED)
    retried = models.Q(status__in=[Outgoing.Status.WAITING, Outgoing.Status.SENDING], attempts__gt=0) & ~models.Q(
        error=""
    )
    return sort.rows().filter(given_up | retried).order_by("-pk")


def page(sort: Sort, number: str | int | None) -> "tuple[Page[Any], list[Line]]":
    """Return a page of rows and what is shown of them."""
    found = Paginator(troubled(sort), PER_PAGE).get_page(number)
    return found, [sort.line(row) for row in found]


def given_up() -> dict[str, int]:
    """Return how many rows of each sort were given up (one short query each)."""
    return {sort.key: sort.rows().filter(status=Outgoing.Status.FAILED).count() for sort in sorts()}


def send_again(*, sort: Sort, pk: int, actor: Person, at: datetime) -> None:
    """Send one given-up row again, from its first attempt, under the same key.

    Raises ``Refused``: without the power, for a letter (its words are gone),
    and as a conflict when somebody else was first.
    """
    with transaction.atomic():
        require(actor, actions.OPERATE, at=at)
        if sort.key == "letters":
            raise Refused(NOT_KEPT)
        row = sort.rows().filter(pk=pk).first()
        if row is None:
            raise Refused(NOT_FOUND)
        again: dict[str, Any] = {"status": Outgoing.Status.WAITING, "attempts": 0, "due_at": at}
        if not type(row)._default_manager.filter(pk=pk, status=Outgoing.Status.FAILED).update(**again):
            raise Refused(WRONG_STATE, conflict=True)
        if isinstance(row, Digest):
            row.messages.filter(status=Message.Status.FAILED).update(status=Message.Status.WAITING)
        publish(actions.AGAIN, subject=row, actor=actor, at=at, facts={"what": sort.key, "number": pk})
        _wake(row)


def _wake(row: Any) -> None:
    from civic.notify import tasks  # noqa: PLC0415 - tasks import what this module serves

    if isinstance(row, Delivery):
        transaction.on_commit(lambda: wake(row.entry_id), robust=True)
    elif isinstance(row, WebhookDelivery):
        webhooks.wake([row.pk])
    else:
        task: Any = tasks.send_message if isinstance(row, Message) else tasks.send_digest
        transaction.on_commit(lambda: task.delay(row.pk), robust=True)


def _messages() -> "models.QuerySet[Message]":
    # what failed inside a daily mail is one line, the mail's
    return Message.objects.filter(digest=None).select_related("notice__person")


def _digests() -> "models.QuerySet[Digest]":
    return Digest.objects.select_related("person")


def _line(what: str, row: Any, title: str | Promise, to: str, why_not: str = "") -> Line:
    next_at = None if row.status == Outgoing.Status.FAILED else row.due_at
    return Line(what, row.pk, title, to, mask_all(row.error), row.attempts, next_at, why_not)


def _message_line(row: Message) -> Line:
    kind = kinds.find(row.notice.kind)
    title = kind.name_for_people if kind else row.notice.kind
    return _line("messages", row, title, mask(queries.address_of(row.notice.person, row.channel)))


def _digest_line(row: Digest) -> Line:
    return _line("digests", row, _("Daily mail"), mask(queries.address_of(row.person, kinds.EMAIL)))


def _letter_line(row: Letter) -> Line:
    return _line("letters", row, _("Code or security mail"), mask(row.address), str(NOT_KEPT))


def _webhook_line(row: WebhookDelivery) -> Line:
    return _line("webhooks", row, row.kind, row.endpoint.host)


def _event_line(row: Delivery) -> Line:
    return _line("events", row, row.entry.type, row.subscriber)
