"""What an operator watches of the record."""

from django.db.models import Min

from civic.audit.models import Unsealed
from civic.core import clock, metrics


def _seal_age() -> metrics.Reading:
    oldest = Unsealed.objects.aggregate(at=Min("entry__recorded_at"))["at"]
    return [((), max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0)]


metrics.gauge("gongyi_seal_age_seconds", "How long the entry that waits longest for its seal has waited", _seal_age)
