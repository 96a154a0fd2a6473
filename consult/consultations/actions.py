"""What may be done with a consultation, and the entries it leaves."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.access.registry import Rule, Scope, declare, declare_scope
from civic.audit import types
from civic.people.models import Level
from consult.consultations import rules
from consult.consultations.models import Consultation
from consult.consultations.states import State
from orgs.bodies.models import Organisation

declare_scope(Organisation, Scope(place="place", body="self"))
declare_scope(Consultation, Scope(place="place", body="sponsor", matter="self"))

VIEW = declare(
    Rule(
        "consult:consultation:view",
        _("read a consultation"),
        level=0,
        mandate=True,
        open_to_all=True,
        moment=rules.is_public,
        where=lambda at: ~Q(state=State.DRAFT),
    )
)
MANAGE = declare(
    Rule("consult:consultation:manage", _("open and manage consultations"), level=Level.CONTACT, mandate=True)
)
CONCLUDE = declare(
    Rule(
        "consult:consultation:conclude",
        _("close a consultation as answered"),
        level=Level.CONTACT,
        mandate=True,
        moment=rules.participation_is_over,
    )
)
FOLLOW = declare(Rule("consult:consultation:follow", _("follow a consultation"), level=0, moment=rules.is_public))

CREATED = types.declare("consult:consultation:created", _("%(actor)s drafted “%(subject)s”."))
DROPPED = types.declare("consult:consultation:dropped", _("%(actor)s threw the draft of a consultation away."))
ANNOUNCED = types.declare(
    "consult:consultation:announced",
    _("%(actor)s announced “%(subject)s” and froze its rules."),
    "from", "to", "rules_hash", "note",
    personal={"note"}, forgotten=_("%(actor)s announced “%(subject)s” and froze its rules."), public=True,
)  # fmt: skip
OPENED = types.declare("consult:consultation:opened", _("“%(subject)s” opened as announced."), public=True)
CLOSED = types.declare("consult:consultation:closed", _("“%(subject)s” closed as announced."), public=True)
EXTENDED = types.declare(
    "consult:consultation:extended",
    _("%(actor)s extended “%(subject)s” until %(until)s: %(note)s"),
    "until", "note", "rules_hash",
    personal={"note"}, forgotten=_("%(actor)s extended “%(subject)s” until %(until)s."), public=True,
)  # fmt: skip
WITHDRAWN = types.declare(
    "consult:consultation:withdrawn", _("%(actor)s withdrew “%(subject)s”: %(note)s"), "from", "to", "note",
    personal={"note"}, forgotten=_("%(actor)s withdrew “%(subject)s”."), public=True,
)  # fmt: skip
ANSWERED = types.declare(
    "consult:consultation:answered",
    _("%(actor)s closed “%(subject)s” as answered: %(answered)s of %(contributions)s contributions."),
    "from", "to", "note", "answered", "contributions",
    personal={"note"},
    forgotten=_("%(actor)s closed “%(subject)s” as answered: %(answered)s of %(contributions)s contributions."),
    public=True,
)  # fmt: skip
ARCHIVED = types.declare(
    "consult:consultation:archived", _("%(actor)s archived “%(subject)s”."), "from", "to", "note",
    personal={"note"}, forgotten=_("%(actor)s archived “%(subject)s”."), public=True,
)  # fmt: skip
