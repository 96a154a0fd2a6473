"""What an official types to make a poll."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from civic.people.models import Level
from civic.places.models import Place
from consult.voting.domain import YES_NO, ChoicePlan
from consult.voting.methods.ballots import BUDGETS
from consult.voting.models import Grade, Method, Poll
from consult.voting.presets import PRESETS
from orgs.bodies.models import Organisation

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=FORMATS)


class PollForm(forms.Form):
    """A draft: what is asked, what can be chosen, who may vote, how it is counted."""

    preset = forms.ChoiceField(label=_("kind of decision"), choices=[(p.key, p.name) for p in PRESETS.values()])
    title = forms.CharField(label=_("title"), max_length=120)
    question = forms.CharField(label=_("the question"), max_length=200)
    about = forms.CharField(
        label=_("what it is about"), required=False, max_length=4000, widget=forms.Textarea({"rows": 4})
    )
    choices = forms.CharField(
        label=_("Choices"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 6}),
        help_text=_("One a line: words, then, after a bar |, the words in English, then the cost in yuan. Yes/no questions need none."),
    )  # fmt: skip
    method = forms.ChoiceField(label=_("how it is counted"), choices=Method)
    max_choices = forms.IntegerField(label=_("At most so many choices"), required=False, min_value=1, max_value=200)
    seats = forms.IntegerField(label=_("How many are elected"), required=False, min_value=1, max_value=50)
    budget = forms.IntegerField(label=_("Money there is, in yuan"), required=False, min_value=1, max_value=10**12)
    quorum = forms.IntegerField(
        label=_("Quorum, in percent of the roll"), required=False, min_value=1, max_value=100,
        help_text=_("With fewer the result says “advisory only”."),
    )  # fmt: skip
    sponsor = forms.ModelChoiceField(label=_("In the name of"), queryset=Organisation.objects.none(), empty_label=None)
    place = forms.ModelChoiceField(label=_("Where"), queryset=Place.objects.none(), empty_label=None)
    level = forms.TypedChoiceField(label=_("Verified as"), choices=Level.choices, coerce=int)
    opens_at = _moment(_("opens"))
    closes_at = _moment(_("closes"))
    grade = forms.ChoiceField(label=_("publication of ballots"), choices=Grade)
    may_replace = forms.BooleanField(label=_("a ballot may be replaced until the end"), required=False)
    random_order = forms.BooleanField(label=_("choices in random order"), required=False)
    title_en = forms.CharField(label=_("title in English"), required=False, max_length=200)
    question_en = forms.CharField(label=_("the question in English"), required=False, max_length=300)
    slug = forms.SlugField(label=_("address"), max_length=80)

    PLAIN = (
        "preset", "title", "title_en", "question", "question_en", "about", "method", "sponsor", "place",
        "opens_at", "closes_at", "grade", "may_replace", "random_order", "slug",
    )  # fmt: skip

    def __init__(self, *args: Any, bodies: "QuerySet[Organisation]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sponsor"].queryset = bodies  # type: ignore[attr-defined]
        self.fields["place"].queryset = Place.objects.order_by("path")  # type: ignore[attr-defined]

    def clean_choices(self) -> list[ChoicePlan]:
        """Return the choices as planned; a cost that is no number names its line."""
        plans = []
        lines = [line for line in self.cleaned_data["choices"].splitlines() if line.strip()]
        for number, line in enumerate(lines, start=1):
            title, english, cost = ([part.strip() for part in line.split("|")] + ["", ""])[:3]
            if cost and not (cost.isascii() and cost.isdigit() and len(cost) < 16):
                raise forms.ValidationError(_("Line %(line)s: the cost is no whole number."), "cost", {"line": number})
            if len(title) > 120 or len(english) > 200:
                raise forms.ValidationError(_("Line %(line)s is too long."), "long", {"line": number})
            key = slugify(english)[:24].strip("-") or "choice"
            plans.append(ChoicePlan(f"{key}-{number}", title, english, cost=int(cost) if cost else None))
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

    def fields_of_model(self) -> dict[str, Any]:
        """Return what the model keeps."""
        data = self.cleaned_data
        names = ("max_choices", "seats", *(("budget",) if data["method"] in BUDGETS else ()))
        counting: dict[str, Any] = {name: data[name] for name in names if data.get(name)}
        if data.get("quorum"):
            counting["quorum"] = [data["quorum"], 100]
        rule = {"kind": "residents", "place": data["place"].code, "level": data["level"]}
        return {name: data[name] for name in self.PLAIN} | {"counting": counting, "roll_rule": rule}


def values_of(poll: Poll) -> dict[str, Any]:
    """Return a draft as the form shows it."""
    quorum = poll.counting.get("quorum")
    lines = ["|".join(filter(None, [c.title, c.title_en, str(c.cost or "")])) for c in poll.choices.all()]
    own = {name: getattr(poll, name) for name in PollForm.PLAIN}
    return own | {
        "choices": "" if poll.method == Method.YES_NO else "\n".join(lines),
        "level": poll.roll_rule.get("level", 0),
        "quorum": quorum[0] * 100 // quorum[1] if quorum else None,
        **{name: poll.counting.get(name) for name in ("max_choices", "seats", "budget")},
    }


class WithdrawForm(forms.Form):
    """Why a poll ends without a result."""

    note = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Public. Everybody who voted reads it."))
