"""Keeping programs from filling in forms, without asking people anything.

A guarded form holds a field nobody sees (``purpose``) and the signed moment it
was opened (``opened``).  Whoever fills in the first, or sends the form sooner
than ``settings.FORM_SECONDS`` after the second, gets it back with everything
typed in it and a sentence; sending it once more is enough.  It needs no script,
and a form that was sent back is never too quick again.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from civic.core import clock
from civic.core.refusals import Reason

TRAP, OPENED = "purpose", "opened"
LONGEST_OPEN = timedelta(days=30)
AGAIN = Reason(
    "form-again",
    _("We could not tell this from a program filling in forms. Nothing is lost: send it once more, please."),
)
_signer = signing.Signer(salt="civic.ui.guarding")


class Guarded(forms.BaseForm):
    """Mixed into a form; ``guard()`` at the end of its ``__init__`` sets the guard."""

    def guard(self) -> None:
        """Add the two fields."""
        self.fields[TRAP] = forms.CharField(  # type: ignore[call-arg]  # the stubs do not know template_name
            label=_("Leave this empty"), required=False, template_name="forms/trap.html",
            widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
        )  # fmt: skip
        self.fields[OPENED] = forms.CharField(widget=forms.HiddenInput, required=False, initial=_stamp(clock.now()))

    def full_clean(self) -> None:
        """Check the guard after everything else, so that faults of the typed stand first."""
        super().full_clean()
        if self.is_bound and TRAP in self.fields and not self._is_by_a_person():
            if not self.errors:
                self.add_error(None, str(AGAIN))
            # What a password manager put there must not stop its owner a second time.
            data = self.data.copy()  # type: ignore[attr-defined]  # a form is given a QueryDict
            data[self.add_prefix(TRAP)] = ""
            if _opened(self._sent(OPENED)) is None:
                data[self.add_prefix(OPENED)] = _stamp(clock.now())
            self.data = data

    def _is_by_a_person(self) -> bool:
        if self._sent(TRAP):
            return False
        least = timedelta(seconds=settings.FORM_SECONDS)
        if not least:
            return True
        opened, now = _opened(self._sent(OPENED)), clock.now()
        return opened is not None and least <= now - opened

    def _sent(self, name: str) -> str:
        return str(self.data.get(self.add_prefix(name)) or "")


def _stamp(at: datetime) -> str:
    return _signer.sign(str(int(at.timestamp())))


def _opened(sent: str) -> datetime | None:
    """Return the moment a form was opened, when we signed it and it is not too long ago."""
    try:
        opened: Any = datetime.fromtimestamp(int(_signer.unsign(sent)), tz=clock.now().tzinfo)
    except (signing.BadSignature, ValueError):
        return None
    return opened if clock.now() - opened <= LONGEST_OPEN else None
