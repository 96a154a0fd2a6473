"""The door through which grants answer; ``orgs.grants`` plugs in from above."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import models

from civic.access.registry import scope_of
from civic.people.models import Person


@dataclass(frozen=True)
class Mandate:
    """One live power of one person: an action, where, until when, and for which body.

    Exactly one of ``place_path``, ``body_id`` and ``matter_id`` is set, or none
    for the whole site.  A ``lent`` one was taken for an hour: it is not passed on.
    """

    action: str
    until: datetime | None
    place_path: str | None = None
    body_id: int | None = None
    matter_id: int | None = None
    acting_for: int | None = None
    lent: bool = False

    def covers(self, target: models.Model | None) -> bool:
        """Tell whether the power reaches ``target`` (None: something that lies nowhere)."""
        if self.place_path is None and self.body_id is None and self.matter_id is None:
            return True
        if target is None:
            return False
        scope = scope_of(type(target))
        if self.place_path is not None:
            place = follow(target, scope.place)
            return place is not None and place.path.startswith(self.place_path)
        if self.body_id is not None:
            return id_of(follow(target, scope.body)) == self.body_id
        return id_of(follow(target, scope.matter)) == self.matter_id

    def where(self, model: type[models.Model]) -> models.Q:
        """Return the same condition for rows of ``model``."""
        if self.place_path is None and self.body_id is None and self.matter_id is None:
            return models.Q()
        scope = scope_of(model)
        nothing = models.Q(pk__in=[])
        if self.place_path is not None:
            lookup = "path__startswith" if scope.place == "self" else f"{scope.place}__path__startswith"
            return models.Q(**{lookup: self.place_path}) if scope.place else nothing
        if self.body_id is not None:
            return models.Q(**{_lookup(scope.body): self.body_id}) if scope.body else nothing
        return models.Q(**{_lookup(scope.matter): self.matter_id}) if scope.matter else nothing


class Provider(Protocol):
    """What a source of mandates answers."""

    def mandates(self, person: Person, *, at: datetime) -> list[Mandate]:
        """Return every live mandate of a person, in one query."""

    def holders(self, action: str, target: models.Model | None, *, at: datetime) -> "models.QuerySet[Person]":
        """Return the people holding a live mandate for ``action`` that covers ``target``."""

    def offices(self, action: str, target: models.Model | None, *, at: datetime) -> list[str]:
        """Return the names of the offices whose people hold ``action`` over ``target``, never the people's."""

    def belongs(self, person: Person, *, at: datetime) -> bool:
        """Tell whether the person acts in an office now, with powers or without."""


_providers: list[Provider] = []


def plug_in(provider: Provider) -> None:
    """Add a source of mandates."""
    _providers.append(provider)


# Set on the person of a session that has not shown the second factor: see civic.access.second_factor.
LOCKED = "_powers_locked"


def mandates_of(person: Person, action: str | None = None, *, at: datetime) -> list[Mandate]:
    """Return the live mandates a person can use now: none in a session without the second factor."""
    return [] if is_locked(person) else entrusted_to(person, action, at=at)


def is_locked(person: Any) -> bool:
    """Tell whether this is the person of a session whose powers wait for the second factor."""
    return getattr(person, LOCKED, False) is True


def entrusted_to(person: Person, action: str | None = None, *, at: datetime) -> list[Mandate]:
    """Return a person's live mandates, usable here or not; asked once per person object and instant."""
    cached: dict[datetime, list[Mandate]] = person.__dict__.setdefault("_mandates_at", {})
    if at not in cached:
        cached.clear()
        cached[at] = [mandate for provider in _providers for mandate in provider.mandates(person, at=at)]
    return [mandate for mandate in cached[at] if action is None or mandate.action == action]


def people_holding(action: str, target: models.Model | None, *, at: datetime) -> "models.QuerySet[Person]":
    """Return everybody whose mandate for ``action`` covers ``target``."""
    ids: set[int] = set()
    for provider in _providers:
        ids.update(provider.holders(action, target, at=at).values_list("pk", flat=True))
    return Person.objects.filter(pk__in=ids, is_active=True)


def offices_holding(action: str, target: models.Model | None, *, at: datetime) -> list[str]:
    """Return the names of the offices that hold ``action`` over ``target``, each once."""
    names = [name for provider in _providers for name in provider.offices(action, target, at=at)]
    return list(dict.fromkeys(names))


def belongs_to_an_office(person: Person, *, at: datetime) -> bool:
    """Tell whether the person acts in an office now: such people are told why they may not, others find nothing."""
    return any(provider.belongs(person, at=at) for provider in _providers)


def follow(target: models.Model, path: str | None) -> Any:
    """Return what a path of a ``Scope`` leads to from an object; None where it leads nowhere."""
    if path is None:
        return None
    value: Any = target
    if path == "self":
        return value
    for name in path.split("__"):
        value = getattr(value, name) if value is not None else None
    return value


def id_of(value: Any) -> int | None:
    """Return the number of an object, or the number itself."""
    return value.pk if isinstance(value, models.Model) else value


def _lookup(path: str | None) -> str:
    return "pk" if path == "self" else str(path)
