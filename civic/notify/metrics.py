"""What an operator watches of what leaves the site."""

from django.db.models import Count, Min, QuerySet

from civic.core import clock, metrics
from civic.notify.models import Digest, Letter, Message, Outgoing, WebhookDelivery

OPEN = (Outgoing.Status.WAITING, Outgoing.Status.SENDING, Outgoing.Status.FAILED)


def _rows() -> dict[str, "QuerySet[Outgoing]"]:
    return {
        "notice": Message.objects.filter(is_daily=False),  # the others go with the daily mail
        "daily": Digest.objects.all(),
        "letter": Letter.objects.all(),
        "webhook": WebhookDelivery.objects.all(),
    }


def _open() -> metrics.Reading:
    for kind, rows in _rows().items():
        found = dict(rows.filter(status__in=OPEN).values_list("status").annotate(number=Count("pk")).order_by())
        for status in OPEN:
            yield (kind, str(status)), found.get(status, 0)


def _overdue() -> metrics.Reading:
    at = clock.now()
    for kind, rows in _rows().items():
        oldest = rows.filter(status=Outgoing.Status.WAITING).aggregate(at=Min("due_at"))["at"]
        yield (kind,), max(0.0, (at - oldest).total_seconds()) if oldest else 0.0


metrics.gauge("gongyi_messages", "Messages that wait, are being sent or failed", _open, labels=("kind", "status"))
metrics.gauge(
    "gongyi_message_overdue_seconds", "How long the most overdue message has been due", _overdue, labels=("kind",)
)
