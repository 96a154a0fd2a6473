"""The library's forms about passwords and addresses, with labels as the rest of the site has them.

The label stands above the field: no grey copy of it inside, which many take for something already typed.
"""

from typing import Any

from allauth.account import forms as allauth
from django.utils.translation import gettext_lazy as _

NEW = _("New password")
AGAIN = _("New password once more")
RULE = _("At least 8 characters; not a common one, and not like your name, number or address.")


class Plain:
    """Takes the copies of the labels out of the fields."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class Choosing(Plain):
    """Asks for a new password twice and says before what it must be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = NEW
        self.fields["password1"].help_text = RULE
        self.fields["password2"].label = AGAIN


class ChangePasswordForm(Choosing, allauth.ChangePasswordForm):
    """The present password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")


class SetPasswordForm(Choosing, allauth.SetPasswordForm):
    """The first password of an account that had none."""


class ResetPasswordKeyForm(Choosing, allauth.ResetPasswordKeyForm):
    """A new password in the place of a forgotten one."""


class ReauthenticateForm(Plain, allauth.ReauthenticateForm):
    """The password once more before a change."""


class ResetPasswordForm(Plain, allauth.ResetPasswordForm):
    """The address to which a code for a new password goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")


class AddEmailForm(Plain, allauth.AddEmailForm):
    """A further address of the account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
