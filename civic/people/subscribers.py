"""What follows from signing up, and from codes that came back."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import authentication_step_completed, email_confirmed, user_signed_up
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.db import transaction
from django.db.models.signals import pre_save
from django.dispatch import receiver

from civic.core import clock
from civic.events.bus import publish
from civic.people import actions, domain, factors
from civic.people.models import Level, Person, Verification


@receiver(user_signed_up, dispatch_uid="people-register")
def record_registration(user: Person, request: Any, **_signal: Any) -> None:
    """Leave an entry for a new account."""
    method = Verification.Method.EMAIL if user.email else Verification.Method.PHONE
    domain.register(person=user, method=method, at=at_of(request))


@receiver(email_confirmed, dispatch_uid="people-email-confirmed")
def record_email(email_address: Any, request: Any, **_signal: Any) -> None:
    """An e-mail address was confirmed by a code."""
    domain.confirm_contact(person=email_address.user, method=Verification.Method.EMAIL, at=at_of(request))


@receiver(authentication_step_completed, dispatch_uid="people-first-code")
def receive_first_code(user: Person, method: str, email: str | None = None, **_signal: Any) -> None:
    """A sign-in code came back to an account nobody had confirmed.

    Whoever set its password was perhaps not the owner of the address, so the
    password goes; and allauth confirms only addresses it keeps a row of.
    """
    if method != "code" or user.level > Level.REGISTERED:
        return
    if user.has_usable_password():
        domain.forget_password(person=user)
    if email:
        EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True})


@receiver(pre_save, sender=EmailAddress, dispatch_uid="people-known-address")
def keep_known_address_confirmed(instance: EmailAddress, **_signal: Any) -> None:
    """allauth writes a row for an account's address when it first needs one; a confirmed account's is confirmed."""
    person = instance.user
    if instance._state.adding and person.level >= Level.CONTACT and person.email == instance.email:
        instance.verified = instance.primary = True


@receiver(authenticator_added, dispatch_uid="people-factor-added")
def record_new_factor(user: Person, authenticator: Authenticator, request: Any, **_signal: Any) -> None:
    """Leave an entry for a new factor: a stolen account would begin with one."""
    if authenticator.type in factors.FACTORS:
        facts = {"method": authenticator.type}
        with transaction.atomic():  # allauth opens none
            publish(actions.FACTOR_ADDED, subject=user, actor=user, at=at_of(request), facts=facts)


@receiver(authenticator_removed, dispatch_uid="people-factor-removed")
def close_powers_again(user: Person, authenticator: Authenticator, request: Any, **_signal: Any) -> None:
    """A factor is gone: this session has shown one no more."""
    if authenticator.type in factors.FACTORS:
        facts = {"method": authenticator.type}
        with transaction.atomic():
            publish(actions.FACTOR_REMOVED, subject=user, actor=user, at=at_of(request), facts=facts)
        factors.forget_passed(request)


def at_of(request: Any) -> Any:
    """Return the instant of a request, or now for libraries that lost it."""
    return getattr(request, "at", None) or clock.now()
