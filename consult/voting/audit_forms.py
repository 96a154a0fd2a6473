"""What is typed about a poll's result: objections and their answers, receipts, an auditor's opinion."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.ui.forms import refuse_misleading
from consult.discussion.forms import PlainField
from consult.voting.models import MAX_ANSWER, MAX_OBJECTION

MAX_FAULTS = 20


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ObjectionForm(forms.Form):
    """What is wrong with a poll."""

    text = PlainField(
        label=_("What is wrong?"),
        help_text=_("Everybody reads your words beside the result, without your name. Name no other people."),
        limit=MAX_OBJECTION,
        widget=_area(5),
    )


class AnswerForm(forms.Form):
    """The public answer to an objection."""

    answer = PlainField(
        label=_("Answer"), help_text=_("Public, and not changed afterwards."), limit=MAX_ANSWER, widget=_area(3)
    )


class HideForm(forms.Form):
    """Why the words of an objection are hidden."""

    reason = forms.CharField(
        label=_("Why the words are hidden"), max_length=200, validators=[refuse_misleading],
        help_text=_("Everybody reads the reason; date and hash stay in the bulletin."),
    )  # fmt: skip


class SampleForm(forms.Form):
    """Receipts volunteers read out."""

    receipts = forms.CharField(
        label=_("Receipts, one a line"),
        help_text=_("You see whether each is counted and in which batch, never a choice. Only the numbers are kept."),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )


class OpinionForm(forms.Form):
    """An auditor's opinion, to be signed into the chain."""

    verdict = forms.ChoiceField(
        label=_("Your opinion"),
        choices=[
            ("confirmed", _("I recounted it: the published result is that of the box")),
            ("faults", _("I found faults")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    note = PlainField(
        label=_("What you checked, and how"),
        help_text=_(
            "Stands under the result with your name and the day, and in the bulletin without your name, for good."
        ),
        limit=500,
        widget=_area(3),
    )
    faults = forms.CharField(
        label=_("Faults, one a line"), required=False, max_length=4_000, widget=_area(4), validators=[refuse_misleading],
        help_text=_("Only when you found some. The poll stays “counted”, and the faults stand under its result."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Faults go with the opinion that there are some, and with no other."""
        values = super().clean() or {}
        lines = [line.strip()[:200] for line in (values.get("faults") or "").splitlines() if line.strip()]
        values["faults"] = tuple(lines[:MAX_FAULTS])
        if values.get("verdict") == "faults" and not lines:
            self.add_error("faults", _("Name at least one fault."))
        if values.get("verdict") == "confirmed" and lines:
            self.add_error("verdict", _("You named faults: then it is not confirmed."))
        return values
