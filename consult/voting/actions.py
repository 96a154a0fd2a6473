"""What may be done with a poll, and the entries it leaves.  Casting leaves none: an entry has a time."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.access.registry import Rule, Scope, declare, declare_scope
from civic.audit import types
from civic.audit.reads import declare_purpose
from civic.people.models import Level
from consult.voting import rules
from consult.voting.models import Poll, Secrecy
from consult.voting.states import State

declare_scope(Poll, Scope(place="place", body="sponsor", matter="consultation"))

VIEW = declare(
    Rule(
        "consult:poll:view", _("read a poll"), level=0, mandate=True, open_to_all=True,
        moment=rules.is_public, where=lambda at: ~Q(state=State.DRAFT),
    )
)  # fmt: skip
MANAGE = declare(Rule("consult:poll:manage", _("open and manage polls"), level=Level.CONTACT, mandate=True))
KEY = declare(
    Rule(
        "consult:poll:key",
        _("hand out and key paper ballots"),
        level=Level.CONTACT,
        mandate=True,
        moment=rules.has_box,
        where=lambda at: ~Q(state__in=[State.DRAFT, State.ANNOUNCED]) & ~Q(secrecy=Secrecy.OPEN),
    )
)
CERTIFY = declare(
    Rule(
        "consult:poll:certify", _("check and certify polls"), level=Level.CONTACT, mandate=True, moment=rules.is_counted
    )
)
VOTE = declare(Rule("consult:poll:vote", _("vote"), level=0, eligible=rules.is_on_roll, moment=rules.is_running))
WITNESS = declare(
    Rule(
        "consult:poll:witness", _("confirm the minutes of a meeting as a witness"), level=Level.CONTACT,
        eligible=rules.is_witness, moment=rules.awaits_witnesses,
    )
)  # fmt: skip
WRITE_FOR = declare(
    Rule(
        "consult:poll:write-for", _("write a ballot for somebody at a station"), level=Level.CONTACT, mandate=True,
        moment=rules.is_running,
    )
)  # fmt: skip
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
    "consult:poll:stuck", _("The roll of “%(subject)s” could not be drawn; the office was told."), "code"
)
BEGUN = types.declare("consult:poll:begun", _("Voting in “%(subject)s” began as announced."), public=True)
DROPPED = types.declare("consult:poll:dropped", _("%(actor)s threw the draft of the poll “%(subject)s” away."))
CLOSED = types.declare(
    "consult:poll:closed", _("“%(subject)s” closed as announced: %(ballots)s ballots."), "ballots", public=True
)
COUNTED = types.declare(
    "consult:poll:counted", _("“%(subject)s” was counted: %(ballots)s of %(roll)s people voted."),
    "ballots", "roll", "result_hash", "others", public=True,
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
RECOUNTED = types.declare(
    "consult:poll:recounted", _("%(actor)s counted the %(ballots)s ballots of “%(subject)s” anew from the box."),
    "ballots", "same", "differs", "faults", public=True,
)  # fmt: skip
RECOUNT_ASKED = types.declare(
    "consult:poll:recount-asked", _("%(actor)s asked for a recount of the %(ballots)s ballots of “%(subject)s”."), "ballots",
    public=True,
)  # fmt: skip
SAMPLED = types.declare(
    "consult:poll:sampled",
    _("%(actor)s looked up receipts of volunteers in “%(subject)s”: %(found)s in the count, %(unknown)s unknown, %(mistyped)s mistyped."),
    "found", "unknown", "mistyped", public=True,
)  # fmt: skip
BALLOTS_TAKEN = types.declare(
    "consult:poll:ballots-taken", _("%(actor)s took the auditor’s copy of all ballots of “%(subject)s”."), public=True
)
OBJECTED = types.declare(
    "consult:poll:objected", _("Somebody objected to “%(subject)s”, entry %(number)s of its bulletin."), "number",
    own=True, public=True,
)  # fmt: skip
OBJECTION_ANSWERED = types.declare(
    "consult:poll:objection-answered", _("%(actor)s answered an objection to “%(subject)s”, entry %(number)s of its bulletin."),
    "number", public=True,
)  # fmt: skip
OBJECTION_HIDDEN = types.declare(
    "consult:poll:objection-hidden",
    _("%(actor)s hid the words of an objection to “%(subject)s”, entry %(number)s of its bulletin."),
    "number", public=True,
)  # fmt: skip
HEAD_OF_THE_DAY = types.declare(
    "consult:poll:head", _("The head of the bulletin of “%(subject)s” was sent to its observers: entry %(number)s."),
    "number", "hash", public=True,
)  # fmt: skip
PACK_MADE = types.declare(
    "consult:poll:pack-made", _("%(actor)s printed pack %(pack)s of paper ballots for “%(subject)s”: %(slips)s slips."),
    "pack", "slips", public=True,
)  # fmt: skip
PACK_CANCELLED = types.declare(
    "consult:poll:pack-cancelled",
    _("%(actor)s cancelled pack %(pack)s of the paper ballots for “%(subject)s”: %(slips)s slips."),
    "pack", "slips", public=True,
)  # fmt: skip
WITHDRAWN = types.declare(
    "consult:poll:withdrawn", _("%(actor)s withdrew the poll “%(subject)s”: %(note)s"), "from", "to", "note",
    personal={"note"}, forgotten=_("%(actor)s withdrew the poll “%(subject)s”."), public=True,
)  # fmt: skip
MEETING_CALLED = types.declare(
    "consult:poll:meeting-called", _("%(actor)s called a meeting on “%(subject)s”: %(entitled)s people may raise a hand."),
    "from", "to", "entitled", "rules_hash", public=True,
)  # fmt: skip
MEETING_RECORDED = types.declare(
    "consult:poll:meeting-recorded", _("%(actor)s wrote down the meeting on “%(subject)s”: %(present)s came."),
    "present", "version",
)  # fmt: skip
MEETING_CONFIRMED = types.declare(
    "consult:poll:meeting-confirmed", _("%(actor)s confirmed the minutes of the meeting on “%(subject)s” as a witness."),
    "version", own=True,
)  # fmt: skip
MEETING_DECIDED = types.declare(
    "consult:poll:meeting-decided",
    _("%(actor)s published the minutes of the meeting on “%(subject)s”: %(present)s of %(entitled)s came."),
    "from", "to", "present", "entitled", "result_hash", public=True,
)  # fmt: skip

ROLL_ASKED = declare_purpose("poll-roll", _("to put them on the roll of a vote"))
WITNESS_ASKED = declare_purpose("meeting-witness", _("to name them as a witness of a meeting"))
