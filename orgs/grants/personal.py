"""Which powers a person holds, and that they end before the account does."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from civic.access.mandates import entrusted_to
from civic.events.bus import publish
from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from orgs.grants import actions
from orgs.grants.models import Grant

OFFICIAL = "zh-hans"


def _rows(person: Person) -> Any:
    mine = Q(person=person) | Q(body__memberships__person=person)
    return Grant.objects.filter(mine).select_related("body").distinct().order_by("-starts_at", "-pk")


def _tell(grant: Grant) -> Record:
    return Record(
        (
            Fact("action", _("power"), grant.label),
            Fact("scope", _("reach"), grant.get_scope_display()),
            Fact("through", _("through"), str(grant.body) if grant.body else ""),
            Fact("starts_at", _("from"), grant.starts_at),
            Fact("ends_at", _("until"), grant.ends_at),
            Fact("ended_at", _("ended early"), grant.ended_at),
            Fact("reason", _("reason"), grant.reason),
        )
    )


def _end(person: Person, at: datetime) -> None:
    """End every power the person holds personally; those of a body end for them with their membership."""
    with override(OFFICIAL):
        note = gettext("the account was deleted")
    for grant in Grant.objects.filter(person=person, ended_at=None, ends_at__gt=at).order_by("pk"):
        if Grant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=at):
            publish(actions.ENDED, subject=grant, actor=None, at=at, facts={"note": note})


def _warn(person: Person, at: datetime) -> str | Promise:
    if not entrusted_to(person, at=at):
        return ""
    return _(
        "You hold powers of an office. They end with your account. Tell your head of office first: "
        "what you have drafted stays there, and a colleague has to go on with it."
    )


declare(
    Section(
        "grants", _("Powers you hold"),
        _("What you may do for an office, where, until when, and who gave it."),
        rows=_rows, tell=_tell, erase=_end, warns=_warn,
        goes=_("Every power you hold ends."),
        stays=_("That a power was given and ended, without saying to whom."),
        keeps={
            "orgs_grants.Grant.person": "never deleted, only ended: who held it under which number decides what was valid",
            "orgs_grants.Grant.granted_by": "an act of the office, on record under a number",
            "orgs_grants.Grant.ended_by": "an act of the office, on record under a number",
        },
    )
)  # fmt: skip
