"""Reading polls."""

import hashlib
import hmac
from collections import Counter
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext

from civic.access.questions import visible
from civic.people.models import Person
from civic.places.models import Place
from consult.voting import evidence
from consult.voting.actions import VIEW
from consult.voting.methods.otherwise import otherwise
from consult.voting.methods.outcomes import Outcome
from consult.voting.models import BulletinEntry, Choice, Grade, Poll, RollMark

KEPT = 30 * 24 * 3600


def readable(person: Any, *, at: datetime) -> "QuerySet[Poll]":
    """Return the polls a person may read, with what pages show."""
    return visible(person, VIEW, Poll.objects.for_pages(), at=at)


def next_edge(at: datetime) -> datetime | None:
    """Return the next instant at which a poll opens or closes."""
    known = Poll.objects.public().aggregate(
        opens=Min("opens_at", filter=Q(opens_at__gt=at)), closes=Min("closes_at", filter=Q(closes_at__gt=at))
    )
    return min((moment for moment in known.values() if moment is not None), default=None)


def voted_on(poll: Poll, person: Any) -> date | None:
    """Return the day a person was marked as having voted."""
    if not isinstance(person, Person):
        return None
    return RollMark.objects.filter(poll=poll, person=person).values_list("voted_on", flat=True).first()


def paper(poll: Poll, person: Any) -> list[Choice]:
    """Return the choices in the order of one person's paper: drawn per voter where the rule says so, always the same."""
    choices = list(poll.choices.all())
    if not poll.random_order or poll.method == "yes-no" or not isinstance(person, Person):
        return choices

    def drawn(choice: Choice) -> bytes:
        text = f"order|{poll.pk}|{person.pk}|{choice.key}".encode()
        return hmac.digest(settings.SECRET_KEY.encode(), text, hashlib.sha256)

    return sorted(choices, key=drawn)


def entries(poll: Poll) -> list[BulletinEntry]:
    """Return the public chain from its first entry."""
    return list(BulletinEntry.objects.filter(poll=poll).order_by("number"))


def other_rules(poll: Poll) -> list[dict[str, Any]]:
    """Return what other rules would have given; counted once for a result and kept, for published ballots only."""
    if poll.grade != Grade.PUBLIC or poll.result is None:
        return []
    key = f"voting:otherwise:{poll.result_hash}"
    known: list[dict[str, Any]] | None = cache.get(key)
    if known is None:
        tally = Counter(content.encode() for _commitment, content in evidence.counted(poll))
        seed = bytes.fromhex(BulletinEntry.objects.get(poll=poll, kind=BulletinEntry.Kind.CLOSED).hash)
        told = poll.result["outcome"]
        outcome = Outcome(told["method"], told["valid"], told["blank"], tuple(told["winners"]), told["totals"])
        known = [each.to_json() for each in otherwise(poll.counting_rules, outcome, tally, seed)]
        cache.set(key, known, KEPT)
    return known


def place_names(codes: list[str]) -> dict[str, Place]:
    """Return places by their codes."""
    return {place.code: place for place in Place.objects.filter(code__in=codes)}


def roll_parts(parts: list[dict[str, Any]], names: dict[str, Place]) -> list[tuple[str, int]]:
    """Return the roll as numbers by place, small places together; the empty code is everywhere else."""
    return [
        (gettext(", ").join(str(names.get(code, "")) or gettext("elsewhere") for code in part["places"]), part["count"])
        for part in parts
    ]
