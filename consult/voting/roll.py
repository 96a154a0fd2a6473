"""The roll: a rule as data, drawn into rows once, before anybody votes."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from civic.core.cells import safe
from civic.core.refusals import Reason, Unfit
from civic.people.finding import confirmed_addresses
from civic.people.models import Level, Person
from civic.places.models import Place
from consult.voting import ages
from consult.voting.models import ListedAddress, Poll, RollEntry
from orgs.bodies.models import Membership, Organisation

BAD_ROLL_RULE = Reason("bad-roll-rule", _("Say who may vote: people of a place, members of a body, or a list."))
SITE_KNOWS_NO_AGE = Reason(
    "site-knows-no-age",
    _("The site knows nobody's date of birth: for an age limit, bring in a list from the office that does."),
)
LIST_FIRST = Reason("list-first", _("Bring in the list of those who may vote first."))
LIST_ANEW = Reason("list-anew", _("The age limit is not the one the list was read by: bring the list in once more."))
BATCH = 2_000


def check(rule: dict[str, Any]) -> None:
    """Raise ``Unfit`` unless this says who may vote.

    ``{"kind": "residents", "place": code, "level": 2}`` · ``{"kind": "members", "body": slug}`` ·
    ``{"kind": "list"}``, whose addresses ``listing.bring`` adds; each may hold ``level``.
    A list may have a least age, ``"age": {"least": 18, "on": "2026-12-01"}``, and then says when everybody was born.
    ``"alone": True`` says that no helper writes a ballot for anybody.  Only people: a body has members, and no vote.  ``{"kind": "meeting", "entitled": 150}`` is a number from the
    village's own register: nobody is put on a roll here.
    """
    if "age" in rule and rule.get("kind") != "list":
        raise Unfit(SITE_KNOWS_NO_AGE)
    ages.limit_of(rule)
    level_fits = rule.get("level", 0) in Level.values
    fits = {
        "residents": lambda: Place.objects.filter(code=rule.get("place", "")).exists(),
        "members": lambda: Organisation.objects.filter(slug=rule.get("body", "")).exists(),
        "list": lambda: True,
        "meeting": lambda: rule.get("entitled", 0) > 0,
    }.get(rule.get("kind", ""))
    if fits is None or not level_fits or not fits():
        raise Unfit(BAD_ROLL_RULE)


def check_ready(poll: Poll) -> None:
    """Raise ``Unfit`` unless a roll can be drawn by the poll's rule as it is now.

    A list must have been brought in, and whoever is on it judged by the very age limit the poll has.
    """
    check(poll.roll_rule)
    if poll.roll_rule["kind"] == "list":
        if not poll.listed.exists():
            raise Unfit(LIST_FIRST)
        if poll.roll_rule.get("age") != poll.roll_rule.get("list_age"):
            raise Unfit(LIST_ANEW)


def people(poll: Poll, *, at: datetime) -> "models.QuerySet[Person]":
    """Return the people a poll's rule describes at an instant; tombstones and imported pseudonyms are nobody."""
    rule = poll.roll_rule
    found = Person.objects.filter(is_active=True, is_imported=False, erased_at=None, level__gte=rule.get("level", 0))
    match rule["kind"]:
        case "residents":
            path = Place.objects.values_list("path", flat=True).get(code=rule["place"])
            return found.filter(residence__path__startswith=path)
        case "members":
            members = Membership.objects.in_force(at).filter(body__slug=rule["body"])
            return found.filter(pk__in=members.values("person"))
        case "meeting":
            return found.none()
        case _:
            return found.filter(pk__in=_listed(poll))


def draw(poll: Poll, *, rules_hash: str, at: datetime) -> int:
    """Write the roll, in random order, and return how many it holds; assumes the caller's transaction.

    The addresses of a list are forgotten with it: what they were for is done.
    """
    check_ready(poll)
    rows = people(poll, at=at).values_list("pk", "residence_id").distinct()
    numbers = [*rows.iterator(chunk_size=BATCH)]
    secrets.SystemRandom().shuffle(numbers)
    write(poll, numbers, rules_hash=rules_hash)
    if numbers:
        poll.listed.all().delete()
    return len(numbers)


def write(poll: Poll, rows: Sequence[tuple[int, int | None]], *, rules_hash: str, later: bool = False) -> None:
    """Add people with their places; a person already on the roll violates ``one_roll_entry_per_person``."""
    RollEntry.objects.bulk_create(
        (
            RollEntry(poll=poll, person_id=person, place_id=place, rules_hash=rules_hash, added_later=later)
            for person, place in rows
        ),
        batch_size=BATCH if connection.vendor == "postgresql" else 150,
    )


def by_place(poll: Poll) -> list[dict[str, Any]]:
    """Return how many may vote by place, one level below the poll's own, with small places put together."""
    counts = dict(
        RollEntry.objects.filter(poll=poll)
        .order_by()
        .values_list("place")
        .annotate(n=Count("pk"))
        .values_list("place", "n")
    )
    return told(poll, counts)


def told(poll: Poll, counts: Mapping[Any, int]) -> list[dict[str, Any]]:
    """Add numbers up by the places just below the poll's and merge small ones; what cannot be shown is left out."""
    below = {
        place.path: place.code
        for place in Place.objects.within(poll.place).filter(level__lte=poll.place.level + 1).order_by("path")
    }
    paths = dict(Place.objects.filter(pk__in=[pk for pk in counts if pk]).values_list("pk", "path"))
    sums: dict[str, int] = {}
    for place, count in counts.items():
        path = paths.get(place, "") if place else ""
        inside = [code for prefix, code in below.items() if path.startswith(prefix)]
        name = inside[-1] if inside else ""
        sums[name] = sums.get(name, 0) + count
    cells = safe(sums)
    rows: list[dict[str, Any]] = [{"places": [name], "count": count} for name, count in sorted(cells.shown.items())]
    if cells.merged:
        rows.append({"places": list(cells.merged), "count": cells.merged_count})
    return rows


def digest(address: str, secret: str = "") -> str:
    """Return what stands for an e-mail address or a number in a list; the address itself is not kept."""
    return hmac.digest(_key(secret or settings.SECRET_KEY), address.strip().lower().encode(), "sha256").hex()


@cache
def _key(secret: str) -> bytes:
    return hashlib.sha256(f"consult.voting.roll|{secret}".encode()).digest()


def _listed(poll: Poll) -> set[int]:
    """Return the people of a poll's list, one a line: by the number where there is one, else by e-mail.

    Only addresses their owner has confirmed: else whoever types a neighbour's would have the neighbour's vote.
    """
    lines = dict(ListedAddress.objects.filter(poll=poll).values_list("digest", "line"))
    found: dict[int, int] = {}
    # A list may have been brought in before the site's key was changed.
    secrets_ = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    for person, address in confirmed_addresses(batch=BATCH):
        line = next((line for secret in secrets_ if (line := lines.get(digest(address, secret))) is not None), None)
        if line is not None:
            found.setdefault(line, person)
    return set(found.values())
