"""Polls in search."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from consult.voting.models import Poll
from consult.voting.states import State
from search.documents import Document, register

STATUS = {State.CLOSED: "review", State.COUNTED: "answered", State.CERTIFIED: "done", State.WITHDRAWN: "ended"}


def rows() -> "QuerySet[Poll]":
    """Return what everybody may find."""
    return Poll.objects.public().select_related("place", "sponsor")


def document(poll: Poll) -> Document:
    """Return what search knows of a poll: what is asked, never what was chosen."""
    by_the_clock = poll.state in {State.ANNOUNCED, State.OPEN}
    return Document(
        kind="poll",
        key=str(poll.pk),
        url=poll.get_absolute_url(),
        title=poll.title,
        title_en=poll.title_en,
        text="\n".join([poll.question, poll.about, poll.sponsor.name]),
        text_en="\n".join([poll.question_en, poll.about_en]).strip(),
        byline=poll.sponsor.name,
        byline_en=poll.sponsor.name_en,
        place_path=poll.place.path,
        body_id=poll.sponsor_id,
        matter_id=poll.consultation_id,
        at=poll.announced_at or poll.opens_at,
        status="soon" if by_the_clock else STATUS[State(poll.state)],
        later=_later(poll) if by_the_clock else (),
    )


def _later(poll: Poll) -> tuple[tuple[datetime, str], ...]:
    if poll.is_meeting:
        return ((poll.opens_at, "review"),)
    return (poll.opens_at, "open"), (poll.closes_at, "review")


register("poll", label=_("Polls"), model=Poll, build=document, rows=rows)
