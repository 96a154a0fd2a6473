"""The life of an answer: drafted, sent for approval, sent back or published by a second person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.core.states import Machine, Transition


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waiting for approval")
    RETURNED = "returned", _("sent back")
    PUBLISHED = "published", _("published")


EDITABLE = frozenset({State.DRAFT, State.RETURNED})

MACHINE = Machine(
    name="reply",
    states=frozenset(State.values),
    transitions=(
        Transition(
            "submit", EDITABLE, State.SUBMITTED, action="consult:reply:draft", entry="consult:reply:submitted",
        ),
        Transition(
            "return", frozenset({State.SUBMITTED}), State.RETURNED,
            action="consult:reply:approve", entry="consult:reply:returned", needs_note=True,
        ),
        Transition(
            "publish", frozenset({State.SUBMITTED}), State.PUBLISHED,
            action="consult:reply:publish", entry="consult:reply:published",
        ),
    ),
)  # fmt: skip
