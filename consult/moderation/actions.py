"""What may be done about words that break a house rule, and the entries it leaves."""

from django.utils.translation import gettext_lazy as _

from civic.access.registry import Rule, Scope, declare, declare_scope
from civic.audit import types
from civic.people.models import Level
from consult.moderation import rules, states
from consult.moderation.models import Appeal, Case

declare_scope(
    Case,
    Scope(
        place="contribution__consultation__place",
        body="contribution__consultation__sponsor",
        matter="contribution__consultation",
    ),
)
declare_scope(
    Appeal,
    Scope(
        place="ruling__contribution__consultation__place",
        body="ruling__contribution__consultation__sponsor",
        matter="ruling__contribution__consultation",
    ),
)

REPORT = declare(
    Rule(
        "consult:moderation:report",
        _("report words that break a house rule"),
        eligible=rules.may_report,
        moment=rules.can_be_reported,
    )
)
APPEAL = declare(
    Rule(
        "consult:contribution:appeal",
        _("appeal against a moderator’s decision"),
        eligible=rules.is_author,
        moment=rules.can_be_appealed,
    )
)
JUDGE = declare(
    Rule(
        states.JUDGE,
        _("hold, hide and show contributions by the house rules"),
        level=Level.CONTACT,
        mandate=True,
        eligible=rules.is_uninvolved,
        eligible_each=rules.are_uninvolved,
    )
)
DECIDE = declare(
    Rule(
        states.DECIDE,
        _("decide appeals against another moderator’s decision"),
        level=Level.CONTACT,
        mandate=True,
        eligible=rules.is_second_moderator,
    )
)
SLOW = declare(
    Rule(
        "consult:moderation:slow",
        _("switch slow mode on and off"),
        level=Level.CONTACT,
        mandate=True,
        moment=rules.can_be_slowed,
    )
)

REPORTED = types.declare(
    "consult:moderation:reported", _("%(actor)s reported words under rule %(rule)s."), "rule", own=True
)
QUEUED = types.declare("consult:moderation:queued", _("Slow mode let these words wait."), "ruling")
_MOVED = ("from", "to", "note", "rule", "ruling")
LEFT = types.declare(
    "consult:moderation:left", _("%(actor)s found no broken rule."), *_MOVED,
    personal={"note"}, forgotten=_("%(actor)s found no broken rule."),
)  # fmt: skip
HELD = types.declare(
    "consult:moderation:held", _("%(actor)s held these words under rule %(rule)s: %(note)s"), *_MOVED,
    personal={"note"}, forgotten=_("%(actor)s held these words under rule %(rule)s."), public=True,
)  # fmt: skip
RELEASED = types.declare(
    "consult:moderation:released", _("%(actor)s let these words be shown."), *_MOVED,
    personal={"note"}, forgotten=_("%(actor)s let these words be shown."), public=True,
)  # fmt: skip
HIDDEN = types.declare(
    "consult:moderation:hidden", _("%(actor)s hid these words under rule %(rule)s: %(note)s"), *_MOVED,
    personal={"note"}, forgotten=_("%(actor)s hid these words under rule %(rule)s."), public=True,
)  # fmt: skip
RESTORED = types.declare(
    "consult:moderation:restored", _("%(actor)s showed these words again: %(note)s"), *_MOVED,
    personal={"note"}, forgotten=_("%(actor)s showed these words again."), public=True,
)  # fmt: skip
PUT_BACK = types.declare(
    "consult:moderation:put-back", _("%(actor)s undid what was done to these words."), *_MOVED,
    personal={"note"}, forgotten=_("%(actor)s undid what was done to these words."), public=True,
)  # fmt: skip
HELD_AGAIN = types.declare(
    "consult:moderation:held-again", _("%(actor)s let these words wait again."), *_MOVED,
    personal={"note"}, forgotten=_("%(actor)s let these words wait again."), public=True,
)  # fmt: skip
APPEALED = types.declare(
    "consult:moderation:appealed", _("%(actor)s appealed against a moderator’s decision."), "ruling", own=True
)
DECIDED = types.declare(
    "consult:moderation:appeal-decided", _("%(actor)s decided an appeal (%(result)s): %(note)s"), "result", "note",
    personal={"note"}, forgotten=_("%(actor)s decided an appeal (%(result)s)."),
    words={"result": types.choice_of(states.Result)},
)  # fmt: skip
DONE_AT_ONCE = types.declare(
    "consult:moderation:bulk", _("%(actor)s acted on %(count)s contributions at once (%(act)s)."), "act", "count",
    words={"act": types.choice_of(states.Act)},
)  # fmt: skip
UNDONE = types.declare(
    "consult:moderation:undone", _("%(actor)s undid an act on %(count)s contributions (%(act)s)."), "act", "count",
    words={"act": types.choice_of(states.Act)},
)  # fmt: skip
SLOWED = types.declare(
    "consult:moderation:slowed", _("%(actor)s switched slow mode on until %(until)s: %(note)s"), "until", "note",
    personal={"note"}, forgotten=_("%(actor)s switched slow mode on until %(until)s."), public=True,
)  # fmt: skip
STOPPED = types.declare("consult:moderation:slow-ended", _("%(actor)s switched slow mode off."), public=True)
