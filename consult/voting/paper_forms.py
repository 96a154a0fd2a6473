"""What a clerk types about paper ballots: how many, for whom, and what a slip says."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.people.fields import normalised
from consult.voting.forms import BallotForm
from consult.voting.paper import LARGEST_PACK, MISTYPED
from consult.voting.receipts import read, shown

INVALID = "invalid"
ON_ONE_SHEET = 6


class PackForm(forms.Form):
    """A pack to print."""

    slips = forms.IntegerField(
        label=_("How many slips"), min_value=1, max_value=LARGEST_PACK,
        help_text=_("At most 500 at a time. Print some more than are likely to come: what is left over is destroyed."),
    )  # fmt: skip
    per_sheet = forms.TypedChoiceField(
        label=_("On a sheet of A4"), coerce=int, initial=1, widget=forms.RadioSelect,
        choices=[(1, _("one slip, in large type")), (2, _("two slips, for short questions"))],
    )  # fmt: skip
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.initial.setdefault("submission", uuid.uuid4())

    def clean_per_sheet(self) -> int:
        """Two to a sheet are for papers that fit."""
        number: int = self.cleaned_data["per_sheet"]
        if number == 2 and self.choices > ON_ONE_SHEET:
            raise forms.ValidationError(
                _("With more than %(most)s choices a slip needs a sheet of its own."), "long", {"most": ON_ONE_SHEET}
            )
        return number


class VoterForm(forms.Form):
    """Who stands at the counter: by the address they give, or by the number of their account."""

    who = forms.CharField(
        label=_("Mobile number, e-mail or account number of the person in front of you"), max_length=254,
        help_text=_("Exactly as the account has it. They see that you looked, and why."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_who(self) -> str | uuid.UUID:
        """Return the number of an account, or an address as it is stored."""
        text = self.cleaned_data["who"].strip().replace("＠", "@")
        if "@" in text:
            return str(text.lower())
        try:
            return uuid.UUID(text)
        except ValueError:
            return normalised(text)


class CodeForm(forms.Form):
    """The code on a slip that came back."""

    code = forms.CharField(
        label=_("Code on the slip"), max_length=40,
        help_text=_("Sixteen letters and digits in four groups. Capital or small does not matter."),
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autofocus": True}
        ),
    )  # fmt: skip

    def clean_code(self) -> str:
        """Return the code as it is printed; a mistyped one is told at once."""
        code = read(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(str(MISTYPED), code=MISTYPED.code)
        return shown(code)


class KeyingForm(BallotForm):
    """What a slip says, choices in the order it was printed in; ``invalid`` sent says it cannot be counted."""

    NOTHING = _(
        "Nothing is ticked here. Is the slip blank, or can it not be counted? Then say so with the buttons below."
    )

    @property
    def is_invalid(self) -> bool:
        """Whether the clerk says that the slip cannot be counted."""
        return INVALID in self.data

    def full_clean(self) -> None:
        """Ask nothing of an invalid slip."""
        super().full_clean()
        if self.is_bound and self.is_invalid:
            self.errors.clear()

    @property
    def keyed(self) -> dict[str, Any] | None:
        """What was read, as ``paper.key`` takes it."""
        return None if self.is_invalid else self.content
