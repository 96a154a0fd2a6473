"""Forms that take a code of the second factor."""

from typing import Any

from allauth.mfa.base import forms as allauth
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal.auth import TOTP
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

# A code fits for its own half minute and one on either side.
CODE_FITS_FOR = 3 * 30


def code_field() -> forms.CharField:
    """Return the box for a code: digits on the telephone's keyboard, nothing remembered."""
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}
    return forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attrs=attrs))


class _OnceOnly:
    """Takes each code of an app once for as long as it fits; in the demo, where it is shown to all, as often as wanted."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        self.cleaned_data["code"] = code
        app = TOTP(Authenticator(user=self.user))
        used = app._get_used_cache_key(code)  # noqa: SLF001 - allauth's own mark, kept for longer
        if settings.DEMO:
            cache.delete(used)
        checked: str = super().clean_code()  # type: ignore[misc]  # the form beside us
        cache.touch(used, CODE_FITS_FOR)
        return checked


class CodeForm(_OnceOnly, allauth.AuthenticateForm):
    """The code after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()


class CodeAgainForm(_OnceOnly, allauth.ReauthenticateForm):
    """The code once more, in a session that is open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()


class FirstCodeForm(totp.ActivateTOTPForm):
    """The first code of a new app, which shows that it was set up right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()
        self.fields["code"].label = _("The code the app shows now")
