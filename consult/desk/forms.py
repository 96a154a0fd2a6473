"""What staff type: answers, consultations, extensions and reasons."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from civic.core.clock import Window
from civic.core.languages import localised
from civic.notify import webhooks
from civic.people.models import Level
from civic.places.models import Place
from civic.policies.models import PolicyPage
from consult.consultations.domain import PhasePlan
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation
from consult.consultations.presets import PRESETS, Preset
from consult.desk import queries
from consult.discussion.forms import PlainField
from consult.discussion.queries import Sort
from consult.replies import domain as replies
from consult.replies.models import MAX_LENGTH, OUTCOMES
from orgs.bodies.models import Organisation

MOST_CHOSEN = 1000
BACKGROUND_LENGTH = 6000
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200
CLAUSE_GONE = _("This clause is not part of the text under discussion. Choose another one, or none.")


def area(rows: int) -> forms.Textarea:
    """Return a text box of so many lines."""
    return forms.Textarea(attrs={"rows": rows})


class FilterForm(forms.Form):
    """Which waiting contributions are shown."""

    clause = forms.CharField(required=False, max_length=40)
    sort = forms.ChoiceField(choices=Sort.choices, required=False)
    q = forms.CharField(required=False, max_length=60)

    def choice(self, groups: Sequence[queries.Group]) -> queries.Choice:
        """Return the choice; what cannot be understood is left out."""
        self.is_valid()
        data = self.cleaned_data
        clause = data.get("clause", "")
        return queries.Choice(
            clause=clause if clause in {group.key for group in groups} else "",
            sort=data.get("sort") or Sort.SUPPORTED,
            words=data.get("q", "").replace("\0", "").strip(),
        )


class ReplyForm(forms.Form):
    """One answer to the contributions ticked beside it."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what becomes of it: adopted, partly adopted or not adopted.")},
    )
    text = PlainField(
        label=_("Words to residents"),
        help_text=_("What the office decided, in words a neighbour understands."),
        limit=MAX_LENGTH,
        widget=area(6),
    )
    reason = PlainField(
        label=_("Reason"),
        help_text=_("Needed when it is not adopted, or only partly."),
        limit=MAX_LENGTH,
        required=False,
        widget=area(3),
    )
    clause = forms.ChoiceField(
        label=_("Clause it is about"), required=False, error_messages={"invalid_choice": CLAUSE_GONE}
    )
    new_text = PlainField(
        label=_("The clause will read"),
        help_text=_("Leave it empty when the clause stays as it is."),
        limit=MAX_LENGTH,
        required=False,
        widget=area(4),
    )
    text_en = PlainField(label=_("Words to residents, in English"), limit=MAX_LENGTH, required=False, widget=area(4))
    reason_en = PlainField(label=_("Reason, in English"), limit=MAX_LENGTH, required=False, widget=area(2))
    new_text_en = PlainField(
        label=_("The clause will read, in English"), limit=MAX_LENGTH, required=False, widget=area(3)
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    COURTESY = ("text_en", "reason_en", "new_text_en")

    def __init__(self, *args: Any, clauses: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].template_name = "consult/desk/_outcome_field.html"  # type: ignore[attr-defined]  # younger than its stubs
        if clauses:
            named = [
                (str(each.id), f"{localised(each, 'number')} {localised(each, 'heading')}".strip()) for each in clauses
            ]
            self.fields["clause"].choices = [("", _("None in particular")), *named]  # type: ignore[attr-defined]
        else:
            for name in ("clause", "new_text", "new_text_en"):
                del self.fields[name]

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The fields of the official words."""
        return [each for each in self.visible_fields() if each.name not in self.COURTESY]

    @property
    def courtesy_fields(self) -> list[forms.BoundField]:
        """The fields of the English translation."""
        return [each for each in self.visible_fields() if each.name in self.COURTESY]

    def clean(self) -> dict[str, Any]:
        """What is not adopted has a reason; new words need their clause."""
        data = super().clean() or {}
        outcome = data.get("outcome")
        if outcome and outcome != "adopted" and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", str(replies.REASON_NEEDED))
        clause = data.get("clause")
        if data.get("new_text") and not clause and "clause" not in self.errors:
            self.add_error("clause", str(replies.NO_CLAUSE))
        data["clause"] = UUID(clause) if clause else None
        data["version"] = data.get("version") or 0
        return data


class NoteForm(forms.Form):
    """A reason, which somebody will read."""

    note = PlainField(label=_("Reason"), limit=300, widget=area(3))

    def __init__(self, *args: Any, label: Any = None, hint: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = label or self.fields["note"].label
        self.fields["note"].help_text = hint


class MomentField(forms.DateTimeField):
    """A day and an hour in the county's time."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}, format="%Y-%m-%dT%H:%M")
        super().__init__(
            widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs
        )
        self.error_messages |= {"invalid": _("Write the day and the hour like 2026-12-31 18:00.")}

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant; one so far away that time cannot be counted to it is a slip of the finger."""
        moment = super().to_python(value)
        if moment is not None and not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class ExtendForm(NoteForm):
    """More time, with a public reason."""

    until = MomentField(label=_("People may take part until"))
    field_order = ("until", "note")


_ASKED = Place.objects.exclude(level=Place.Level.GRID)


class ConsultationForm(forms.Form):
    """A consultation from a template: what is asked, of whom, from when to when."""

    title = PlainField(label=_("Title"), limit=120)
    summary = PlainField(label=_("What this is, in one sentence"), help_text=_("At most 80 characters."), limit=80)
    question = PlainField(label=_("The question to people"), limit=200, widget=area(2))
    background = PlainField(
        label=_("Background"),
        help_text=_("Why now, what is decided already, what is still open. An empty line begins a new paragraph."),
        limit=BACKGROUND_LENGTH,
        required=False,
        widget=area(6),
    )
    title_en = PlainField(label=_("Title in English"), limit=200, required=False)
    summary_en = PlainField(label=_("What this is, in English"), limit=240, required=False)
    question_en = PlainField(label=_("The question in English"), limit=300, required=False, widget=area(2))
    background_en = PlainField(
        label=_("Background in English"), limit=BACKGROUND_LENGTH, required=False, widget=area(4)
    )
    sponsor = forms.ModelChoiceField(label=_("In the name of"), queryset=Organisation.objects.none(), empty_label=None)
    policy = forms.ModelChoiceField(
        label=_("On this policy"),
        help_text=_("The text as it is published now is pinned: what people discuss does not change under them."),
        queryset=PolicyPage.objects.none(),
        required=False,
        empty_label=_("No text: only the question"),
    )
    open_to = forms.ModelChoiceField(
        label=_("Open to people living in"),
        queryset=Place.objects.none(),
        to_field_name="code",
        empty_label=None,
    )
    level = forms.TypedChoiceField(
        label=_("How far they must be verified"), choices=[], coerce=int, widget=forms.RadioSelect
    )
    collect_from = MomentField(label=_("Opinions are collected from"))
    collect_until = MomentField(label=_("Opinions are collected until"))
    discuss_until = MomentField(
        label=_("Then people discuss them until"), help_text=_("Leave it empty for no discussion."), required=False
    )
    reply_until = MomentField(label=_("Everything is answered until"))
    shorter_because = PlainField(
        label=_("Reason for a shorter period"),
        help_text=_("Only when it is shorter than the template asks. Residents read this."),
        limit=300,
        required=False,
        widget=area(2),
    )
    slug = forms.SlugField(
        label=_("Web address"),
        help_text=_("Small letters, figures and hyphens; leave it empty and we choose one."),
        max_length=80,
        required=False,
        error_messages={"invalid": _("An address holds only small letters a–z, figures and hyphens.")},
    )
    template = forms.ChoiceField(choices=[(key, each.name) for key, each in PRESETS.items()], widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    WORDS = (
        "title", "title_en", "summary", "summary_en", "question", "question_en", "background", "background_en",
    )  # fmt: skip

    def __init__(
        self, *args: Any, preset: Preset, bodies: Any, policies: Any, draft: Consultation | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.preset, self.draft = preset, draft
        self.fields["sponsor"].queryset = bodies  # type: ignore[attr-defined]
        self.fields["policy"].queryset = policies  # type: ignore[attr-defined]
        self.fields["policy"].label_from_instance = lambda page: localised(page, "title")  # type: ignore[attr-defined]
        inside = [Q(path__startswith=path) for path in bodies.values_list("place__path", flat=True)]
        self.fields["open_to"].queryset = _ASKED.filter(reduce(or_, inside, Q(pk__in=[])))  # type: ignore[attr-defined]
        self.fields["open_to"].label_from_instance = lambda place: "\u3000" * (place.level - 1) + str(place)  # type: ignore[attr-defined]
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            (int(level), level.label) for level in Level if level >= Level.CONTACT
        ]

    def clean_slug(self) -> str:
        """Leave an empty address to be chosen from the title."""
        return str(self.cleaned_data["slug"]).lower()

    def clean(self) -> dict[str, Any]:
        """Each phase ends after it begins, and begins where the one before it ended."""
        data = super().clean() or {}
        previous = data.get("collect_from")
        for name in ("collect_until", "discuss_until", "reply_until"):
            moment = data.get(name)
            if moment is None:
                continue
            if previous is not None and moment <= previous:
                self.add_error(name, _("This must lie after %(moment)s.") % {"moment": _shown(previous)})
                break
            previous = moment
        return data

    def phases(self) -> list[PhasePlan]:
        """Return the phases of a valid form."""
        data = self.cleaned_data
        plans = [PhasePlan(PhaseKind.COLLECT, Window(data["collect_from"], data["collect_until"]))]
        closes_at = data["collect_until"]
        if data.get("discuss_until"):
            plans.append(PhasePlan(PhaseKind.DISCUSS, Window(closes_at, data["discuss_until"])))
            closes_at = data["discuss_until"]
        return [*plans, PhasePlan(PhaseKind.REPLY, Window(closes_at, data["reply_until"]))]

    def fields_of_model(self, *, at: datetime) -> dict[str, Any]:
        """Return the model's own fields; the policy's published text of this moment is pinned."""
        data = self.cleaned_data
        policy = data.get("policy")
        fixed = {name: data.get(name, "") for name in (*self.WORDS, "shorter_because")}
        return fixed | {
            "template": self.preset.key, "sponsor": data["sponsor"], "open_to": data["open_to"],
            "place": data["open_to"], "level": data["level"], "policy": policy,
            "revision": policy.live_revision if policy else None, "slug": data["slug"] or self._address(at),
        }  # fmt: skip

    def _address(self, at: datetime) -> str:
        if self.draft is not None:
            return self.draft.slug
        words = re.sub(r"[^a-z0-9]+", "-", self.cleaned_data.get("title_en", "").lower()).strip("-")[:60].strip("-")
        base = words or f"{self.cleaned_data['sponsor'].slug}-{localtime(at):%Y%m%d}"
        taken = set(Consultation.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        return next(slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken)


def first_values(preset: Preset, *, at: datetime, bodies: Sequence[Organisation]) -> dict[str, Any]:
    """Return what an empty form starts with: the template's own periods, from tomorrow's opening hour."""
    today = localtime(at).replace(minute=0, second=0, microsecond=0)
    opens_at = today.replace(hour=9) + timedelta(days=1)
    collect_until = opens_at.replace(hour=18) + timedelta(days=preset.minimum_days)
    discuss_until = collect_until + timedelta(days=preset.discuss_days) if preset.discuss_days else None
    return {
        "template": preset.key,
        "level": int(preset.level),
        "open_to": bodies[0].place.code if bodies else None,
        "collect_from": opens_at,
        "collect_until": collect_until,
        "discuss_until": discuss_until,
        "reply_until": (discuss_until or collect_until) + timedelta(days=preset.answer_days),
    }


def values_of(consultation: Consultation) -> dict[str, Any]:
    """Return what a draft's form shows."""
    values: dict[str, Any] = {name: getattr(consultation, name) for name in ConsultationForm.WORDS}
    values |= {
        "template": consultation.template, "slug": consultation.slug, "sponsor": consultation.sponsor_id,
        "policy": consultation.policy_id, "open_to": consultation.open_to.code, "level": int(consultation.level),
        "shorter_because": consultation.shorter_because,
    }  # fmt: skip
    ends = {PhaseKind.COLLECT: "collect_until", PhaseKind.DISCUSS: "discuss_until", PhaseKind.REPLY: "reply_until"}
    for phase in consultation.phases.all():
        values[ends[PhaseKind(phase.kind)]] = phase.closes_at
        if phase.kind == PhaseKind.COLLECT:
            values["collect_from"] = phase.opens_at
    return values


def _shown(moment: datetime) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}"


class WebhookForm(forms.Form):
    """Where another system hears of what; ``owners`` are asked only for a new one."""

    owner = forms.ModelChoiceField(label=_("Office"), queryset=Organisation.objects.none(), empty_label=None)
    url = forms.CharField(
        label=_("Address of the other system"),
        max_length=500,
        help_text=_("It begins with https:// and leads to a public machine."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    kinds = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple)
    is_active = forms.BooleanField(label=_("Switched on"), required=False)

    def __init__(self, *args: Any, owners: "QuerySet[Organisation] | None" = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if owners is None:
            del self.fields["owner"]
        else:
            self.fields["owner"].queryset = owners  # type: ignore[attr-defined]  # a model choice
            del self.fields["is_active"]
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]  # a choice field
            (event.name, f"{event.label} ({event.name})") for event in webhooks.events()
        ]
