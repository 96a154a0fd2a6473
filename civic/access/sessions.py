"""Where a person is signed in, and how to end it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user, load_backend
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.dispatch import receiver
from django.utils.crypto import constant_time_compare

from civic.access.models import SignIn, kind_of_device
from civic.core import clock, session_store
from civic.core.asking import Question
from civic.people.models import Person, Suspension
from civic.people.rules import note_unsuspended

JUST_NOW = timedelta(hours=1)
USED = "signed_in_used"  # the day of last use, kept in the session so that a request asks no table for it


_along: dict[str, Callable[[datetime], Any]] = {}
_ALONG = "_asked_along"


def _who(key: str, now: datetime, at: datetime) -> "QuerySet[Person]":
    session = Session.objects.filter(session_key=key, expire_date__gt=now)
    return Person.objects.select_related("residence").filter(sign_ins__session_key=key).annotate(
        session_data=Subquery(session.values("session_data")),
        is_suspended=Exists(Suspension.objects.in_force(at).filter(person=OuterRef("pk"))),
        **{f"along_{name}": make(at) for name, make in _along.items()},
    )  # fmt: skip


_WHO: Question[Any] = Question(_who, key=str, now=datetime, at=datetime)


def ask_along(name: str, make: Callable[[datetime], Any]) -> None:
    """Have something be known of whoever a request is by without a question of its own; called while apps get ready.

    ``make`` gives an expression over the person's row at an instant.
    """
    _along[name] = make


def asked_along(person: Any, name: str, *, at: datetime) -> Any:
    """Return what was asked along with who this is, at this instant; None when it was not."""
    asked: tuple[datetime, dict[str, Any]] | None = getattr(person, _ALONG, None)
    return asked[1].get(name) if asked is not None and asked[0] == at else None


def forget_along(person: Any, name: str) -> None:
    """Forget what was asked along: it was just changed."""
    asked: tuple[datetime, dict[str, Any]] | None = getattr(person, _ALONG, None)
    if asked is not None:
        asked[1].pop(name, None)


@receiver(user_logged_in, dispatch_uid="access-signed-in")
def record(request: Any, user: Person, **_signal: Any) -> None:
    """Write down that a browser is signed in now."""
    if request is None:
        return
    session = request.session
    if not session.session_key:
        session.save()
    at = getattr(request, "at", None) or clock.now()
    device = kind_of_device(getattr(request, "META", {}).get("HTTP_USER_AGENT", ""))
    SignIn.objects.update_or_create(
        session_key=session.session_key,
        defaults={"person": user, "device": device, "used_at": at},
        create_defaults={"person": user, "device": device, "used_at": at, "began_at": at},
    )
    session[USED] = f"{at:%Y-%m-%d}"


@receiver(user_logged_out, dispatch_uid="access-signed-out")
def forget(request: Any, **_signal: Any) -> None:
    """The browser is signed out: nothing of it stays."""
    key = getattr(getattr(request, "session", None), "session_key", None)
    if key:
        SignIn.objects.filter(session_key=key).delete()


@receiver([password_changed, password_set, password_reset], dispatch_uid="access-new-password")
def end_others_after_a_new_password(request: Any, user: Person, **_signal: Any) -> None:
    """Whoever knew the old password is out; this browser stays, under its new key."""
    if request.user.is_authenticated:
        record(request, user)
    end_others(person=user, keep=request.session.session_key)


def note_use(request: Any, person: Person) -> None:
    """Write down the day of last use, once a day."""
    at = getattr(request, "at", None) or clock.now()
    today = f"{at:%Y-%m-%d}"
    if request.session.get(USED, today) != today:
        SignIn.objects.filter(session_key=request.session.session_key).update(used_at=at)
        request.session[USED] = today


def person_of(request: Any) -> Any:
    """Return who a session belongs to, as Django's ``get_user`` does: the session, its person, whether a
    suspension is in force, and what others asked along, in one question.

    Whatever is not plainly a sign-in that holds (none, run out, after a new password, under a former key) is
    Django's to answer.
    """
    store = request.session
    if store.session_key is None or store.is_read:
        return _as_django_says(request)
    at = getattr(request, "at", None) or clock.now()
    person = _WHO.one(key=store.session_key, now=session_store.now(), at=at)
    if person is None or person.session_data is None:
        return _as_django_says(request)
    data = store.decode(person.session_data)
    store.go_on_with(data)
    path, shown = data.get(BACKEND_SESSION_KEY), data.get(HASH_SESSION_KEY, "")
    if (
        data.get(SESSION_KEY) != str(person.pk)
        or path not in settings.AUTHENTICATION_BACKENDS
        or not isinstance(load_backend(path), ModelBackend)
        or not person.is_active
        or not constant_time_compare(shown, person.get_session_auth_hash())
    ):
        return _as_django_says(request)
    if not person.is_suspended:
        note_unsuspended(person, at=at)
    setattr(person, _ALONG, (at, {name: getattr(person, f"along_{name}") for name in _along}))
    return person


def _as_django_says(request: Any) -> Any:
    """Return who a session belongs to; one that goes on under a new key keeps its row, so that it can be ended."""
    before = request.session.session_key
    person = get_user(request)
    after = request.session.session_key
    if before and after and after != before:
        SignIn.objects.filter(session_key=before).update(session_key=after)
    return person


def sign_ins_of(person: Person) -> list[SignIn]:
    """Return where a person is signed in, last used first; what has run out is swept away."""
    rows = list(SignIn.objects.filter(person=person).order_by("-used_at", "-pk"))
    oldest = clock.now().timestamp() - settings.SESSION_COOKIE_AGE
    run_out = [row.pk for row in rows if row.used_at.timestamp() < oldest]
    if run_out:
        SignIn.objects.filter(pk__in=run_out).delete()
    return [row for row in rows if row.pk not in run_out]


def end(*, person: Person, pk: int) -> bool:
    """End one of a person's sign-ins; return whether there was one.  Others' stay."""
    with transaction.atomic():
        row = SignIn.objects.filter(person=person, pk=pk).first()
        if row is None:
            return False
        _store().delete(row.session_key)
        row.delete()
    return True


def end_others(*, person: Person, keep: str | None) -> int:
    """End all of a person's sign-ins but one; return how many ended."""
    with transaction.atomic():
        others = list(SignIn.objects.filter(person=person).exclude(session_key=keep or ""))
        for row in others:
            _store().delete(row.session_key)
        SignIn.objects.filter(pk__in=[row.pk for row in others]).delete()
    return len(others)


def forget_ended(*, at: datetime) -> int:
    """Delete sessions that have run out, and every sign-in whose session is gone; return how many sessions.

    Nothing else does: a browser that never comes back asks for nothing.
    """
    ended, _by_model = Session.objects.filter(expire_date__lte=at).delete()
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    # One that was signed in a moment ago may not have stored its session yet.
    SignIn.objects.filter(~Exists(there), used_at__lt=at - JUST_NOW).delete()
    return ended


def _store() -> SessionBase:
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore()
    return store
