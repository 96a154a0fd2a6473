"""What an operator watches of deliveries."""

from django.db.models import Count, Min

from civic.core import clock, metrics
from civic.events.models import Delivery

OPEN = (Delivery.Status.WAITING, Delivery.Status.FAILED)


def _open() -> metrics.Reading:
    rows = Delivery.objects.filter(status__in=OPEN).values_list("status").annotate(number=Count("pk")).order_by()
    found = dict(rows)
    return [((str(status),), found.get(status, 0)) for status in OPEN]


def _oldest() -> metrics.Reading:
    oldest = Delivery.objects.filter(status=Delivery.Status.WAITING).aggregate(at=Min("due_at"))["at"]
    return [((), max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0)]


metrics.gauge("gongyi_deliveries", "Deliveries that wait or were given up", _open, labels=("status",))
metrics.gauge("gongyi_delivery_overdue_seconds", "How long the delivery that is most overdue has been due", _oldest)
