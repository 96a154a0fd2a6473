"""Reading grants: which power whom, where, until when is public."""

from django.db.models import QuerySet

from civic.access.registry import rule_of
from orgs.grants.models import Grant


def in_public() -> "QuerySet[Grant]":
    """Return every grant, begun or not, ended or not."""
    return Grant.objects.select_related("body", "scope_place", "scope_body")


def label(grant: Grant) -> str:
    """Return what a grant lets its holder do, in the reader's language."""
    try:
        return str(rule_of(grant.action).label)
    except LookupError:
        return grant.action  # an action of an older release
