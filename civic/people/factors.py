"""The second factor of an account: how allauth keeps it, and what a session remembers of it."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY, record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from civic.core.languages import site_text
from civic.people.models import Person

METHOD = "mfa"
# What proves possession; a recovery code stands in for either.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class FactorAdapter(DefaultMFAAdapter):
    """Keeps secrets encrypted, and says things in our words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or was used already. Wait for the next one and try again."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def get_totp_issuer(self) -> str:
        """Return the name the app shows beside its codes."""
        return f"共议 Gongyi {site_text('place')}"

    def encrypt(self, text: str) -> str:
        """Return the secret as it is stored: a copy of the database opens nobody's door."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret; one written under a key that is gone fits no code."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return totp.generate_totp_secret()

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.get_username())


def has_factor(person: Person) -> bool:
    """Tell whether the account has a second factor."""
    return Authenticator.objects.filter(user=person, type__in=FACTORS).exists()


def give_totp(person: Person) -> None:
    """Give an account an authenticator app's secret, once; for the demo's own accounts."""
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        totp.TOTP.activate(person, totp.generate_totp_secret())


def renew(*, progress: Callable[[str], None]) -> tuple[int, list[int]]:
    """Write every stored secret anew under the present key; return how many accounts, and those whose key is gone.

    Run after a rotation of ``SECRET_KEY``, before the former one is thrown
    away: a secret written under a key nobody has any more opens nothing.
    """
    renewed, lost = 0, []
    box = _box()
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            # Whoever uses a recovery code meanwhile waits, and the mark of its use is kept.
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if factor is None:
                continue
            try:
                data = _each_secret(factor.data, lambda token: box.rotate(token.encode()).decode())
            except InvalidToken:
                lost.append(factor.user_id)
                continue
            if data != factor.data:
                Authenticator.objects.filter(pk=pk).update(data=data)
                renewed += 1
        progress(f"second factors: {renewed}")
    return renewed, lost


def unreadable() -> Iterator[str]:
    """Yield a line for each factor whose secret was written under a key we do not have."""
    box = _box()
    for factor in Authenticator.objects.order_by("pk").iterator(chunk_size=500):
        try:
            _each_secret(factor.data, lambda token: box.decrypt(token.encode()).decode())
        except InvalidToken:
            yield (
                f"the {factor.type} of person {factor.user_id} was written under a key that is neither SECRET_KEY"
                " nor among SECRET_KEY_FALLBACKS: it opens nothing"
            )


def passed_at(request: Any, person: Person) -> datetime | None:
    """Return when this session last showed the person's second factor, or None."""
    records = get_authentication_records(request, person)
    stamps = [record.get("at", 0) for record in records if record.get("method") == METHOD]
    return datetime.fromtimestamp(max(stamps), UTC) if stamps else None


def record_passed(request: Any, person: Person, *, kind: str) -> None:
    """Remember in the session that the person has just shown this kind of factor."""
    record_authentication(request, person, METHOD, type=kind, reauthenticated=True)


def forget_passed(request: Any) -> None:
    """Drop from the session that a factor was shown: it is no longer the account's."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [each for each in records if each.get("method") != METHOD]


def signed_in_within(request: Any, *, seconds: int) -> bool:
    """Tell whether this session was signed in, or asked again, so short a time ago."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1].get("at", 0) < seconds


def demo_code(secret: str) -> str:
    """Return the code an authenticator app would show now.  Only in the demo; elsewhere nothing."""
    if not settings.DEMO:
        return ""
    counter = int(time.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def demo_code_of(person: Person | None) -> str:
    """Return the current code of an account that has an app; only in the demo."""
    if not settings.DEMO or person is None:
        return ""
    app = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    return demo_code(decrypt(app.data["secret"])) if app is not None else ""


def _each_secret(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """Return what allauth keeps of a factor, with ``change`` made to each encrypted part."""
    changed: dict[str, Any] = {name: change(data[name]) for name in ("secret", "seed") if name in data}
    if "migrated_codes" in data:
        changed["migrated_codes"] = [change(code) for code in data["migrated_codes"]]
    return data | changed


def _box() -> MultiFernet:
    keys: list[str] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(("second-factor:" + key).encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
