"""What an operator watches of what leaves the site."""

from django.db.models import Count, Min

from civic.core import clock, metrics
from civic.notify.models import Letter, Message, Outgoing

OPEN = (Outgoing.Status.WAITING, Outgoing.Status.SENDING, Outgoing.Status.FAILED)
MODELS = (("notice", Message), ("letter", Letter))


def _open() -> metrics.Reading:
    for kind, model in MODELS:
        rows = model.objects.filter(status__in=OPEN).values_list("channel", "status").annotate(number=Count("pk"))
        for channel, status, number in rows.order_by():
            yield (kind, channel, status), number


def _oldest() -> metrics.Reading:
    at = clock.now()
    for kind, model in MODELS:
        oldest = model.objects.filter(status=Outgoing.Status.WAITING).aggregate(at=Min("due_at"))["at"]
        yield (kind,), max(0.0, (at - oldest).total_seconds()) if oldest else 0.0


metrics.gauge(
    "gongyi_messages", "Messages that wait, are being sent or failed", _open, labels=("kind", "channel", "status")
)
metrics.gauge(
    "gongyi_message_overdue_seconds",
    "How long the message that is most overdue has been due",
    _oldest,
    labels=("kind",),
)
