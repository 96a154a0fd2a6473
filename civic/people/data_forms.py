"""Forms before an account is deleted."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

WRONG_PASSWORD = _("This is not your password.")
WRONG_CODE = _("This is not the code we sent, or it is too old. Look again, or ask for a new one.")


class ProofForm(forms.Form):
    """Password or code, and a tick: whoever deletes an account should be its owner, and mean it."""

    proof = forms.CharField(max_length=200)
    sure = forms.BooleanField(
        label=_("Yes, delete my account and what I said"),
        error_messages={"required": _("Tick this when you are sure.")},
    )

    def __init__(self, *args: Any, has_password: bool, fits: Callable[[str], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fits, self._wrong = fits, WRONG_PASSWORD if has_password else WRONG_CODE
        if has_password:
            self.fields["proof"].label = _("Your password")
            self.fields["proof"].widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
            self.fields["proof"].strip = False  # type: ignore[attr-defined]  # a field of text
        else:
            self.fields["proof"].label = _("The code we sent you")
            self.fields["proof"].widget = forms.TextInput(
                attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 6}
            )

    def clean(self) -> dict[str, Any]:
        """Ask for the proof only once everything else is there: a try is not wasted on a forgotten tick."""
        cleaned = super().clean() or {}
        if not self.errors and not self._fits(cleaned["proof"]):
            self.add_error("proof", str(self._wrong))
        return cleaned
