"""What follows from a consultation's entries: search says what it now is."""

from civic.audit.models import Entry
from civic.events.bus import subscribe
from consult.consultations import actions
from search.indexing import index_now


@subscribe(actions.ANNOUNCED, actions.EXTENDED, actions.WITHDRAWN, actions.ANSWERED, actions.ARCHIVED)
def index_consultation(entry: Entry) -> None:
    """Bring the consultation's document up to date."""
    index_now("consultation", int(entry.subject_id))
