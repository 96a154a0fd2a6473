"""Who acts in which body."""

from datetime import datetime
from typing import Any

from orgs.bodies.models import Organisation


def bodies_of(person: Any, *, at: datetime) -> "list[Organisation]":
    """Return the bodies a person is a member of at an instant, each once, by name."""
    return list(
        Organisation.objects.filter(
            memberships__in=person.memberships.in_force(at),
        ).distinct()
    )
