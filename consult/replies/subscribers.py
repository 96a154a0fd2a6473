"""What follows from an answer: search says that the contribution has one."""

from civic.audit.models import Entry
from civic.events.bus import subscribe
from consult.replies import actions
from consult.replies.models import ReplyItem
from search.indexing import index_now


@subscribe(actions.PUBLISHED)
def index_answered(entry: Entry) -> None:
    """Bring the answered contributions' documents up to date."""
    for pk in ReplyItem.objects.filter(reply_id=int(entry.subject_id)).values_list("contribution_id", flat=True):
        index_now("contribution", pk)
