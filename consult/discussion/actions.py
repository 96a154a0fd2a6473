"""What may be done in a discussion, and the entries it leaves."""

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.access.registry import Rule, Scope, declare, declare_scope
from civic.audit import types
from civic.people.models import Level
from consult.consultations import kinds
from consult.consultations import rules as consultations
from consult.discussion import rules
from consult.discussion.models import Contribution

declare_scope(
    Contribution,
    Scope(place="consultation__place", body="consultation__sponsor", matter="consultation"),
)


def _opened_by_phase(action: str) -> Any:
    return partial(_opens, action)


def _opens(action: str, consultation: Any, at: Any) -> Any:
    return consultations.opens(consultation, action, at)


COMMENT = declare(
    Rule(
        kinds.COMMENT, _("comment"),
        eligible=consultations.may_take_part, moment=_opened_by_phase(kinds.COMMENT),
    )
)  # fmt: skip
PROPOSE = declare(
    Rule(
        kinds.PROPOSE, _("propose"),
        eligible=consultations.may_take_part, moment=_opened_by_phase(kinds.PROPOSE),
    )
)  # fmt: skip
RESPOND = declare(Rule(kinds.RESPOND, _("respond"), eligible=rules.may_take_part, moment=rules.can_be_responded_to))
SUPPORT = declare(Rule(kinds.SUPPORT, _("support"), eligible=rules.may_support, moment=rules.can_be_supported))
EDIT = declare(
    Rule("consult:contribution:edit", _("edit one's own words"), eligible=rules.is_author, moment=rules.can_be_edited)
)
TAKE_BACK = declare(
    Rule(
        "consult:contribution:take-back",
        _("take back one's own words"),
        eligible=rules.is_author,
        moment=rules.can_be_taken_back,
    )
)
KEY = declare(
    Rule(
        "consult:contribution:key",
        _("enter what came by telephone, on paper or at a station"),
        level=Level.CONTACT,
        mandate=True,
    )
)

MADE = types.declare("consult:contribution:made", _("%(actor)s said something."), "kind", own=True, public=True)
EDITED = types.declare(
    "consult:contribution:edited", _("%(actor)s edited their words (version %(version)s)."), "version",
    own=True, public=True,
)  # fmt: skip
TAKEN_BACK = types.declare(
    "consult:contribution:taken-back", _("%(actor)s took their words back."), own=True, public=True
)
ERASED = types.declare(
    "consult:contribution:erased", _("The words were deleted with their author’s account."), public=True
)
SUPPORTED = types.declare("consult:contribution:supported", _("%(actor)s supports this."), own=True)
UNSUPPORTED = types.declare("consult:contribution:unsupported", _("%(actor)s no longer supports this."), own=True)
