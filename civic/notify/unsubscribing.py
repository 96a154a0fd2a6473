"""One click and a kind of mail stops, without signing in (RFC 8058)."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.urls import reverse

from civic.notify import domain, kinds, queries
from civic.notify.models import Channel, Timing
from civic.people.models import Person

# instead of a kind: everything that comes with the daily mail
DIGEST = "*daily*"
SALT = "civic.notify.unsubscribing"


@dataclass(frozen=True)
class Subscription:
    """What a link in a mail stops: one kind (None: the daily mail) of one person."""

    person: Person
    kind: kinds.Kind | None


def address(person_id: int, kind: str) -> str:
    """Return the full address that stops one kind of mail (or ``DIGEST``) for one person; it does not expire."""
    token = signing.dumps([person_id, kind], salt=SALT)
    return settings.BASE_URL + reverse("notices-stop", args=[token])


def headers(stop_url: str) -> dict[str, str]:
    """Return the headers that let a mail program offer the one click; none without an address."""
    if not stop_url:
        return {}
    return {"List-Unsubscribe": f"<{stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def read(token: str) -> Subscription | None:
    """Return what a token stands for; None for a forged one, a person who left, a kind nobody can switch off."""
    try:
        person_id, name = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    kind = kinds.find(name)
    if person is None or (name != DIGEST and (kind is None or kind.binding)):
        return None
    return Subscription(person, kind)


def is_stopped(subscription: Subscription, *, at: datetime) -> bool:
    """Tell whether nothing of it is sent by e-mail."""
    return not _running(subscription, at=at)


def stop(subscription: Subscription, *, at: datetime) -> None:
    """Send nothing of it by e-mail any more.  Stopping what is stopped changes nothing."""
    _write(subscription, _running(subscription, at=at), Timing.NEVER)


def resume(subscription: Subscription) -> None:
    """Send the kind again, at once.  The daily mail is put together again in the preferences, kind by kind."""
    if subscription.kind is not None:
        _write(subscription, [subscription.kind.name], Timing.NOW)


def _running(subscription: Subscription, *, at: datetime) -> list[str]:
    person, wishes = subscription.person, queries.wishes_of([subscription.person], at=at)
    if subscription.kind is not None:
        timing = wishes.timing(person.pk, subscription.kind, Channel.EMAIL)
        return [] if timing == Timing.NEVER else [subscription.kind.name]
    every = [kind for kind in kinds.all_kinds() if not kind.binding]
    return [kind.name for kind in every if wishes.timing(person.pk, kind, Channel.EMAIL) == Timing.DAILY]


def _write(subscription: Subscription, names: list[str], timing: str) -> None:
    domain.wish(person=subscription.person, timings={(name, str(Channel.EMAIL)): str(timing) for name in names})
