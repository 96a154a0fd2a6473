"""What an auditor looks for, and whom a clerk verifies."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from civic.access.questions import visible
from civic.access.verifying import VERIFY
from civic.audit import types
from civic.people.fields import AddressField
from civic.people.models import Person, Verification
from civic.places.models import Place
from civic.ui.forms import DayField
from consult.record.objects import KINDS
from orgs.bodies.models import Organisation


class RecordForm(forms.Form):
    """Which entries are shown."""

    type = forms.ChoiceField(label=_("What happened"), required=False)
    office = forms.ModelChoiceField(
        Organisation.objects.order_by("name"), label=_("Which office acted"), required=False, to_field_name="slug",
        empty_label=_("All"),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("About what"), required=False)
    number = forms.IntegerField(label=_("Its number"), required=False, min_value=1, max_value=2**63 - 1)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)
    place = forms.ModelChoiceField(
        Place.objects.exclude(level=Place.Level.GRID).order_by("path"), label=_("Place"), required=False,
        to_field_name="code", empty_label=_("All"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blank = dict.fromkeys(("actor", "subject"), "…")
        named = [
            (each.name, str(each.sentence) % (dict.fromkeys(each.facts, "…") | blank)) for each in types.all_types()
        ]
        self.fields["type"].choices = [("", _("All")), *named]  # type: ignore[attr-defined]
        kinds = [(kind.name, kind.word) for kind in KINDS.values()]
        self.fields["kind"].choices = [("", _("All")), *kinds, ("person", _("Person"))]  # type: ignore[attr-defined]
        self.fields["place"].label_from_instance = (  # type: ignore[attr-defined]
            lambda place: "\u3000" * (place.level - 1) + str(place)
        )

    def clean(self) -> dict[str, Any]:
        """A number needs to know of what."""
        data = super().clean() or {}
        if data.get("number") and not data.get("kind"):
            self.add_error("kind", _("Say what this number is of."))
        return data

    @property
    def person(self) -> int | None:
        """The number of the person whose entries are asked for."""
        data = self.cleaned_data
        return data.get("number") if data.get("kind") == "person" else None

    def choice(self) -> dict[str, Any]:
        """Return the choice of a valid form, as ``queries.record`` takes it."""
        data = self.cleaned_data
        made: dict[str, Any] = {
            "type_name": data.get("type") or "",
            "office": data["office"].slug if data.get("office") else "",
            "place": data["place"].path if data.get("place") else "",
            "since": _midnight(data.get("since")),
            "until": _midnight(data.get("until"), days=1),
        }
        if data.get("kind"):
            model = KINDS[data["kind"]].model if data["kind"] in KINDS else Person._meta.label_lower
            made["subject"] = (model, str(data["number"]) if data.get("number") else "")
        return made


class LookupForm(forms.Form):
    """Whose residence is to be verified: the address they themselves give."""

    login = AddressField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Mobile number or e-mail of the person in front of you")
        self.fields["login"].help_text = _("They see that you looked, for which office, and why.")


class VerifyForm(forms.Form):
    """What the clerk saw, and where the person lives."""

    place = forms.ModelChoiceField(
        Place.objects.none(), label=_("Lives in"), to_field_name="code", empty_label=_("Choose where")
    )
    method = forms.ChoiceField(
        label=_("How you know"),
        choices=[
            (Verification.Method.DOCUMENT, _("I saw a document with the address")),
            (Verification.Method.STATION, _("The person came in with an identity card")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, clerk: Person, person: Person, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lived_in = Place.objects.filter(level__in=[Place.Level.TOWNSHIP, Place.Level.COMMUNITY])
        self.fields["place"].queryset = visible(clerk, VERIFY, lived_in, at=at).order_by("path")  # type: ignore[attr-defined]
        self.fields["place"].label_from_instance = (  # type: ignore[attr-defined]
            lambda place: "\u3000" * (place.level - 2) + str(place)
        )
        if person.residence is not None:
            said = [code for code in person.residence.path.split("/") if code]
            near = self.fields["place"].queryset.filter(code__in=said).order_by("-level").first()  # type: ignore[attr-defined]
            self.initial["place"] = near.code if near else ""


def _midnight(day: date | None, days: int = 0) -> datetime | None:
    return make_aware(datetime.combine(day + timedelta(days=days), time.min)) if day else None
