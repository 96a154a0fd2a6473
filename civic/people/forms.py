"""Forms of signing up and in, and of a person's own preferences."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from civic.core import texts
from civic.people.fields import AddressField, PhoneField
from civic.people.models import Person
from civic.people.rules import NAME_LENGTH, name_fault
from civic.places.models import Place
from civic.ui.guarding import Guarded

EMAIL = "email"
PHONE = "phone"


class NameField(forms.CharField):
    """The name others see; may be empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Name shown to others"),
            required=False,
            max_length=NAME_LENGTH,
            help_text=_("It need not be your real name. Leave it empty and others see “a neighbour”."),
            widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        """Return the name without what cannot be seen."""
        name = super().clean(value)
        if not name:
            return ""
        try:
            name = texts.plain(name, limit=NAME_LENGTH)
        except ValueError as fault:
            raise forms.ValidationError(str(fault.args[0])) from None
        reason = name_fault(name)
        if reason is not None:
            raise forms.ValidationError(str(reason))
        return name


class LoginForm(allauth.LoginForm):
    """Mobile number or e-mail, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.order_fields(["login", "password"])


class RequestLoginCodeForm(allauth.RequestLoginCodeForm):
    """Mobile number or e-mail, to which a code goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"login": AddressField()}
        self._user: AbstractBaseUser | None = None

    def clean_login(self) -> str:
        """Find the account, count the request, and say nothing about either."""
        address = self.cleaned_data["login"]
        kind = EMAIL if "@" in address else PHONE
        self.cleaned_data[kind] = address
        self.clean_email() if kind == EMAIL else self.clean_phone()
        return address


class SignupForm(Guarded, allauth.SignupForm):
    """A new account, with a mobile number or an e-mail address (``by``), with or without a password."""

    by = forms.ChoiceField(choices=[(PHONE, PHONE), (EMAIL, EMAIL)], widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: str = PHONE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signup_fields: dict[str, Any] = {name: dict(field) for name, field in self._signup_fields.items()}
        unused = EMAIL if by == PHONE else PHONE
        del self.fields[unused]
        del self._signup_fields[unused]
        self._has_phone_field = by == PHONE
        self.fields["by"].initial = by
        if by == PHONE:
            self.fields[PHONE] = PhoneField(help_text=_("We send a code to it. Nobody else sees it."))
        else:
            self.fields[EMAIL].label = _("E-mail")
            self.fields[EMAIL].help_text = _("We send a code to it. Nobody else sees it.")
            self.fields[EMAIL].widget.attrs.pop("placeholder", None)
        self.fields["display_name"] = NameField()
        password = self.fields["password1"]
        password.required = password.widget.is_required = False
        password.help_text = _("At least 8 characters. Leave it empty and we send you a code each time you sign in.")
        password.widget.attrs.pop("placeholder", None)
        self.order_fields([by, "display_name", "password1", "by"])
        self.guard()

    def try_save(self, request: HttpRequest) -> Any:
        """Save; when a twin of this request was faster, answer as for any address that has an account."""
        if self.account_already_exists:  # type: ignore[has-type]  # allauth has no types
            # A new account's password is hashed, which takes longer than all the rest: the same for a known address.
            make_password(self.cleaned_data.get("password1") or None)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)


class ProfileForm(forms.ModelForm[Person]):
    """The name others see, and how pages look."""

    display_name = NameField()
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of pages and of what we send you."),
        choices=[("zh-hans", "中文"), ("en", "English")],  # each in its own words
        widget=forms.RadioSelect,
    )
    elder_mode = forms.BooleanField(
        label=_("Elder mode"), help_text=_("Larger letters, fewer things on a page."), required=False
    )

    class Meta:
        model = Person
        fields = ["display_name", "language", "elder_mode"]


class ResidenceForm(forms.Form):
    """Where a person says they live."""

    place = forms.ModelChoiceField(
        Place.objects.none(),
        label=_("Community, village or township"),
        help_text=_("So that we show what concerns you first. It is not shown with an address."),
        required=False,
        empty_label=_("I would rather not say"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        levels = [Place.Level.TOWNSHIP, Place.Level.COMMUNITY]
        places = list(Place.objects.filter(level__in=levels).order_by("path"))
        field.queryset = Place.objects.filter(level__in=levels)  # type: ignore[attr-defined]  # a choice of models
        field.choices = [("", field.empty_label), *_by_township(places)]  # type: ignore[attr-defined]


def _by_township(places: list[Place]) -> list[tuple[str, list[tuple[int, str]]]]:
    groups: list[tuple[str, list[tuple[int, str]]]] = []
    for place in places:
        if place.level == Place.Level.TOWNSHIP or not groups:
            groups.append((str(place), []))
        label = (
            _("%(township)s, elsewhere") % {"township": place} if place.level == Place.Level.TOWNSHIP else str(place)
        )
        groups[-1][1].append((place.pk, label))
    return groups
