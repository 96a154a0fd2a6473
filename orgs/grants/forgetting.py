"""Which grants tell of a person: the reasons written about them go when the person is forgotten."""

from collections.abc import Iterable

from django.db.models import QuerySet

from civic.audit import forgetting
from orgs.grants.models import Grant


def held_by(person_id: int) -> "Iterable[QuerySet[Grant]]":
    """Return the grants a person holds or held."""
    return [Grant.objects.filter(person=person_id)]


forgetting.concern(held_by)
