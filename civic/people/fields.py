"""Form fields for addresses."""

from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from civic.people import phones


class PhoneField(forms.CharField):
    """A mobile number however people type it; cleaned to E.164."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile number"))
        kwargs.setdefault("max_length", 40)
        kwargs["widget"] = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return the number in E.164, or nothing for nothing."""
        text = super().clean(value)
        return normalised(text) if text else ""


class AddressField(forms.CharField):
    """An e-mail address or a mobile number in one box; cleaned to the form it is stored in."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile number or e-mail"))
        kwargs.setdefault("max_length", 254)
        kwargs["widget"] = forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return the address in lower case, or the number in E.164."""
        text = super().clean(value)
        if "@" in text or "＠" in text:
            address = text.replace("＠", "@").lower()
            validate_email(address)
            return address
        return normalised(text) if text else ""


def normalised(text: str) -> str:
    """Return a mobile number in E.164; a form's fault for anything else."""
    try:
        return phones.normalise(text)
    except ValueError as fault:
        raise forms.ValidationError(str(fault.args[0]), code="phone") from None
