"""The roll: a rule as data, drawn into rows once, before anybody votes."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Count, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from civic.core.cells import safe
from civic.core.refusals import Reason, Unfit
from civic.people.models import Level, Person
from civic.places.models import Place
from consult.voting.models import Poll, RollEntry
from orgs.bodies.models import Membership, Organisation

BAD_ROLL_RULE = Reason("bad-roll-rule", _("Say who may vote: people of a place, members of a body, or a list."))
SITE_KNOWS_NO_AGE = Reason(
    "site-knows-no-age",
    _("The site knows nobody's date of birth: for an age limit, bring in a list from the office that does."),
)
BATCH = 2_000


def check(rule: dict[str, Any]) -> None:
    """Raise ``Unfit`` unless this says who may vote.

    ``{"kind": "residents", "place": code, "level": 2}`` · ``{"kind": "members", "body": slug}`` ·
    ``{"kind": "list", "digests": […]}``, digests of addresses as ``digest`` makes them; each may hold ``level``.
    Only people: a body has members, and no vote.  ``{"kind": "meeting", "entitled": 150}`` is a number from the
    village's own register: nobody is put on a roll here.
    """
    if "age" in rule:
        raise Unfit(SITE_KNOWS_NO_AGE)
    level_fits = rule.get("level", 0) in Level.values
    fits = {
        "residents": lambda: Place.objects.filter(code=rule.get("place", "")).exists(),
        "members": lambda: Organisation.objects.filter(slug=rule.get("body", "")).exists(),
        "list": lambda: bool(rule.get("digests")),
        "meeting": lambda: rule.get("entitled", 0) > 0,
    }.get(rule.get("kind", ""))
    if fits is None or not level_fits or not fits():
        raise Unfit(BAD_ROLL_RULE)


def people(rule: dict[str, Any], *, at: datetime) -> "models.QuerySet[Person]":
    """Return the people a rule describes at an instant; tombstones and imported pseudonyms are nobody."""
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
            return found.filter(pk__in=_listed(rule["digests"], found))


def draw(poll: Poll, rule: dict[str, Any], *, rules_hash: str, at: datetime) -> int:
    """Write the roll, in random order, and return how many it holds; assumes the caller's transaction."""
    rows = people(rule, at=at).values_list("pk", "residence_id").distinct()
    numbers = [*rows.iterator(chunk_size=BATCH)]
    secrets.SystemRandom().shuffle(numbers)
    write(poll, numbers, rules_hash=rules_hash)
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


def digest(address: str) -> str:
    """Return what stands for an e-mail address or a number in a list; the address itself is not kept."""
    return salted_hmac("consult.voting.roll", address.strip().lower(), algorithm="sha256").hexdigest()


def _listed(digests: Iterable[str], found: "models.QuerySet[Person]") -> list[int]:
    wanted = set(digests)
    known = found.filter(Q(email__isnull=False) | Q(phone__isnull=False, phone_verified=True))
    return [
        pk
        for pk, email, phone in known.values_list("pk", "email", "phone").iterator(chunk_size=BATCH)
        if (email and digest(email) in wanted) or (phone and digest(phone) in wanted)
    ]
