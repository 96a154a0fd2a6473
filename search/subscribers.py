"""What changes of a policy mean for the index."""

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.signals import page_slug_changed, page_unpublished

from civic.audit.models import Entry
from civic.events.bus import subscribe
from civic.policies import actions
from civic.policies.models import PolicyPage
from search.indexing import index_now
from search.policies import KIND


@subscribe(actions.PUBLISHED)
def index_policy(entry: Entry) -> None:
    """A published policy is found by its new text."""
    index_now(KIND, entry.subject_id)


# Wagtail takes pages back and moves them without an entry of ours: the index
# follows in the same transaction.
@receiver([page_unpublished, page_slug_changed], sender=PolicyPage)
@receiver(post_delete, sender=PolicyPage)
def follow_page(instance: PolicyPage, **_signal: Any) -> None:
    """A page taken back or deleted is no longer found; one with a new address is found there."""
    index_now(KIND, instance.pk)
