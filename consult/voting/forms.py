"""The ballot as people fill it in, for every method, read into the content the box keeps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consult.voting import totals
from consult.voting.casting import BAD_BALLOT, MISTYPED
from consult.voting.methods.ballots import BUDGETS, RANKED, SCORED, BadBallot, check
from consult.voting.methods.rules import Rules
from consult.voting.models import Choice
from consult.voting.receipts import read

BLANK = "blank"
UNKNOWN: dict[str, Any] = {"invalid_choice": BAD_BALLOT["unknown-option"].sentence}
OFF_SCALE: dict[str, Any] = {"invalid_choice": BAD_BALLOT["score-range"].sentence}


@dataclass(frozen=True)
class Mark:
    """One thing that may be ticked beside a choice."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """A choice on the paper: its control and what was ticked."""

    choice: Choice
    name: str
    id: str
    marks: tuple[Mark, ...] = ()
    chosen: bool = False
    faults: tuple[str, ...] = ()
    value: str = ""


class BallotForm(forms.Form):
    """A ballot of one poll.  With ``blank`` sent it is an empty one, whatever else was ticked."""

    NOTHING: Any = gettext_lazy("Nothing is chosen. To vote for none, cast a blank ballot.")

    def __init__(self, data: Any = None, *, rules: Rules, choices: Iterable[Choice], replaces: bool = False) -> None:
        super().__init__(data)
        self.rules = rules
        self.paper = tuple(choices)
        self.replaces = replaces
        self.content: dict[str, Any] = {}
        keys = [(choice.key, str(choice)) for choice in self.paper]
        if self.kind in {"one", "several"}:
            field = forms.ChoiceField if self.kind == "one" else forms.MultipleChoiceField
            widget = forms.RadioSelect if self.kind == "one" else forms.CheckboxSelectMultiple
            self.fields["choice"] = field(
                label=_("Your choice"), choices=keys, required=False, widget=widget, error_messages=UNKNOWN
            )
        elif self.kind == "points":
            most = self.rules.points or 0
            for choice in self.paper:
                wrong = _("%(choice)s: write a whole number from 0 to %(points)s.") % {"choice": choice, "points": most}
                self.fields[f"at-{choice.key}"] = forms.IntegerField(
                    label=str(choice), required=False, min_value=0, max_value=most,
                    error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
                )  # fmt: skip
        else:
            for choice in self.paper:
                self.fields[f"at-{choice.key}"] = forms.ChoiceField(
                    label=str(choice), required=False, widget=forms.RadioSelect,
                    error_messages=OFF_SCALE if self.kind == "scores" else UNKNOWN,
                    choices=[("", _("none")), *((str(n), str(n)) for n in self.scale)],
                )  # fmt: skip
        if replaces:
            self.fields["receipt"] = forms.CharField(
                label=_("Receipt of the ballot you cast"), max_length=40,
                help_text=_("Sixteen letters and digits in four groups. Capital or small does not matter."),
                widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
            )  # fmt: skip

    def on(self, choices: Iterable[Choice]) -> Self:
        """Return the same ballot on a paper that shows these choices."""
        return type(self)(
            self.data if self.is_bound else None, rules=self.rules, choices=choices, replaces=self.replaces
        )

    @property
    def kind(self) -> str:
        """How the paper looks: ``one``, ``several``, ``points``, ``scores`` or ``ranks``."""
        if self.rules.method in RANKED:
            return "ranks"
        if self.rules.method in SCORED:
            return "scores"
        if self.is_budget and self.rules.points is not None:
            return "points"
        single = self.rules.method == "yes-no" or (self.rules.method == "choose" and (self.rules.max_choices or 1) == 1)
        return "one" if single else "several"

    @property
    def is_budget(self) -> bool:
        """Whether the choices cost money."""
        return self.rules.method in BUDGETS

    @property
    def scale(self) -> Sequence[int]:
        """The numbers that may stand beside a choice."""
        if self.kind == "scores":
            return range(self.rules.max_score + 1)
        return range(1, min(len(self.paper), self.rules.max_choices or len(self.paper)) + 1)

    def clean_receipt(self) -> str:
        """Return the receipt as it is known; a mistyped one is told at once."""
        code = read(self.cleaned_data["receipt"])
        if code is None:
            raise forms.ValidationError(str(MISTYPED), code=MISTYPED.code)
        return code

    def clean(self) -> dict[str, Any]:
        """Read the content and have the rules check it."""
        if self.errors.keys() - {"receipt"}:
            return self.cleaned_data
        content = self._empty() if BLANK in self.data else self._content()
        if BLANK not in self.data and not next(iter(content.values())):
            self.add_error(None, forms.ValidationError(self.NOTHING, code="empty"))
            return self.cleaned_data
        self._check(content)
        self.content = content
        return self.cleaned_data

    def lines(self) -> list[Line]:
        """Return the choices in the order of the paper with what was ticked."""
        return [self._line(choice) for choice in self.paper]

    def sent(self) -> list[tuple[str, str]]:
        """Return what was sent as pairs for hidden fields: the second page carries the ballot, nobody keeps it."""
        names = [name for name in self.fields if name == "choice" or name.startswith("at-") or name == "receipt"]
        pairs = [(name, value) for name in names for value in self._sent(name) if value]
        return [*pairs, (BLANK, "1")] if BLANK in self.data else pairs

    def read_back(self) -> list[tuple[str, list[Choice]]]:
        """Return what the content says, as (number or points, choices), in its order."""
        by_key = {choice.key: choice for choice in self.paper}
        if "ranking" in self.content:
            groups = enumerate(self.content["ranking"], start=1)
            return [(str(place), [by_key[key] for key in group]) for place, group in groups]
        if "scores" in self.content:
            ordered = sorted(self.content["scores"].items(), key=lambda item: -item[1])
            return [(str(points), [by_key[key]]) for key, points in ordered]
        keys = self.content.get("choices", ())
        return [("", [choice]) for choice in self.paper if choice.key in keys]

    def left_out(self) -> list[Choice]:
        """Return the choices that get nothing from this ballot."""
        named = {choice.key for _place, group in self.read_back() for choice in group}
        return [choice for choice in self.paper if choice.key not in named]

    def total(self, here: str = "") -> list[totals.Part]:
        """Return what was sent adds up to, fit or not; ``here`` is the choice that is shown alone."""
        return totals.of(self.rules, {} if BLANK in self.data else self._amounts(), here)

    def _amounts(self) -> dict[str, int]:
        """Return every choice that was sent with its points, or 1 for a tick."""
        known = [choice.key for choice in self.paper]
        if self.kind == "points":
            typed = {key: "".join(self._sent(f"at-{key}")).strip() for key in known}
            return {key: int(text) for key, text in typed.items() if text.isdecimal() and len(text) <= 4 and int(text)}
        return dict.fromkeys((key for key in self._sent("choice") if key in known), 1)

    def _sent(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    def _empty(self) -> dict[str, Any]:
        return (
            {"scores": {}}
            if self.kind in {"scores", "points"}
            else {"ranking": []}
            if self.kind == "ranks"
            else {"choices": []}
        )

    def _content(self) -> dict[str, Any]:
        if self.kind == "one":
            chosen = self.cleaned_data.get("choice")
            return {"choices": [chosen] if chosen else []}
        if self.kind == "several":
            return {"choices": sorted(self.cleaned_data.get("choice", []))}
        if self.kind == "points":
            points = {c.key: self.cleaned_data.get(f"at-{c.key}") for c in self.paper}
            return {"scores": {key: each for key, each in sorted(points.items()) if each}}
        given = {
            c.key: int(self.cleaned_data[f"at-{c.key}"]) for c in self.paper if self.cleaned_data.get(f"at-{c.key}")
        }
        if self.kind == "scores":
            return {"scores": dict(sorted(given.items()))}
        places: dict[int, list[str]] = {}
        for key, place in given.items():
            places.setdefault(place, []).append(key)
        return {"ranking": [sorted(places[place]) for place in sorted(places)]}

    def _check(self, content: Mapping[str, Any]) -> None:
        try:
            check(self.rules, content)
        except BadBallot as bad:
            match bad.why:
                case "tie":
                    self._name_ties(content)
                case "too-many" if self.kind == "points":
                    given, most = sum(content["scores"].values()), self.rules.points or 0
                    self._add(
                        _("You gave %(given)s points and have %(points)s: take %(over)s away.")
                        % {"given": given, "points": most, "over": given - most},
                        bad.why,
                    )
                case "too-many":
                    self._check_money(content)
                    most = self.rules.max_choices or 1
                    self._add(
                        ngettext(
                            "At most %(most)s may be chosen: take some away.",
                            "At most %(most)s may be chosen: take some away.",
                            most,
                        )
                        % {"most": most},
                        bad.why,
                    )
                case "over-budget":
                    self._check_money(content)
                case _:
                    self._add(str(BAD_BALLOT[bad.why]), bad.why)

    def _check_money(self, content: Mapping[str, Any]) -> None:
        if not self.is_budget or not self.rules.ballot_within_budget:
            return
        costs = {choice.key: choice.cost or 0 for choice in self.paper}
        over = sum(costs[key] for key in content["choices"]) - (self.rules.budget or 0)
        if over > 0:
            sentence = _("What is chosen costs %(over)s yuan more than there is: take something away.")
            self._add(sentence % {"over": f"{over:,}"}, "over-budget")

    def _name_ties(self, content: Mapping[str, Any]) -> None:
        titles = {choice.key: str(choice) for choice in self.paper}
        for group in content["ranking"]:
            if len(group) > 1:
                names = _(", ").join(titles[key] for key in group)
                self.add_error(
                    f"at-{group[-1]}",
                    forms.ValidationError(
                        _("%(names)s have the same number: give each its own.") % {"names": names}, code="tie"
                    ),
                )

    def _add(self, sentence: str, code: str) -> None:
        self.add_error("choice" if "choice" in self.fields else None, forms.ValidationError(sentence, code=code))

    def _line(self, choice: Choice) -> Line:
        if self.kind in {"one", "several"}:
            chosen = choice.key in self._sent("choice")
            return Line(choice, "choice", f"id_choice_{self.paper.index(choice)}", chosen=chosen)
        name = f"at-{choice.key}"
        value = self.data.get(name, "") if self.is_bound else ""
        if self.kind == "points":
            faults = tuple(str(fault) for fault in self.errors.get(name, ())) if self.is_bound else ()
            return Line(choice, name, f"id_{name}", chosen=bool(value), faults=faults, value=value)
        marks = tuple(Mark(str(n), str(n), str(n) == value) for n in self.scale)
        faults = tuple(str(fault) for fault in self.errors.get(name, ())) if self.is_bound else ()
        return Line(choice, name, f"id_{name}", marks, bool(value), faults)


class ReceiptForm(forms.Form):
    """A receipt to look up."""

    receipt = forms.CharField(
        label=gettext_lazy("Receipt"), max_length=40,
        help_text=gettext_lazy("Sixteen letters and digits in four groups. Capital or small does not matter."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_receipt(self) -> str:
        """Return the receipt as it is known."""
        code = read(self.cleaned_data["receipt"])
        if code is None:
            raise forms.ValidationError(str(MISTYPED), code=MISTYPED.code)
        return code
