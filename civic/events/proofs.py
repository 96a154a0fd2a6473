"""What must be true of deliveries."""

from collections.abc import Iterator

from civic.core import proofs
from civic.events.models import Delivery


def deliveries_have_a_fate() -> Iterator[str]:
    """Nothing was given up, and what is done says when."""
    failed = Delivery.objects.filter(status=Delivery.Status.FAILED).select_related("entry").order_by("pk")
    for delivery in failed.iterator():
        yield (
            f"delivery {delivery.pk} ({delivery.entry.type} to {delivery.subscriber}) was given up "
            f"after {delivery.attempts} attempts: {delivery.error[:200]}"
        )
    undated = Delivery.objects.filter(status=Delivery.Status.DONE, done_at=None).order_by("pk")
    for pk in undated.values_list("pk", flat=True).iterator():
        yield f"delivery {pk} is done but does not say when"


proofs.register("deliveries", deliveries_have_a_fate)
