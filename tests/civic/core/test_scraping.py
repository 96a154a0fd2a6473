"""What is asked at every scrape is answered from small indexes, however much was done and sent before."""

import pytest
from django.db import connection, models

from civic.events import metrics as events
from civic.events.models import Delivery
from civic.notify import metrics as notify

ROWS = {"deliveries": (Delivery.objects.all(), events.OPEN)} | {
    name: (rows, notify.OPEN) for name, rows in notify._rows().items()
}


@pytest.mark.needs("postgresql")
@pytest.mark.django_db
@pytest.mark.parametrize("name", ROWS)
def test_what_is_open_is_counted_from_an_index_of_it(name: str) -> None:
    rows, states = ROWS[name]
    counted = rows.filter(status__in=states).values_list("status").annotate(number=models.Count("pk")).order_by()
    with connection.cursor() as cursor:
        # The tables of a test are too small to bother with an index.
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "_open" in counted.explain()
