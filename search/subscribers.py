"""What changes of a policy mean for the index."""

from civic.audit.models import Entry
from civic.events.bus import subscribe
from search.indexing import index_now
from search.policies import KIND


@subscribe("civic:policy:published", "civic:policy:unpublished", "civic:policy:moved")
def index_policy(entry: Entry) -> None:
    """A published policy is found, a withdrawn one is not."""
    index_now(KIND, entry.subject_id)
