"""In which bodies a person acts."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from orgs.bodies.models import Membership


def _tell(membership: Membership) -> Record:
    return Record(
        (
            Fact("body", _("organisation"), str(membership.body)),
            Fact("role", _("role"), membership.get_role_display()),
            Fact("starts_at", _("from"), membership.starts_at),
            Fact("ends_at", _("until"), membership.ends_at),
        )
    )


def _end(person: Person, at: datetime) -> None:
    """End what runs; what would have begun later never was."""
    mine = Membership.objects.filter(person=person)
    mine.filter(starts_at__gte=at).delete()
    mine.filter(Q(ends_at=None) | Q(ends_at__gt=at)).update(ends_at=at)


declare(
    Section(
        "memberships", _("Organisations you act in"),
        _("Your roles in departments, social organisations and teams."),
        rows=lambda person: (
            Membership.objects.filter(person=person).select_related("body").order_by("-starts_at", "-pk")
        ),
        tell=_tell, erase=_end,
        goes=_("Your place in every organisation ends."),
        stays=_("That an organisation had a member in a role, without saying who."),
        keeps={"orgs_bodies.Membership.person": "ended, never deleted: who had which role decides what was valid"},
    )
)  # fmt: skip
