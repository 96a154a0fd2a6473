"""The life of a consultation.  "Running" and "closed" are not states: the clock says them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.core.states import Machine, Transition


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    ANNOUNCED = "announced", _("announced")
    ANSWERED = "answered", _("answered")
    ARCHIVED = "archived", _("archived")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Stage(models.TextChoices):
    """What a reader sees: the state seen through the clock."""

    DRAFT = "draft", _("Draft")
    ANNOUNCED = "announced", _("Opens soon")
    RUNNING = "running", _("Open for opinions")
    CLOSED = "closed", _("Being answered")
    OVERDUE = "overdue", _("Answer overdue")
    ANSWERED = "answered", _("Answered")
    ARCHIVED = "archived", _("Archived")
    WITHDRAWN = "withdrawn", _("Withdrawn")


MACHINE = Machine(
    name="consultation",
    states=frozenset(State.values),
    transitions=(
        Transition(
            "announce", frozenset({State.DRAFT}), State.ANNOUNCED,
            action="consult:consultation:manage", entry="consult:consultation:announced",
        ),
        Transition(
            "withdraw", frozenset({State.ANNOUNCED}), State.WITHDRAWN,
            action="consult:consultation:manage", entry="consult:consultation:withdrawn", needs_note=True,
        ),
        Transition(
            "answer", frozenset({State.ANNOUNCED}), State.ANSWERED,
            action="consult:consultation:conclude", entry="consult:consultation:answered",
        ),
        Transition(
            "archive", frozenset({State.ANSWERED}), State.ARCHIVED,
            action="consult:consultation:manage", entry="consult:consultation:archived",
        ),
    ),
)  # fmt: skip
