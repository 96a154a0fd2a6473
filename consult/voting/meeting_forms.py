"""What a clerk types to call a meeting, and to write down what came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from civic.core import uploads
from civic.core.refusals import Unfit
from civic.people.fields import AddressField
from civic.people.finding import owner_of
from civic.people.models import Person
from civic.places.models import Place
from civic.ui.forms import DayField, refuse_misleading
from consult.voting.desk_forms import MomentField
from consult.voting.domain import YES_NO, ChoicePlan
from consult.voting.meetings import (
    HOUSEHOLDS_WITHOUT_PEOPLE,
    MORE_HANDS,
    MORE_HOUSEHOLDS,
    MORE_THAN_ENTITLED,
    Called,
    Minutes,
    fingerprint,
)
from consult.voting.methods.hands import BY_HANDS, fewest
from consult.voting.models import Choice, Meeting, Method, Poll, Secrecy
from consult.voting.presets import MEETINGS
from orgs.bodies.models import Organisation

#: How long a meeting is taken to last; nothing hangs on it but what the notice says.
LASTS = timedelta(hours=3)
MOST_PEOPLE = 100_000
METHODS = (
    (Method.YES_NO, _("One question: in favour, against, abstain")),
    (Method.CHOOSE, _("One of several: each person raises a hand once")),
    (Method.APPROVAL, _("Each in turn: a hand for everything one agrees to")),
)


def _number(label: Any, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, max_value=MOST_PEOPLE, **{"min_value": 0} | options)


class CallForm(forms.Form):
    """The notice of a meeting: the whole set-up on one page."""

    preset = forms.ChoiceField(label=_("Kind of meeting"), choices=[(p.key, p.name) for p in MEETINGS.values()])
    title = forms.CharField(label=_("title"), max_length=120, validators=[refuse_misleading])
    question = forms.CharField(label=_("The question"), max_length=200, validators=[refuse_misleading])
    about = forms.CharField(
        label=_("what it is about"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        validators=[refuse_misleading],
    )
    method = forms.ChoiceField(label=_("How hands are raised"), choices=METHODS)
    choices = forms.CharField(
        label=_("Choices"), required=False, max_length=4000, widget=forms.Textarea({"rows": 4}),
        help_text=_("One a line: words, then, after a bar |, the words in English. A question needs none."),
        validators=[refuse_misleading],
    )  # fmt: skip
    begins_at = MomentField(label=_("Begins"))
    venue = forms.CharField(label=_("where people meet"), max_length=120, validators=[refuse_misleading])
    entitled = _number(
        _("How many are entitled"), min_value=1,
        help_text=_("By the village's register: villagers aged 18 or over, or the representatives. Fixed by the notice."),
    )  # fmt: skip
    households = _number(
        _("How many households there are"), required=False, min_value=1,
        help_text=_("Only where the representatives of households can make a quorum as well."),
    )  # fmt: skip
    sponsor = forms.ModelChoiceField(label=_("In the name of"), queryset=Organisation.objects.none(), empty_label=None)
    place = forms.ModelChoiceField(label=_("Which place it concerns"), queryset=Place.objects.none(), empty_label=None)
    advisory = forms.ModelChoiceField(
        label=_("Poll for those who cannot come"), queryset=Poll.objects.none(), required=False,
        empty_label=_("None"), help_text=_("Their views are shown apart and never added to the hands."),
    )  # fmt: skip
    title_en = forms.CharField(
        label=_("title in English"), required=False, max_length=200, validators=[refuse_misleading]
    )
    question_en = forms.CharField(
        label=_("the question in English"), required=False, max_length=300, validators=[refuse_misleading]
    )
    venue_en = forms.CharField(
        label=_("where people meet, in English"), required=False, max_length=200, validators=[refuse_misleading]
    )
    slug = forms.SlugField(
        label=_("Web address"), max_length=80, required=False, help_text=_("Empty: made from the day of the meeting.")
    )

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    PLAIN = ("preset", "title", "title_en", "question", "question_en", "about", "method", "sponsor", "place")

    def __init__(self, *args: Any, bodies: "QuerySet[Organisation]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sponsor"].queryset = bodies  # type: ignore[attr-defined]
        self.fields["place"].queryset = Place.objects.order_by("path")  # type: ignore[attr-defined]
        beside = Poll.objects.public().exclude(secrecy=Secrecy.OPEN).filter(sponsor__in=bodies, method__in=BY_HANDS)
        self.fields["advisory"].queryset = beside.order_by("-opens_at")  # type: ignore[attr-defined]

    def clean_choices(self) -> list[ChoicePlan]:
        """Return the choices as planned."""
        plans = []
        lines = [line for line in self.cleaned_data["choices"].splitlines() if line.strip()]
        for number, line in enumerate(lines, start=1):
            title, english = ([part.strip() for part in line.split("|")] + [""])[:2]
            if len(title) > 120 or len(english) > 200:
                raise forms.ValidationError(_("Line %(line)s is too long."), "long", {"line": number})
            plans.append(ChoicePlan(f"choice-{number}", title, english))
        return plans

    def plans(self) -> list[ChoicePlan]:
        """Return the choices; a question has its own three."""
        if self.cleaned_data["method"] == Method.YES_NO:
            # The official title is Chinese whatever language the official reads.
            with override("zh-hans"):
                titles = [gettext("In favour"), gettext("Against"), gettext("Abstain")]
            courtesy = ("In favour", "Against", "Abstain")
            return [ChoicePlan(*parts) for parts in zip(YES_NO, titles, courtesy, strict=True)]
        return list(self.cleaned_data["choices"])

    def called(self) -> Called:
        """Return what the notice says."""
        data = self.cleaned_data
        return Called(
            data["venue"], data["entitled"], data["venue_en"], households=data["households"], advisory=data["advisory"]
        )

    def fields_of_model(self) -> dict[str, Any]:
        """Return what the poll keeps."""
        data = self.cleaned_data
        begins: datetime = data["begins_at"]
        slug = data["slug"] or f"meeting-{timezone.localtime(begins):%Y%m%d-%H%M}-{data['sponsor'].slug}"[:80]
        own = {name: data[name] for name in self.PLAIN}
        return own | {"opens_at": begins, "closes_at": begins + LASTS, "slug": slug.strip("-")}


def values_of(poll: Poll, meeting: Meeting) -> dict[str, Any]:
    """Return a drafted meeting as the form shows it."""
    lines = ["|".join(filter(None, [each.title, each.title_en])) for each in poll.choices.all()]
    return {name: getattr(poll, name) for name in CallForm.PLAIN} | {
        "begins_at": poll.opens_at, "seen": fingerprint(poll), "slug": poll.slug, "choices": "" if poll.method == Method.YES_NO else "\n".join(lines),
        **{name: getattr(meeting, name) for name in ("venue", "venue_en", "entitled", "households", "advisory")},
    }  # fmt: skip


class MinutesForm(forms.Form):
    """The whole entry on one page; what was typed stays, whatever is wrong with it."""

    def __init__(self, *args: Any, poll: Poll, meeting: Meeting, choices: Sequence[Choice], **kwargs: Any) -> None:
        kwargs.setdefault("initial", _written(meeting))
        super().__init__(*args, **kwargs)
        self.poll, self.meeting, self.choices = poll, meeting, choices
        #: Whose accounts were found by an address that was typed.
        self.looked_up: list[Person] = []
        made: dict[str, forms.Field] = {
            "version": forms.IntegerField(widget=forms.HiddenInput),
            "present": _number(
                _("How many came"), min_value=1,
                help_text=_("Counted at the door: people entitled to raise a hand, of %(most)s.") % {"most": meeting.entitled},
            ),
        }  # fmt: skip
        if meeting.households is not None:
            made["households_present"] = _number(
                _("How many households were there"), required=False,
                help_text=_("Of %(most)s. Empty when they were not counted.") % {"most": meeting.households},
            )  # fmt: skip
        for choice in choices:
            made[f"hands-{choice.key}"] = _number(_("Hands: %(choice)s") % {"choice": choice})
        made |= {
            "points": forms.CharField(
                label=_("Points raised"), required=False, max_length=4000, widget=forms.Textarea({"rows": 4}),
                help_text=_("The points, one a line, without names of those who made them. This is published."),
                validators=[refuse_misleading],
            ),
            "follow_up": forms.CharField(
                label=_("What follows"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2}), validators=[refuse_misleading]
            ),
            "executor": forms.CharField(
                label=_("Who does it"), required=False, max_length=120,
                help_text=_("An office or a post, such as “village committee”."),
                validators=[refuse_misleading],
            ),
            "due": DayField(label=_("To be done by"), required=False),
            "first_witness": self._witness(_("First witness"), meeting.first_witness),
            "second_witness": self._witness(_("Second witness"), meeting.second_witness),
            "photo": forms.FileField(
                label=_("Photo of the tally sheet"), required=False, max_length=200,
                validators=[FileExtensionValidator(["jpg", "jpeg", "png", "webp"])],
                help_text=_("Only the sheet: no faces and no names. This is published."),
                widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
            ),
        }  # fmt: skip
        self.fields.update(made)

    def clean_photo(self) -> bytes | None:
        """Return the picture written anew, without anything that came with it."""
        sent = self.cleaned_data.get("photo")
        if not sent:
            return None
        try:
            if sent.size > uploads.MOST_BYTES:
                size, most = round(sent.size / 1024**2), uploads.MOST_BYTES // 1024**2
                raise Unfit(uploads.TOO_BIG.with_(size=size, most=most))
            return uploads.redrawn(sent, name=sent.name)
        except Unfit as fault:
            raise forms.ValidationError(str(fault), code=fault.reason.code) from None

    def clean(self) -> dict[str, Any]:
        """Compare the numbers with each other, and find the witnesses."""
        data = self.cleaned_data
        present, households = data.get("present"), data.get("households_present")
        if present is not None and present > self.meeting.entitled:
            self._fault("present", MORE_THAN_ENTITLED.with_(most=self.meeting.entitled))
        if households is not None and households > (self.meeting.households or 0):
            self._fault("households_present", MORE_HOUSEHOLDS.with_(most=self.meeting.households))
        elif households is not None and present is not None and households > present:
            self._fault("households_present", HOUSEHOLDS_WITHOUT_PEOPLE.with_(present=present))
        hands = self.hands()
        if present is not None and len(hands) == len(self.choices) and fewest(self.poll.method, hands) > present:
            top = max(hands, key=lambda key: hands[key])
            self._fault(f"hands-{top}", MORE_HANDS.with_(most=present))
        for name in ("first_witness", "second_witness"):
            if name not in self.errors:
                data[name] = self._found(name)
        return data

    def hands(self) -> dict[str, int]:
        """Return the hands raised for each choice."""
        typed = {choice.key: self.cleaned_data.get(f"hands-{choice.key}") for choice in self.choices}
        return {key: number for key, number in typed.items() if number is not None}

    def minutes(self) -> Minutes:
        """Return the whole entry."""
        data = self.cleaned_data
        return Minutes(
            present=data["present"], hands=self.hands(), witnesses=(data["first_witness"], data["second_witness"]),
            households_present=data.get("households_present"), points=data["points"], follow_up=data["follow_up"],
            executor=data["executor"], due=data["due"], photo=data["photo"],
        )  # fmt: skip

    def _witness(self, label: Any, named: Person | None) -> AddressField:
        hint: Any = _("E-mail or mobile number of an account. Not the clerk, and nobody of this office.")
        if named is not None:
            hint = _("Named: %(name)s. Empty keeps this witness.") % {"name": named.public_name}
        field = AddressField(label=label, required=named is None, help_text=hint)
        field.widget.attrs["autocomplete"] = "off"
        return field

    def _found(self, name: str) -> Person | None:
        address = self.cleaned_data.get(name, "")
        if not address:
            return getattr(self.meeting, name)
        person = owner_of(address)
        if person is not None:
            self.looked_up.append(person)
        else:
            self.add_error(
                name,
                forms.ValidationError(
                    _("Nobody here has confirmed this address. Ask the person to sign in once."), code="unknown"
                ),
            )
        return person

    def _fault(self, name: str, reason: Any) -> None:
        self.add_error(name, forms.ValidationError(str(reason), code=reason.code))


def _written(meeting: Meeting) -> dict[str, Any]:
    names = ("version", "present", "households_present", "points", "follow_up", "executor", "due")
    hands = {f"hands-{key}": number for key, number in meeting.hands.items()}
    return {name: getattr(meeting, name) for name in names} | hands
