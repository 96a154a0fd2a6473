"""What may be done with a poll, and the entries it leaves.  Casting leaves none: an entry has a time."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.access.registry import Rule, Scope, declare, declare_scope
from civic.audit import types
from civic.audit.reads import declare_purpose
from civic.people.models import Level
from consult.voting import rules
from consult.voting.models import Poll
from consult.voting.states import State

declare_scope(Poll, Scope(place="place", body="sponsor", matter="consultation"))

VIEW = declare(
    Rule(
        "consult:poll:view", _("read a poll"), level=0, mandate=True, open_to_all=True,
        moment=rules.is_public, where=lambda at: ~Q(state=State.DRAFT),
    )
)  # fmt: skip
MANAGE = declare(Rule("consult:poll:manage", _("open and manage polls"), level=Level.CONTACT, mandate=True))
CERTIFY = declare(
    Rule(
        "consult:poll:certify", _("check and certify polls"), level=Level.CONTACT, mandate=True, moment=rules.is_counted
    )
)
VOTE = declare(Rule("consult:poll:vote", _("vote"), level=0, eligible=rules.is_on_roll, moment=rules.is_running))
OBJECT = declare(
    Rule("consult:poll:object", _("object to a poll"), level=Level.CONTACT, moment=rules.may_be_objected_to)
)

CREATED = types.declare("consult:poll:created", _("%(actor)s drafted the poll “%(subject)s”."))
ANNOUNCED = types.declare(
    "consult:poll:announced", _("%(actor)s announced the poll “%(subject)s”."), "from", "to", public=True
)
ROLL_DRAWN = types.declare(
    "consult:poll:roll-drawn", _("The roll of “%(subject)s” was drawn: %(size)s people may vote."), "size", public=True
)
ADDED_TO_ROLL = types.declare(
    "consult:poll:added-to-roll", _("%(actor)s added %(count)s people to the roll of “%(subject)s”: %(note)s"),
    "count", "note",
    personal={"note"}, forgotten=_("%(actor)s added %(count)s people to the roll of “%(subject)s”."), public=True,
)  # fmt: skip
OPENED = types.declare(
    "consult:poll:opened", _("%(actor)s froze the rules of “%(subject)s” and opened its ballot box."),
    "from", "to", "rules_hash", "roll", public=True,
)  # fmt: skip
LIST_BROUGHT = types.declare(
    "consult:poll:list-brought", _("%(actor)s brought in a list of %(lines)s people for “%(subject)s”."), "lines"
)
STUCK = types.declare(
    "consult:poll:stuck", _("The roll of “%(subject)s” could not be drawn; the office was told."), "reason"
)
BEGUN = types.declare("consult:poll:begun", _("Voting in “%(subject)s” began by the clock."), public=True)
DROPPED = types.declare("consult:poll:dropped", _("%(actor)s threw the draft of the poll “%(subject)s” away."))
CLOSED = types.declare(
    "consult:poll:closed", _("“%(subject)s” closed by the clock: %(ballots)s ballots."), "ballots", public=True
)
COUNTED = types.declare(
    "consult:poll:counted", _("“%(subject)s” was counted: %(ballots)s of %(roll)s people voted."),
    "ballots", "roll", "result_hash", public=True,
)  # fmt: skip
CERTIFIED = types.declare(
    "consult:poll:certified", _("%(actor)s checked the count of “%(subject)s” and confirmed it."),
    "from", "to", "note",
    personal={"note"}, forgotten=_("%(actor)s checked the count of “%(subject)s” and confirmed it."), public=True,
)  # fmt: skip
FAULTS_FOUND = types.declare(
    "consult:poll:faults-found", _("%(actor)s checked the count of “%(subject)s” and found faults: %(note)s"), "note",
    personal={"note"}, forgotten=_("%(actor)s checked the count of “%(subject)s” and found faults."), public=True,
)  # fmt: skip
OBJECTED = types.declare(
    "consult:poll:objected", _("Somebody objected to “%(subject)s”: %(note)s"), "note",
    personal={"note"}, forgotten=_("Somebody objected to “%(subject)s”."), own=True, public=True,
)  # fmt: skip
WITHDRAWN = types.declare(
    "consult:poll:withdrawn", _("%(actor)s withdrew the poll “%(subject)s”: %(note)s"), "from", "to", "note",
    personal={"note"}, forgotten=_("%(actor)s withdrew the poll “%(subject)s”."), public=True,
)  # fmt: skip

ROLL_ASKED = declare_purpose("poll-roll", _("to put them on the roll of a vote"))
