"""Actions on grants and memberships, and the entries they leave."""

from django.utils.translation import gettext_lazy as _

from civic.access.registry import Rule, action_in_words, declare
from civic.audit import types
from civic.people.models import Level

ISSUE = declare(Rule("orgs:grant:issue", _("give powers"), level=Level.CONTACT, mandate=True))

ELEVATE = declare(
    Rule("orgs:grant:elevate", _("take a power for one hour, with a purpose"), level=Level.CONTACT, mandate=True)
)
OVERSEE = declare(
    Rule(
        "orgs:grant:oversee",
        _("be told when somebody takes a power for an hour"),
        level=Level.CONTACT,
        mandate=True,
    )
)

ISSUED = types.declare(
    "orgs:grant:issued",
    _("%(actor)s gave the power “%(action)s”, until %(until)s."),
    "action", "until", "reason",
    personal={"reason"}, forgotten=_("%(actor)s gave the power “%(action)s”, until %(until)s."), public=True,
    words={"action": action_in_words},
)  # fmt: skip
ENDED = types.declare(
    "orgs:grant:ended", _("%(actor)s ended a power: %(note)s"), "note",
    personal={"note"}, forgotten=_("%(actor)s ended a power."), public=True,
)  # fmt: skip
ELEVATED = types.declare(
    "orgs:grant:elevated",
    _("%(actor)s took the power “%(action)s” for one hour: %(reason)s"),
    "action", "until", "reason",
    personal={"reason"}, forgotten=_("%(actor)s took the power “%(action)s” for one hour."), public=True,
    words={"action": action_in_words},
)  # fmt: skip
