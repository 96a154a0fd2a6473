"""How allauth meets our people: phone numbers, letters, and what is said."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from civic.core import networks
from civic.core.languages import site_text
from civic.people import domain, factors, phones
from civic.people.fields import PhoneField
from civic.people.models import Person, Verification
from civic.people.subscribers import at_of

CODES_LAST = timedelta(minutes=10)
LETTERS_LAST = timedelta(days=2)
# Whoever signed in just now is not asked for the password again to set up a second factor.
JUST_NOW = 300


class AccountAdapter(DefaultAccountAdapter):
    """E-mail or mobile number, password or code; everything leaves through letters, nothing in the request."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("Address and password do not belong together. Try again, or let us send a code."),
        "phone_password_mismatch": _("Number and password do not belong together. Try again, or let us send a code."),
        "email_taken": _("This address belongs to another account."),
        "phone_taken": _("This number belongs to another account."),
        "incorrect_code": _("This is not the code we sent. Look again, or ask for a new one."),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _("Too many tries in a row. Wait five minutes, then try again."),
        "rate_limited": _("Too many requests in a row. Wait a minute, then try again."),
        "same_as_current": _("This is the one you have now."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address allauth counts by: the same as ours."""
        return str(networks.client_address(request) or "unknown")

    # -- telephone ---------------------------------------------------------

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """Return a field that takes a mobile number however it is typed."""
        return PhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        """Return the number in E.164."""
        return phones.normalise(phone)

    def get_user_by_phone(self, phone: str) -> Person | None:
        """Return whoever holds the number, confirmed or not."""
        try:
            number = phones.normalise(phone)
        except ValueError:
            return None
        return Person.objects.filter(phone=number).first()

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        """Return the person's number and whether it is confirmed."""
        person = _person(user)
        return (person.phone, person.phone_verified) if person.phone else None

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:
        """Store the number."""
        person = _person(user)
        person.phone, person.phone_verified = phone, verified
        person.save(update_fields=["phone", "phone_verified"])

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        """Store that the code sent to this number came back."""
        with transaction.atomic():
            self.set_phone(user, phone, True)
            domain.confirm_contact(person=_person(user), method=Verification.Method.PHONE, at=at_of(context.request))

    def send_verification_code_sms(self, user: AbstractBaseUser, phone: str, code: str, **kwargs: Any) -> None:
        """Owe a text message with a code."""
        self._text(phone, "sms/code.txt", {"code": code}, CODES_LAST)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Owe the news that no account has this number."""
        self._text(phone, "sms/unknown_account.txt", {"url": _absolute("account_signup")}, CODES_LAST)

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Owe the news that an account has this number already."""
        self._text(phone, "sms/account_already_exists.txt", {"url": _absolute("account_login")}, CODES_LAST)

    # -- letters -----------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Owe an e-mail in the language of the page that asked for it."""
        mail = self.render_mail(template_prefix, email, {"email": email, "place": site_text("place"), **context})
        html = [str(content) for content, kind in getattr(mail, "alternatives", []) if kind == "text/html"]
        content = {"subject": str(mail.subject), "text": str(mail.body), "html": "".join(html)}
        self._post("email", email, content, CODES_LAST if "code" in context else LETTERS_LAST)

    def _text(self, phone: str, template: str, facts: dict[str, Any], lasts: timedelta) -> None:
        text = " ".join(render_to_string(template, facts).split())
        self._post("sms", phone, {"text": text}, lasts)

    def _post(self, channel: str, address: str, content: dict[str, str], lasts: timedelta) -> None:
        # letters live upstairs
        post = import_string("civic.notify.domain.post")
        post(channel=channel, address=address, content=content, at=at_of(context.request), lasts=lasts)

    # -- accounts ----------------------------------------------------------

    def save_user(self, request: HttpRequest, user: AbstractBaseUser, form: Form, **kwargs: Any) -> Person:
        """Store a new account, with the name and the language the person signed up in."""
        person = _person(user)
        person.display_name = form.cleaned_data.get("display_name", "")
        person.language = get_language() or ""
        return _person(super().save_user(request, person, form, **kwargs))

    def can_delete_email(self, email_address: Any) -> bool:
        """Refuse to remove the last way to reach an account."""
        if not super().can_delete_email(email_address):
            return False
        person = _person(email_address.user)
        others = person.emailaddress_set.exclude(pk=email_address.pk)  # type: ignore[attr-defined]  # allauth's relation
        return person.phone_verified or others.filter(verified=True).exists()

    def get_login_stages(self) -> list[str]:
        """Return allauth's stages, with ours for e-mail, which lets confirmed telephone owners pass."""
        ours = {"allauth.account.stages.EmailVerificationStage": "civic.people.stages.EmailStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password once more, but not those who entered it minutes ago to set up a second factor."""
        if app == "allauth.mfa" and factors.signed_in_within(context.request, seconds=JUST_NOW):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the preferences, where the way to the password begins."""
        return reverse("me-preferences")

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Remember the language for people who have not chosen one: notices are written in it."""
        person = _person(user)
        if not person.language:
            person.language = get_language() or ""
            person.save(update_fields=["language"])
        return super().post_login(request, user, **kwargs)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts by e-mail only, which would count all telephone owners together
        return f"{credentials.get('email') or credentials.get('phone') or ''}".lower()


def _person(user: Any) -> Person:
    if not isinstance(user, Person):
        raise TypeError("Accounts are people.")
    return user


def _absolute(name: str) -> str:
    return settings.BASE_URL + reverse(name)
