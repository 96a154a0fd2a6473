"""The life of a poll.  "Over" is not a state: the clock says it, and a worker only records what already is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.core.states import Machine, Transition


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    ANNOUNCED = "announced", _("announced")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    COUNTED = "counted", _("counted")
    CERTIFIED = "certified", _("certified")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Stage(models.TextChoices):
    """What a reader sees: the state seen through the clock."""

    DRAFT = "draft", _("Draft")
    ANNOUNCED = "announced", _("Opens soon")
    RUNNING = "running", _("Open for votes")
    MEETING = "meeting", _("Decided in the meeting")
    COUNTING = "counting", _("Being counted")
    COUNTED = "counted", _("Counted")
    CERTIFIED = "certified", _("Counted and checked")
    WITHDRAWN = "withdrawn", _("Withdrawn")


MACHINE = Machine(
    name="poll",
    states=frozenset(State.values),
    transitions=(
        Transition(
            "announce", frozenset({State.DRAFT}), State.ANNOUNCED,
            action="consult:poll:manage", entry="consult:poll:announced",
        ),
        Transition(
            "open", frozenset({State.ANNOUNCED}), State.OPEN,
            action="consult:poll:manage", entry="consult:poll:opened",
        ),
        Transition(
            "call", frozenset({State.DRAFT}), State.OPEN,
            action="consult:poll:manage", entry="consult:poll:meeting-called",
        ),
        Transition(
            "decide", frozenset({State.OPEN}), State.COUNTED,
            action="consult:poll:manage", entry="consult:poll:meeting-decided",
        ),
        Transition(
            "withdraw", frozenset({State.ANNOUNCED, State.OPEN, State.CLOSED}), State.WITHDRAWN,
            action="consult:poll:manage", entry="consult:poll:withdrawn", needs_note=True,
        ),
        Transition(
            "certify", frozenset({State.COUNTED}), State.CERTIFIED,
            action="consult:poll:certify", entry="consult:poll:certified",
        ),
    ),
)  # fmt: skip
