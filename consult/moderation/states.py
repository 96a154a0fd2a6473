"""How a moderator moves words, and how an appeal ends."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.core.states import Machine, Transition
from consult.discussion.states import State

JUDGE = "consult:moderation:judge"
DECIDE = "consult:moderation:appeal"


class Act(models.TextChoices):
    LEAVE = "leave", _("left as it is")
    HOLD = "hold", _("held for a closer look")
    RELEASE = "release", _("shown")
    HIDE = "hide", _("hidden")
    RESTORE = "restore", _("shown again")
    GIVE_BACK = "give-back", _("shown again after an appeal")
    PUT_BACK = "put-back", _("put back as it was")
    HOLD_AGAIN = "hold-again", _("held again")
    QUEUE = "queue", _("waits because of slow mode")
    GONE = "gone", _("taken back by its author")


class Result(models.TextChoices):
    RESTORED = "restored", _("the words are shown again")
    CONFIRMED = "confirmed", _("the decision stands")
    OVERTAKEN = "overtaken", _("settled without a decision")


_PUBLIC = frozenset({State.PUBLISHED})
_HELD = frozenset({State.HELD})
_HIDDEN = frozenset({State.HIDDEN})


def _entry(name: str) -> str:
    return f"consult:moderation:{name}"


MACHINE = Machine(
    name="moderated contribution",
    states=frozenset(State.values),
    transitions=(
        Transition(Act.LEAVE, _PUBLIC, State.PUBLISHED, action=JUDGE, entry=_entry("left")),
        Transition(Act.HOLD, _PUBLIC, State.HELD, action=JUDGE, entry=_entry("held"), needs_note=True),
        Transition(Act.RELEASE, _HELD, State.PUBLISHED, action=JUDGE, entry=_entry("released")),
        Transition(Act.HIDE, _PUBLIC | _HELD, State.HIDDEN, action=JUDGE, entry=_entry("hidden"), needs_note=True),
        Transition(Act.RESTORE, _HIDDEN, State.PUBLISHED, action=JUDGE, entry=_entry("restored"), needs_note=True),
        Transition(Act.GIVE_BACK, _HIDDEN, State.PUBLISHED, action=DECIDE, entry=_entry("restored"), needs_note=True),
        # What undoing an act on many at once leads back to.
        Transition(Act.PUT_BACK, _PUBLIC | _HELD | _HIDDEN, State.PUBLISHED, action=JUDGE, entry=_entry("put-back")),
        Transition(Act.HOLD_AGAIN, _PUBLIC | _HIDDEN, State.HELD, action=JUDGE, entry=_entry("held-again")),
    ),
)  # fmt: skip
# The act that takes an act on many back, by the state the words had before.
UNDO = {State.PUBLISHED: Act.PUT_BACK, State.HELD: Act.HOLD_AGAIN}
ACTS = (Act.LEAVE, Act.HOLD, Act.RELEASE, Act.HIDE, Act.RESTORE)
NEEDS_GROUNDS = frozenset({Act.HOLD, Act.HIDE})
BULK_ACTS = (Act.LEAVE, Act.RELEASE, Act.HOLD, Act.HIDE)
