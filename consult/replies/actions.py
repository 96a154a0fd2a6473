"""What may be done with answers, and the entries they leave."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.access.decisions import Decision
from civic.access.registry import Rule, Scope, declare, declare_scope
from civic.audit import types
from civic.people.models import Level
from consult.consultations.models import Consultation
from consult.replies import rules
from consult.replies.models import Reply

declare_scope(Reply, Scope(place="consultation__place", body="consultation__sponsor", matter="consultation"))


def _drafted(target: Any, at: datetime) -> Decision:
    consultation = target if isinstance(target, Consultation) else target.consultation
    return rules.can_be_drafted(consultation, at)


DRAFT = declare(Rule("consult:reply:draft", _("write answers"), level=Level.CONTACT, mandate=True, moment=_drafted))
APPROVE = declare(
    Rule(
        "consult:reply:approve",
        _("approve a colleague's answers"),
        level=Level.CONTACT,
        mandate=True,
        eligible=rules.is_second_person,
    )
)
PUBLISH = declare(
    Rule(
        "consult:reply:publish",
        _("publish a colleague's answers"),
        level=Level.CONTACT,
        mandate=True,
        eligible=rules.is_second_person,
        moment=rules.can_be_published,
    )
)

DRAFTED = types.declare("consult:reply:drafted", _("%(actor)s wrote an answer (version %(version)s)."), "version")
DROPPED = types.declare("consult:reply:dropped", _("%(actor)s threw a drafted answer away."))
SUBMITTED = types.declare(
    "consult:reply:submitted", _("%(actor)s sent an answer for approval."), "from", "to", "note",
    personal={"note"}, forgotten=_("%(actor)s sent an answer for approval."),
)  # fmt: skip
RETURNED = types.declare(
    "consult:reply:returned", _("%(actor)s sent an answer back: %(note)s"), "from", "to", "note",
    personal={"note"}, forgotten=_("%(actor)s sent an answer back."),
)  # fmt: skip
PUBLISHED = types.declare(
    "consult:reply:published",
    _("%(actor)s approved and published an answer to %(count)s contributions."),
    "from", "to", "note", "count", "outcome", "consultation",
    personal={"note"}, forgotten=_("%(actor)s approved and published an answer to %(count)s contributions."), public=True,
)  # fmt: skip
