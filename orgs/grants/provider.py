"""Grants as the source of mandates behind ``civic.access``."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.utils.translation import gettext

from civic.access.mandates import Mandate, follow, id_of
from civic.access.registry import scope_of
from civic.access.sessions import asked_along
from civic.core.asking import Question
from civic.people.models import Person
from civic.places.models import ancestor_paths
from orgs.bodies.models import Membership
from orgs.grants.models import Grant


def _live(person: int, at: datetime) -> "models.QuerySet[Grant, Any]":
    acting = FilteredRelation(
        "body__memberships",
        condition=Q(body__memberships__person=person, body__memberships__starts_at__lte=at)
        & (Q(body__memberships__ends_at=None) | Q(body__memberships__ends_at__gt=at)),
    )
    held = Q(person=person) | Q(acting__isnull=False, acting__role=F("role")) & (
        Q(body__admitted_until=None) | Q(body__admitted_until__gt=at)
    )
    return (
        Grant.objects.in_force(at).alias(acting=acting).filter(held)
        .values_list(
            "action", "scope_place__path", "scope_body", "scope_matter",
            "ends_at", "ended_at", "body", "body__admitted_until", "acting__ends_at", "for_an_hour",
        )
    )  # fmt: skip


_LIVE: Question[Any] = Question(_live, person=int, at=datetime)


MAY_HOLD = "may_hold_grants"


def may_hold_any(at: datetime) -> Any:
    """Return, as part of a question for people, whether there can be grants for them: their own, or a body's they act in."""
    own = Grant.objects.in_force(at).filter(person=OuterRef("pk"))
    return Exists(own) | Exists(Membership.objects.in_force(at).filter(person=OuterRef("pk")))


class GrantProvider:
    """Answers from live grants held by the person or by a body they act in."""

    def mandates(self, person: Person, *, at: datetime) -> list[Mandate]:
        """Return the person's live mandates, in one query; in none for a request of somebody who can hold none."""
        if asked_along(person, MAY_HOLD, at=at) is False:
            return []
        rows = _LIVE.all(person=person.pk, at=at)
        return [
            Mandate(
                action=action,
                until=min(end for end in (*ends, ends_at) if end is not None),
                place_path=place_path,
                body_id=body_id,
                matter_id=matter_id,
                acting_for=acting_for,
                lent=lent,
            )
            for action, place_path, body_id, matter_id, ends_at, ended_at, acting_for, *rest, lent in rows
            for ends in [(ended_at, *rest)]
        ]

    def holders(self, action: str, target: models.Model | None, *, at: datetime) -> "models.QuerySet[Person]":
        """Return the people whose live mandate for ``action`` covers ``target``."""
        covering = Q(scope=Grant.ScopeKind.SITE)
        if target is not None:
            covering |= _covering(target)
        grants = Grant.objects.in_force(at).filter(covering, action=action)
        members = (
            Membership.objects.in_force(at)
            .filter(body__grants__in=grants, role=F("body__grants__role"))
            .filter(Q(body__admitted_until=None) | Q(body__admitted_until__gt=at))
        )
        return Person.objects.filter(
            Q(pk__in=grants.exclude(person=None).values("person")) | Q(pk__in=members.values("person"))
        )

    def offices(self, action: str, target: models.Model | None, *, at: datetime) -> list[str]:
        """Return the bodies that hold a live grant, or whose members do; people of no body are "the administration"."""
        covering = Q(scope=Grant.ScopeKind.SITE)
        if target is not None:
            covering |= _covering(target)
        grants = list(Grant.objects.in_force(at).filter(covering, action=action).select_related("body"))
        names = [str(grant.body) for grant in grants if grant.body is not None]
        people = {grant.person_id for grant in grants if grant.person_id is not None}
        members = Membership.objects.in_force(at).filter(person__in=people).select_related("body")
        names += [str(member.body) for member in members]
        if people - {member.person_id for member in members}:
            names.append(gettext("the administration of this site"))
        return names

    def belongs(self, person: Person, *, at: datetime) -> bool:
        """Tell whether the person is a member of a body now."""
        return Membership.objects.in_force(at).filter(person=person).exists()


def _covering(target: models.Model) -> Q:
    reach = Q(pk__in=[])
    scope = scope_of(type(target))
    place = follow(target, scope.place)
    if place is not None:
        reach |= Q(scope_place__path__in=ancestor_paths(place.path))
    # Something may lie with no body, and a poll may stand alone: "none" must not find every grant that names none.
    body, matter = id_of(follow(target, scope.body)), id_of(follow(target, scope.matter))
    if body is not None:
        reach |= Q(scope_body=body)
    if matter is not None:
        reach |= Q(scope_matter=matter)
    return reach
