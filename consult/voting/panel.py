"""What the panel “What may I do here?” tells on the pages of a poll."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from civic.access.panel import Subject, declare_page
from civic.core.languages import localised
from consult.voting import queries
from consult.voting.actions import CERTIFY, MANAGE, OBJECT, VOTE

IN_A_POLL = (VOTE, OBJECT, MANAGE, CERTIFY)


def poll(parts: Mapping[str, Any], person: Any, at: datetime) -> Subject | None:
    """The poll of the address, when the reader may read it."""
    found = queries.readable(person, at=at).filter(slug=parts.get("slug")).first()
    return Subject(localised(found, "title"), found, IN_A_POLL) if found is not None else None


ABOUT = (
    "poll", "poll-bulletin", "poll-result", "poll-receipt", "desk-poll", "desk-poll-edit", "desk-poll-list",
    "desk-poll-add", "desk-poll-pictures",
)  # fmt: skip
for name in ABOUT:
    declare_page(name, poll)
