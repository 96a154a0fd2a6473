"""What must be true of consultations: their counter of people, their frozen rules."""

from collections.abc import Iterator

from django.db.models import Count, F

from civic.core import proofs
from consult.consultations.domain import hash_of
from consult.consultations.models import Consultation


def participants_are_counted() -> Iterator[str]:
    """``participant_count`` is the number of people who took part."""
    wrong = Consultation.objects.annotate(rows=Count("participations")).exclude(participant_count=F("rows"))
    for slug, kept, rows in wrong.order_by("pk").values_list("slug", "participant_count", "rows").iterator():
        yield f"{slug}: participant_count is {kept}, the rows are {rows}"


def rules_are_as_frozen() -> Iterator[str]:
    """The rules of what was announced still have the hash they were announced with."""
    for slug, rules, kept in (
        Consultation.objects.public().order_by("pk").values_list("slug", "rules", "rules_hash").iterator()
    ):
        if hash_of(rules) != kept:
            yield f"{slug}: rules_hash does not fit the rules"


proofs.register("participants", participants_are_counted)
proofs.register("frozen-rules", rules_are_as_frozen)
