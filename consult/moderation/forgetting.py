"""Which words tell of a person: what moderators wrote about them goes when the person is forgotten."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from civic.audit import forgetting
from consult.discussion.models import Contribution
from consult.moderation.models import Appeal, Case


def about(person_id: int) -> "Iterable[QuerySet[Any]]":
    """Return what a person said, and the cases and appeals about it."""
    return [
        Contribution.objects.filter(author=person_id),
        Case.objects.filter(contribution__author=person_id),
        Appeal.objects.filter(ruling__contribution__author=person_id),
    ]


forgetting.concern(about)
