"""Forms of giving, ending and taking powers.  Nobody's account is looked up: people are chosen among a body's members."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from civic.access.registry import find_rule
from civic.core.clock import Window
from civic.places.models import Place
from civic.ui.forms import DayField, refuse_misleading
from orgs.bodies.models import Membership, Organisation
from orgs.grants.domain import Holder, Scope

EVERYWHERE = "site"
LONGEST_REASON = 300


def action_choices(actions: Iterable[str]) -> list[tuple[str, str]]:
    """Return actions with their words, sorted by them."""
    named = [(action, capfirst(str(rule.label))) for action in actions if (rule := find_rule(action)) is not None]
    return sorted(named, key=lambda pair: pair[1])


class _ScopeForm(forms.Form):
    """What a power is and where it reaches."""

    action = forms.ChoiceField(label=_("Which power"))
    scope = forms.ChoiceField(label=_("Where"))

    def offer(
        self, actions: Sequence[str], *, places: Sequence[Place], bodies: Sequence[Organisation], everywhere: bool
    ) -> None:
        """Say what may be chosen."""
        self.places, self.bodies = {str(place.pk): place for place in places}, {str(body.pk): body for body in bodies}
        inside = "\u3000"
        where: list[tuple[str, Any]] = [(EVERYWHERE, capfirst(str(_("everywhere"))))] if everywhere else []
        where.append((capfirst(str(_("a place"))), [(f"place-{p.pk}", f"{inside * (p.level - 1)}{p}") for p in places]))
        where.append((capfirst(str(_("the matters of a body"))), [(f"body-{b.pk}", str(b)) for b in bodies]))
        self.fields["action"].choices = action_choices(actions)  # type: ignore[attr-defined]
        self.fields["scope"].choices = where  # type: ignore[attr-defined]

    @property
    def chosen_scope(self) -> Scope:
        """The scope that was chosen."""
        kind, _dash, pk = self.cleaned_data["scope"].partition("-")
        return Scope(
            place=self.places[pk] if kind == "place" else None, body=self.bodies[pk] if kind == "body" else None
        )


class IssueForm(_ScopeForm):
    """Give a power to everybody of a body in one role, or to one of its members."""

    holder = forms.ChoiceField(label=_("To whom"))
    until = DayField(label=_("Until the end of"), help_text=_("No longer than you hold it yourself."))
    reason = forms.CharField(
        label=_("Why"), max_length=LONGEST_REASON, validators=[refuse_misleading], widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is shown to everybody in the list of powers."),
    )  # fmt: skip

    field_order = ("holder", "action", "scope", "until", "reason")

    def offer_holders(self, body: Organisation, members: Sequence[Membership]) -> None:
        """Say who may receive it."""
        self.body, self.members = body, {str(member.pk): member for member in members}
        roles = [(f"role-{role}", capfirst(str(label))) for role, label in Membership.Role.choices]
        people = [(f"member-{m.pk}", f"{m.person.public_name} ({m.get_role_display()})") for m in members]
        self.fields["holder"].choices = [  # type: ignore[attr-defined]
            (str(_("Everybody there in one role")), roles),
            (capfirst(str(_("one person"))), people),
        ]

    @property
    def chosen_holder(self) -> Holder:
        """The holder that was chosen."""
        kind, _dash, rest = self.cleaned_data["holder"].partition("-")
        return Holder(body=self.body, role=rest) if kind == "role" else Holder(person=self.members[rest].person)

    def chosen_window(self, at: datetime) -> Window:
        """From now to the end of the chosen day; raises ``ValueError`` for a day that is over."""
        after = datetime.combine(self.cleaned_data["until"] + timedelta(days=1), time())
        return Window(at, timezone.make_aware(after))


class EndForm(forms.Form):
    """End a power before its time."""

    note = forms.CharField(
        label=_("Why it ends"), max_length=LONGEST_REASON, validators=[refuse_misleading], widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is written into the public record."),
    )  # fmt: skip


class ElevateForm(_ScopeForm):
    """Take a power for an hour."""

    purpose = forms.CharField(
        label=_("What for"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In a sentence. Everybody can read it, and others are told at once."),
    )  # fmt: skip
