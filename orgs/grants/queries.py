"""Which powers there are: for everybody, and for those who give them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from civic.access.mandates import Mandate, mandates_of
from civic.access.registry import all_rules, find_rule
from civic.people.models import Person
from civic.places.models import Place
from orgs.bodies.models import Membership, Organisation
from orgs.grants import actions
from orgs.grants.models import Grant, GrantQuerySet

NOW, OVER, HOURS = "now", "over", "hours"


def public(only: str = NOW, *, words: str = "", at: datetime) -> GrantQuerySet:
    """Return grants for the public list: those in force (``now``), those that are over, or those taken for an hour."""
    rows = Grant.objects.for_pages()
    if only == OVER:
        rows = rows.filter(Q(ends_at__lte=at) | Q(ended_at__lte=at))
    elif only == HOURS:
        rows = rows.filter(for_an_hour=True)
    else:
        rows = rows.filter(ends_at__gt=at).filter(Q(ended_at=None) | Q(ended_at__gt=at))
    if words:
        named = [rule.action for rule in all_rules() if words.casefold() in str(rule.label).casefold()]
        rows = rows.filter(
            Q(body__name__icontains=words) | Q(body__name_en__icontains=words)
            | Q(person__display_name__icontains=words) | Q(action__in=named)
        )  # fmt: skip
    return rows.order_by("-starts_at", "-pk")


def to_end(person: Person, *, at: datetime) -> GrantQuerySet:
    """Return the live grants this person may end: those that lie within their power to give."""
    return public(at=at).filter(_within(mandates_of(person, actions.ISSUE, at=at)))


def bodies_within(person: Person, action: str, *, at: datetime) -> list[Organisation]:
    """Return the bodies a person's power for ``action`` reaches."""
    reach = Q(pk__in=[])
    for mandate in mandates_of(person, action, at=at):
        where = mandate.where(Organisation)
        if where == Q():
            return list(Organisation.objects.all())
        reach |= where
    return list(Organisation.objects.filter(reach))


def places_within(mandates: Iterable[Mandate]) -> list[Place]:
    """Return the places these powers reach, down to communities."""
    reach = Q(pk__in=[])
    for mandate in mandates:
        if mandate.place_path is not None:
            reach |= Q(path__startswith=mandate.place_path)
        elif mandate.body_id is None and mandate.matter_id is None:
            reach |= Q(pk__isnull=False)
    return list(Place.objects.filter(reach, level__lt=Place.Level.GRID))


def members_of(body: Organisation, *, at: datetime) -> list[Membership]:
    """Return who acts in a body now."""
    return list(Membership.objects.in_force(at).filter(body=body).select_related("person").order_by("role", "pk"))


def held_actions(person: Person, *, at: datetime) -> list[str]:
    """Return the actions a person can pass on: held for longer than an hour."""
    return sorted({mandate.action for mandate in mandates_of(person, at=at) if not mandate.lent})


@dataclass(frozen=True)
class OwnPower:
    """One of the reader's powers, in words."""

    label: str
    where: str
    until: datetime | None


def as_words(held: Iterable[Mandate]) -> list[OwnPower]:
    """Return powers in words: what, where, until when; two queries however many there are."""
    held = list(held)
    paths = {mandate.place_path for mandate in held if mandate.place_path}
    places = {place.path: str(place) for place in Place.objects.filter(path__in=paths)}
    bodies = Organisation.objects.in_bulk({mandate.body_id for mandate in held if mandate.body_id})

    def where(mandate: Mandate) -> str:
        if mandate.place_path:
            return places[mandate.place_path]
        if mandate.body_id:
            return gettext("the matters of %(body)s") % {"body": bodies[mandate.body_id]}
        return gettext("one matter") if mandate.matter_id else gettext("everywhere")

    rows = [OwnPower(str(rule.label), where(m), m.until) for m in held if (rule := find_rule(m.action)) is not None]
    return sorted(rows, key=lambda row: (row.label, row.where))


def own_hours(person: Person, *, at: datetime) -> list[Grant]:
    """Return the hours a person has taken lately, newest first."""
    rows: Any = Grant.objects.for_pages().filter(person=person, for_an_hour=True).order_by("-starts_at")
    return list(rows[:10])


def _within(mandates: Iterable[Mandate]) -> Q:
    reach = Q(pk__in=[])
    for mandate in mandates:
        if mandate.place_path is not None:
            reach |= Q(scope_place__path__startswith=mandate.place_path)
            reach |= Q(scope_body__place__path__startswith=mandate.place_path)
        elif mandate.body_id is not None:
            reach |= Q(scope_body=mandate.body_id)
        elif mandate.matter_id is None:
            return Q()
    return reach


def in_public() -> "QuerySet[Grant]":
    """Return every grant, begun or not, ended or not."""
    return Grant.objects.select_related("body", "scope_place", "scope_body")
