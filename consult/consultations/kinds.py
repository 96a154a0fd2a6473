"""The kinds of phases and the actions each of them opens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PhaseKind(models.TextChoices):
    COLLECT = "collect", _("Collecting opinions")
    DISCUSS = "discuss", _("Discussing")
    REPLY = "reply", _("Replying item by item")


COMMENT = "consult:contribution:comment"
PROPOSE = "consult:contribution:propose"
RESPOND = "consult:contribution:respond"
SUPPORT = "consult:contribution:support"

OPENS: dict[str, frozenset[str]] = {
    PhaseKind.COLLECT: frozenset({COMMENT, PROPOSE, RESPOND, SUPPORT}),
    PhaseKind.DISCUSS: frozenset({RESPOND, SUPPORT}),
    PhaseKind.REPLY: frozenset(),
}
PARTICIPATION = frozenset({PhaseKind.COLLECT, PhaseKind.DISCUSS})
