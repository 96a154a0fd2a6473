"""What the panel “What may I do here?” tells on the pages of a poll."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from civic.access.panel import Subject, declare_page
from civic.core.languages import localised
from consult.voting import queries
from consult.voting.actions import CERTIFY, KEY, MANAGE, OBJECT, VOTE, WITNESS, WRITE_FOR

IN_A_POLL = (VOTE, OBJECT, MANAGE, KEY, WRITE_FOR, CERTIFY)
IN_A_MEETING = (WITNESS, OBJECT, MANAGE, CERTIFY)


def poll(parts: Mapping[str, Any], person: Any, at: datetime) -> Subject | None:
    """The poll of the address, when the reader may read it."""
    found = queries.readable(person, at=at).filter(slug=parts.get("slug")).first()
    if found is None:
        return None
    return Subject(localised(found, "title"), found, IN_A_MEETING if found.is_meeting else IN_A_POLL)


ABOUT = (
    "poll", "poll-bulletin", "poll-result", "poll-receipt", "poll-minutes", "poll-witness", "poll-notice", "poll-observe",
    "poll-object", "desk-poll", "desk-poll-edit", "desk-poll-list", "desk-poll-add", "desk-poll-pictures",
    "desk-poll-objections", "desk-meeting", "desk-meeting-edit", "desk-audit", "desk-poll-paper",
    "desk-poll-hand-out", "desk-poll-write-for", "desk-poll-key", "desk-poll-differences", "desk-poll-paper-report",
)  # fmt: skip
for name in ABOUT:
    declare_page(name, poll)
