"""What an official types to make a poll: what is asked, how it is counted, who may vote, when, and how secretly."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.forms.utils import ErrorDict
from django.utils.timezone import localtime
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from civic.core.languages import localised
from civic.people.models import Level
from civic.places.models import Place
from civic.ui.forms import DayField
from consult.consultations.models import Consultation
from consult.discussion.forms import PlainField
from consult.voting import ages, roll
from consult.voting.desk_choices import Rows
from consult.voting.domain import CALL_A_MEETING, LEVEL_RESERVED, RESERVED, YES_NO, ChoicePlan, advised_grade
from consult.voting.methods.ballots import BUDGETS
from consult.voting.methods.rules import WITH_MAJORITY
from consult.voting.models import Grade, Method, Poll, Secrecy
from consult.voting.presets import PRESETS, Preset
from orgs.bodies.models import Organisation

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200
ADVISED = "advised"
# Which of the method's own rules each method has.
OWN_RULES: dict[str, tuple[str, ...]] = {
    Method.CHOOSE: ("max_choices",), Method.APPROVAL: ("max_choices",), Method.SCORE: ("max_score", "score_by"),
    Method.IRV: ("max_choices",), Method.STV: ("seats", "max_choices"), Method.SCHULZE: ("max_choices",),
    Method.GREEDY_SKIP: ("budget", "max_projects", "max_choices", "ballot_within_budget", "points"),
    Method.GREEDY_STOP: ("budget", "max_projects", "max_choices", "ballot_within_budget", "points"),
    Method.GREEDY_MINIMUM: ("budget", "max_projects", "max_choices", "ballot_within_budget", "points", "minimum_score"),
    Method.EQUAL_SHARES: ("budget", "max_projects", "max_choices", "ballot_within_budget", "points"),
}  # fmt: skip
MAJORITIES = {
    "": (_("none: whoever has most wins"), None, ""),
    "half": (_("more than half"), [1, 2], "more-than"),
    "two-thirds": (_("at least two thirds"), [2, 3], "at-least"),
    "three-quarters": (_("at least three quarters"), [3, 4], "at-least"),
}
ROLLS = [
    ("residents", _("people living in a place")),
    ("members", _("members of a body")),
    ("list", _("people on a list, which you bring in on the next page")),
]


class MomentField(forms.DateTimeField):
    """A day and an hour in the county's time."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=FORMATS, **kwargs)
        self.error_messages |= {"invalid": _("Write the day and the hour like 2026-12-31 18:00.")}

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant; one so far away that time cannot be counted to it is a slip of the finger."""
        moment = super().to_python(value)
        if moment is not None and not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


def _number(label: Any, most: int, *, least: int = 1, hint: Any = "") -> forms.IntegerField:
    widget = forms.NumberInput({"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, required=False, min_value=least, max_value=most, widget=widget, help_text=hint
    )


class PollForm(forms.Form):
    """A draft apart from its choices, which have rows of their own."""

    title = PlainField(label=_("Title"), limit=120, help_text=_("As it stands in lists: a few words."))
    question = PlainField(label=_("The question to people"), limit=200, widget=forms.Textarea({"rows": 2}))
    about = PlainField(
        label=_("What it is about"), limit=4000, required=False, widget=forms.Textarea({"rows": 5}),
        help_text=_("Why it is asked now, what is settled already, what the office does with the result. An empty line begins a new paragraph."),
    )  # fmt: skip
    title_en = PlainField(label=_("Title in English"), limit=200, required=False)
    question_en = PlainField(label=_("The question in English"), limit=300, required=False, widget=forms.Textarea({"rows": 2}))  # fmt: skip
    about_en = PlainField(label=_("What it is about, in English"), limit=6000, required=False, widget=forms.Textarea({"rows": 4}))  # fmt: skip
    sponsor = forms.ModelChoiceField(label=_("In the name of"), queryset=Organisation.objects.none(), empty_label=None)
    place = forms.ModelChoiceField(
        label=_("Which place it is about"), queryset=Place.objects.none(), to_field_name="code", empty_label=None
    )
    consultation = forms.ModelChoiceField(
        label=_("Belongs to the consultation"), queryset=Consultation.objects.none(), required=False,
        empty_label=_("None: it stands alone"), help_text=_("The poll is shown on its page, and who follows it is told."),
    )  # fmt: skip

    method = forms.ChoiceField(
        label=_("How it is counted"), choices=Method, widget=forms.RadioSelect,
        help_text=_("Yes/no questions have their own three choices; the rows below are then left empty."),
    )  # fmt: skip
    max_choices = _number(_("At most so many choices on a ballot"), 200, hint=_("Choosing: empty means one. Otherwise empty means as many as one likes."))  # fmt: skip
    max_score = _number(_("Highest score"), 10, hint=_("Only for scores; empty means 5."))
    score_by = forms.ChoiceField(
        label=_("Scores are compared by"), choices=[("mean", _("the average")), ("median", _("the middle score"))], required=False
    )  # fmt: skip
    seats = _number(_("How many are elected"), 50, hint=_("Only for the single transferable vote."))
    budget = _number(_("Money there is, in yuan"), 10**12, hint=_("Only for budgets."))
    ballot_within_budget = forms.BooleanField(
        label=_("what one voter ticks may not cost more than there is"), required=False
    )
    points = _number(
        _("Points each voter spreads over the projects"), 100,
        hint=_("Only for budgets. Empty: projects are ticked, and each tick counts the same."),
    )  # fmt: skip
    max_projects = _number(_("At most so many projects are funded"), 200, hint=_("Only for budgets; empty means no limit."))  # fmt: skip
    minimum_score = _number(_("A project needs at least so many votes or points"), 10**7, hint=_("Only for “most votes first, with a minimum”."))  # fmt: skip
    quorum = _number(_("Quorum, in percent of the roll"), 100, hint=_("With fewer the result says “advisory only”. Empty: none."))  # fmt: skip
    quorum_count = _number(_("Quorum, as a number of people"), 10**7, hint=_("Instead of a share, or beside it."))
    majority = forms.ChoiceField(
        label=_("Majority"), required=False, choices=[(key, each[0]) for key, each in MAJORITIES.items()]
    )
    majority_of = forms.ChoiceField(
        label=_("Of what"), required=False,
        choices=[("decided", _("of the votes that decide (no blank ones, no abstentions)")), ("cast", _("of all ballots cast")), ("roll", _("of everybody on the roll"))],
    )  # fmt: skip

    roll_kind = forms.ChoiceField(label=_("Who may vote"), choices=ROLLS, widget=forms.RadioSelect)
    roll_place = forms.ModelChoiceField(
        label=_("Living in"), queryset=Place.objects.none(), to_field_name="code", required=False,
        empty_label=_("The place it is about"),
    )  # fmt: skip
    roll_body = forms.ModelChoiceField(
        label=_("Members of"), queryset=Organisation.objects.none(), to_field_name="slug", required=False,
        empty_label=_("Choose a body"), help_text=_("Its members vote as persons. The body itself has no vote."),
    )  # fmt: skip
    level = forms.TypedChoiceField(label=_("How far they must be verified"), choices=Level.choices, coerce=int)
    age = _number(
        _("Least age"), ages.OLDEST,
        hint=_("Empty: none. It can be asked of people on a list only, from an office that knows dates of birth."),
    )  # fmt: skip
    age_on = DayField(
        label=_("The age must be reached by"), required=False, help_text=_("Empty: the day voting opens."),
    )  # fmt: skip

    alone = forms.BooleanField(
        label=_("everybody votes alone: no helper at a station writes a ballot for anybody"), required=False,
        help_text=_("This shuts out who cannot read, write or hold a pen. The law lets them have somebody they trust write for them."),
    )  # fmt: skip

    opens_at = MomentField(label=_("Voting opens"))
    closes_at = MomentField(label=_("Voting closes"), help_text=_("Afterwards nobody can move it, not even to give more time."))  # fmt: skip
    paper_until = MomentField(
        label=_("Paper ballots are typed in until"), required=False,
        help_text=_("Only ballots handed in before closing. Empty: until closing."),
    )  # fmt: skip

    secrecy = forms.ChoiceField(
        label=_("Secrecy"), widget=forms.RadioSelect,
        choices=[
            (Secrecy.BY_PROCEDURE, _("secret by procedure: nobody can look up afterwards who chose what")),
            (Secrecy.OPEN, _("open: decided by show of hands in a meeting, before two witnesses")),
            (Secrecy.BY_BLIND_TOKEN, _("secret by blind token: not offered yet, for the voter’s own device has to do a part of it")),
        ],
    )  # fmt: skip
    grade = forms.ChoiceField(
        label=_("What is published of the ballots"), widget=forms.RadioSelect,
        choices=[(ADVISED, _("as advised for this way of counting and so many choices")), *Grade.choices],
        help_text=_("Ballots that can look different in many ways can be recognised by whoever dictated one. With up to 6 choices to rank or score, or 20 to tick, every ballot can be published; with more, tables."),
    )  # fmt: skip
    results_hidden = forms.BooleanField(label=_("numbers are hidden until the end"), required=False)
    may_replace = forms.BooleanField(label=_("a ballot may be replaced until the end"), required=False)
    random_order = forms.BooleanField(label=_("choices in random order, drawn for every voter"), required=False)

    slug = forms.SlugField(
        label=_("Web address"), max_length=80, required=False,
        help_text=_("Small letters, figures and hyphens; leave it empty and we choose one."),
        error_messages={"invalid": _("An address holds only small letters a–z, figures and hyphens.")},
    )  # fmt: skip
    preset = forms.ChoiceField(choices=[(p.key, p.name) for p in PRESETS.values()], widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    PLAIN = (
        "title", "title_en", "question", "question_en", "about", "about_en", "sponsor", "place", "consultation",
        "method", "opens_at", "closes_at", "paper_until", "secrecy", "results_hidden", "may_replace", "random_order",
    )  # fmt: skip
    PARTS = (
        (_("What is asked"), ("title", "question", "about")),
        (_("Who asks, and where it belongs"), ("sponsor", "place", "consultation")),
        (_("How it is counted"), ("method", "max_choices", "max_score", "score_by", "seats", "budget", "points", "ballot_within_budget", "max_projects", "minimum_score")),
        (_("When the result counts"), ("quorum", "quorum_count", "majority", "majority_of")),
        (_("Who may vote"), ("roll_kind", "roll_place", "roll_body", "level", "age", "age_on", "alone")),
        (_("When"), ("opens_at", "closes_at", "paper_until")),
        (_("Secrecy and publication"), ("secrecy", "grade", "results_hidden", "may_replace", "random_order")),
    )  # fmt: skip
    ENGLISH = ("title_en", "question_en", "about_en")

    def __init__(
        self, *args: Any, preset: Preset, bodies: "QuerySet[Organisation]", consultations: "QuerySet[Consultation]",
        draft: Poll | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.kind, self.draft = preset, draft
        inside = [Q(path__startswith=path) for path in bodies.values_list("place__path", flat=True)]
        places = Place.objects.filter(reduce(or_, inside, Q(pk__in=[]))).order_by("path")
        for name in ("place", "roll_place"):
            self.fields[name].queryset = places  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda place: "\u3000" * (place.level - 1) + str(place)  # type: ignore[attr-defined]
        self.fields["sponsor"].queryset = bodies  # type: ignore[attr-defined]
        self.fields["roll_body"].queryset = Organisation.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["consultation"].queryset = consultations  # type: ignore[attr-defined]
        self.fields["consultation"].label_from_instance = lambda each: localised(each, "title")  # type: ignore[attr-defined]

    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the form in sections; the rows of choices stand between the second and the third."""
        return [(str(heading), [self[name] for name in names]) for heading, names in self.PARTS]

    def english(self) -> list[forms.BoundField]:
        """Return the fields of the courtesy translation."""
        return [self[name] for name in self.ENGLISH]

    def quiet(self) -> None:
        """Show what was typed without judging it yet."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def clean_secrecy(self) -> str:
        """Refuse the level that is reserved, and a show of hands, which has a form of its own."""
        if self.cleaned_data["secrecy"] == Secrecy.BY_BLIND_TOKEN:
            raise forms.ValidationError(str(LEVEL_RESERVED), code=LEVEL_RESERVED.code)
        if self.cleaned_data["secrecy"] == Secrecy.OPEN:
            raise forms.ValidationError(str(CALL_A_MEETING), code=CALL_A_MEETING.code)
        return str(self.cleaned_data["secrecy"])

    def clean(self) -> dict[str, Any]:
        """Look at what hangs together: the roll's own field, the order of the moments, a majority that can be had."""
        data = super().clean() or {}
        if data.get("roll_kind") == "members" and data.get("roll_body") is None and "roll_body" not in self.errors:
            self._wrong("roll_body", _("Choose the body whose members may vote."))
        is_list, age = data.get("roll_kind") == "list", data.get("age")
        if age is not None and not is_list:
            self._wrong("age", str(roll.SITE_KNOWS_NO_AGE))
        elif age is None and is_list and data.get("age_on") and "age" not in self.errors:
            self._wrong("age", _("Say the least age, or leave the day empty."))
        opens, closes, paper = data.get("opens_at"), data.get("closes_at"), data.get("paper_until")
        if opens and closes and closes <= opens:
            self._wrong("closes_at", _("Voting must close after it opens."))
        elif opens and closes and closes - opens < timedelta(days=self.kind.minimum_days):
            self._wrong(
                "closes_at",
                _("This kind of decision stays open for at least %(days)s days.") % {"days": self.kind.minimum_days},
            )
        if closes and paper and paper < closes:
            self._wrong("paper_until", _("Paper is typed in after closing: choose a later time, or none."))
        method = data.get("method")
        if data.get("majority") and method and method not in WITH_MAJORITY:
            self._wrong("majority", _("Under this way of counting there is no majority to reach: choose none."))
        if method in BUDGETS and data.get("budget") is None and "budget" not in self.errors:
            self._wrong("budget", _("Say how much money there is."))
        if method == Method.GREEDY_MINIMUM and data.get("minimum_score") is None and "minimum_score" not in self.errors:
            self._wrong("minimum_score", _("Say how many votes a project needs."))
        self._check_points(data)
        return data

    def _check_points(self, data: dict[str, Any]) -> None:
        if data.get("method") in BUDGETS and data.get("points"):
            if data.get("max_choices"):
                self._wrong("max_choices", _("Voters who spread points name as many projects as they like: leave this empty."))  # fmt: skip
            if data.get("ballot_within_budget"):
                self._wrong("ballot_within_budget", _("Points have no cost: leave this unticked, or let projects be ticked."))  # fmt: skip

    def check_rows(self, rows: Rows) -> None:
        """Look at the choices by the way of counting; faults stand in the rows, or at the method."""
        method = self.cleaned_data.get("method")
        if method is None or method == Method.YES_NO:
            if method and rows.plans():
                self._wrong(
                    "method", _("A yes/no question has its own three choices: empty the rows, or choose another way.")
                )
            return
        plans = rows.plans()
        if len(plans) < 2:
            self.add_error(
                None, forms.ValidationError(_("A poll needs at least two choices: fill in two rows."), code="few")
            )
        for plan in plans:
            if method in BUDGETS and plan.cost is None:
                rows.row_of(plan).add_error("cost", _("Say what it costs; 0 when it costs nothing."))
            elif method in BUDGETS and (plan.cost or 0) > (self.cleaned_data.get("budget") or 10**12):
                rows.row_of(plan).add_error("cost", _("It costs more than there is: it could never be funded."))
            elif method not in BUDGETS and plan.cost is not None:
                rows.row_of(plan).add_error(
                    "cost", _("Only in a budget do choices cost something: empty this, or choose a budget.")
                )
        if method == Method.STV and len(plans) <= (self.cleaned_data.get("seats") or 1):
            self._wrong("seats", _("More must stand than are elected."))

    def plans(self, rows: Rows) -> list[ChoicePlan]:
        """Return the choices; a question has its own three."""
        if self.cleaned_data["method"] == Method.YES_NO:
            # The official title is Chinese whatever language the official reads.
            with override("zh-hans"):
                titles = [gettext("In favour"), gettext("Against"), gettext("Abstain")]
            courtesy = ("In favour", "Against", "Abstain")
            return [ChoicePlan(*parts) for parts in zip(YES_NO, titles, courtesy, strict=True)]
        return rows.plans()

    def fields_of_model(self, choices: Sequence[ChoicePlan], *, at: datetime) -> dict[str, Any]:
        """Return what the model keeps."""
        data = self.cleaned_data
        counting = self._counting()
        advised = advised_grade(data["method"], len(choices), counting.get("points"))
        grade = advised if data["grade"] == ADVISED else data["grade"]
        return {name: data[name] for name in self.PLAIN} | {
            "preset": self.kind.key, "grade": grade, "counting": counting, "roll_rule": self._roll_rule(),
            "slug": data["slug"].lower() or self._address(at),
        }  # fmt: skip

    def _counting(self) -> dict[str, Any]:
        data = self.cleaned_data
        counting: dict[str, Any] = {
            name: data[name] for name in OWN_RULES.get(data["method"], ()) if data.get(name) not in {None, "", False}
        }
        if data.get("quorum"):
            counting["quorum"] = _pair(Fraction(data["quorum"], 100))
        if data.get("quorum_count"):
            counting["quorum_count"] = data["quorum_count"]
        if data.get("majority"):
            _words, share, mark = MAJORITIES[data["majority"]]
            counting |= {"majority": share, "majority_is": mark, "majority_of": data.get("majority_of") or "decided"}
        return counting

    def _roll_rule(self) -> dict[str, Any]:
        return self._who() | ({"alone": True} if self.cleaned_data["alone"] else {})

    def _who(self) -> dict[str, Any]:
        data = self.cleaned_data
        kept = self.draft.roll_rule if self.draft is not None else {}
        match data["roll_kind"]:
            case "members":
                return {"kind": "members", "body": data["roll_body"].slug, "level": data["level"]}
            case "list":
                # The list brought in stays with the age it was judged by: under another one it is asked for anew.
                brought = {name: kept[name] for name in ("listed", "list_hash", "list_age") if name in kept}
                return {"kind": "list", "level": data["level"], **brought, **self._age()}
            case _:
                place = data.get("roll_place") or data["place"]
                return {"kind": "residents", "place": place.code, "level": data["level"]}

    def _age(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data["age"] is None:
            return {}
        return {"age": ages.Limit(data["age"], data["age_on"] or localtime(data["opens_at"]).date()).to_json()}

    def _address(self, at: datetime) -> str:
        if self.draft is not None:
            return self.draft.slug
        words = re.sub(r"[^a-z0-9]+", "-", self.cleaned_data.get("title_en", "").lower()).strip("-")[:60].strip("-")
        base = words or f"{self.cleaned_data['sponsor'].slug}-{localtime(at):%Y%m%d}"
        taken = RESERVED | set(Poll.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        return next(slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken)

    def _wrong(self, name: str, sentence: Any) -> None:
        self.add_error(name, forms.ValidationError(sentence, code="unfit"))


def first_values(preset: Preset, *, at: datetime, bodies: Sequence[Organisation]) -> dict[str, Any]:
    """Return what an empty form starts with: the preset's own habits, from tomorrow's opening hour."""
    opens_at = localtime(at).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=2)
    body = bodies[0] if bodies else None
    return {
        "preset": preset.key, "place": body.place.code if body else None, "roll_body": body.slug if body else None,
        "opens_at": opens_at, "closes_at": opens_at.replace(hour=18) + timedelta(days=preset.usual_days),
        "secrecy": Secrecy.BY_PROCEDURE, "grade": ADVISED, "results_hidden": True, "may_replace": True,
        "random_order": True, "score_by": "mean", "majority": "", "majority_of": "decided", "roll_kind": "residents",
        "level": int(Level.CONTACT),
        **preset.usual,
    }  # fmt: skip


def values_of(poll: Poll) -> dict[str, Any]:
    """Return a draft as the form shows it."""
    counting, rule = poll.counting, poll.roll_rule
    age = ages.limit_of(rule)
    quorum = counting.get("quorum")
    share = [counting.get("majority"), counting.get("majority_is", "more-than")]
    majority = next((key for key, each in MAJORITIES.items() if [each[1], each[2]] == share), "")
    own = {name: getattr(poll, name) for name in PollForm.PLAIN} | {"place": poll.place.code}
    return own | {
        "preset": poll.preset, "slug": poll.slug, "grade": poll.grade, "majority": majority,
        "majority_of": counting.get("majority_of", "decided"), "score_by": counting.get("score_by", "mean"),
        "quorum": quorum[0] * 100 // quorum[1] if quorum else None, "roll_kind": rule.get("kind", "residents"),
        "roll_place": rule.get("place"), "roll_body": rule.get("body"), "level": rule.get("level", 0),
        "alone": poll.everybody_alone, "age": age.least if age else None,
        # The day voting opens stays that day when the opening is moved.
        "age_on": age.on if age and age.on != localtime(poll.opens_at).date() else None,
        **{
            name: counting.get(name)
            for name in ("max_choices", "max_score", "seats", "budget", "max_projects", "minimum_score", "quorum_count", "ballot_within_budget", "points")
        },
    }  # fmt: skip


def _pair(share: Fraction) -> list[int]:
    return [share.numerator, share.denominator]


class WithdrawForm(forms.Form):
    """Why a poll ends without a result."""

    note = PlainField(label=_("Reason"), limit=300, help_text=_("Public. Everybody who voted reads it."))
