"""The choices of a draft, in rows: as many as one likes, without scripts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from consult.discussion.forms import PlainField
from consult.voting.domain import ChoicePlan
from consult.voting.models import Choice

AT_FIRST, MORE, MOST = 4, 4, 200


class ChoiceForm(forms.Form):
    """One choice: its words, an explanation, and in a budget what it costs.  An empty row is no choice."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=30)
    title = PlainField(label=_("Choice"), limit=120, required=False)
    text = PlainField(
        label=_("Explanation"), limit=1000, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("What it means if this is chosen: size, place, cost, who gains and who bears it."),
    )  # fmt: skip
    cost = forms.IntegerField(
        label=_("Cost in yuan"), required=False, min_value=0, max_value=10**12, widget=forms.NumberInput({"inputmode": "numeric"}),
        help_text=_("Only in a budget. A whole number."),
    )  # fmt: skip
    title_en = PlainField(label=_("Choice in English"), limit=200, required=False)
    text_en = PlainField(
        label=_("Explanation in English"), limit=1500, required=False, widget=forms.Textarea({"rows": 2})
    )
    remove = forms.BooleanField(label=_("Take this choice away"), required=False)

    WORDS = ("title", "text", "title_en", "text_en")

    def clean_key(self) -> str:
        """Leave a key that is none to be made anew."""
        key = self.cleaned_data["key"]
        return key if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", key) else ""

    def clean(self) -> dict[str, Any]:
        """A row that holds anything names its choice."""
        data = super().clean() or {}
        if self.is_used() and not data.get("title") and "title" not in self.errors:
            self.add_error("title", forms.ValidationError(_("Say in a few words what can be chosen."), code="empty"))
        return data

    def is_used(self) -> bool:
        """Whether the row holds a choice."""
        data = self.cleaned_data
        return not data.get("remove") and (any(data.get(name) for name in self.WORDS) or data.get("cost") is not None)

    def quiet(self) -> None:
        """Show what was typed without judging it yet."""
        self._errors = ErrorDict()
        self.cleaned_data = {}


class Rows(forms.BaseFormSet[ChoiceForm]):
    """The rows of a draft.  Prefix ``row``; ``more`` asks for further blank ones."""

    def plans(self) -> list[ChoicePlan]:
        """Return the choices of valid rows, in their order; each keeps the key it had."""
        used = [row.cleaned_data for row in self.forms if row.is_used()]
        taken = {data["key"] for data in used if data["key"]}
        plans: list[ChoicePlan] = []
        for number, data in enumerate(used, start=1):
            own = {plan.key for plan in plans}
            key = data["key"] if data["key"] and data["key"] not in own else _key(data["title_en"], number, taken | own)
            plans.append(
                ChoicePlan(key, data["title"], data["title_en"], data["text"], data["text_en"], cost=data["cost"])
            )
        return plans

    def row_of(self, plan: ChoicePlan) -> ChoiceForm:
        """Return the row a choice stands in."""
        used = [row for row in self.forms if row.is_used()]
        return next(row for row in used if row.cleaned_data["title"] == plan.title)

    def quiet(self) -> None:
        """Show every row without judging it yet."""
        for row in self.forms:
            row.quiet()


def _rows(data: Any = None, initial: Any = None) -> Rows:
    made = forms.formset_factory(ChoiceForm, formset=Rows, extra=0, max_num=MOST, absolute_max=MOST, validate_max=True)(
        data, initial=initial, prefix="row"
    )
    assert isinstance(made, Rows)  # the factory forgets what it was given
    return made


def rows_of(choices: Iterable[Choice]) -> Rows:
    """Return the rows of a draft as it is, with blank ones behind them; a new one begins with blank ones."""
    initial: list[dict[str, Any]] = [
        {name: getattr(choice, name) for name in ("key", *ChoiceForm.WORDS, "cost")} for choice in choices
    ]
    blank = AT_FIRST if not initial else 1
    return _rows(initial=initial + [{} for _blank in range(blank)])


def rows_sent(data: Mapping[str, Any], *, more: bool = False) -> Rows:
    """Return the rows that were sent, with ``more`` blank ones behind them."""
    if not more:
        return _rows(data)
    copied = data.copy()  # type: ignore[attr-defined]  # a QueryDict copies itself
    sent = str(copied.get("row-TOTAL_FORMS", ""))
    number = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
    copied["row-TOTAL_FORMS"] = str(min(number + MORE, MOST))
    copied.setdefault("row-INITIAL_FORMS", "0")
    return _rows(copied)


def _key(title_en: str, number: int, taken: set[str]) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title_en.lower()).strip("-")[:24].strip("-") or "choice"
    candidates = (words, *(f"{words}-{n}" for n in range(number, number + MOST + 1)))
    return next(key for key in candidates if key not in taken)
