"""For whom somebody acted and where: asked by the record when it seals, a few queries for a whole batch."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Q

from civic.access.registry import scope_of
from civic.audit import types
from civic.audit.bearings import Bearing, plug_in
from civic.audit.content import Row
from orgs.bodies.models import Membership, Organisation


def find(rows: Sequence[Row]) -> dict[int, Bearing]:
    """Return each entry's office and place; what people do for themselves has no office."""
    matters = _matters(rows)
    acting = {row.actor for row in rows if row.actor is not None and _is_official(row.type)}
    memberships: dict[int, list[Membership]] = {}
    for each in Membership.objects.filter(person__in=acting).select_related("body").order_by("pk"):
        memberships.setdefault(each.person_id, []).append(each)
    found = {}
    for row in rows:
        place, body = matters.get((row.subject_type, row.subject_id), ("", None))
        office = ""
        if row.actor is not None and _is_official(row.type):
            office = _office(memberships.get(row.actor, []), body, row.at)
        found[row.id] = Bearing(office=office, place=place)
    return found


def _is_official(type_name: str) -> bool:
    try:
        return not types.get(type_name).own
    except LookupError:
        return False


def _office(memberships: Iterable[Membership], body: int | None, at: datetime) -> str:
    """Return the body acted for: the one the matter belongs to, otherwise the first."""
    held = [each for each in memberships if each.starts_at <= at and (each.ends_at is None or each.ends_at > at)]
    held.sort(key=lambda each: each.body_id != body)
    return held[0].body.slug if held else ""


def _matters(rows: Sequence[Row]) -> dict[tuple[str, str], tuple[str, int | None]]:
    """Return place and body of every object the entries are about: one query per kind of object."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        ids.setdefault(row.subject_type, set()).add(row.subject_id)
    found = {}
    for label, keys in ids.items():
        model = _model(label)
        if model is None:
            continue
        for pk, place, body in _where(model, [key for key in keys if key.isdigit()]):
            found[label, str(pk)] = (place or "", body)
    return found


def _model(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _where(model: type[models.Model], keys: Sequence[str]) -> "Iterable[tuple[int, str | None, int | None]]":
    scope = scope_of(model)
    if not keys or (scope.place is None and scope.body is None):
        return []
    nothing = models.Value(None, output_field=models.IntegerField())
    path = "path" if scope.place == "self" else f"{scope.place}__path"
    body = "pk" if scope.body == "self" else scope.body
    rows = model._default_manager.filter(Q(pk__in=keys)).order_by()
    return rows.values_list(
        "pk", models.F(path) if scope.place else models.Value(""), models.F(body) if body else nothing
    )


def offices(slugs: Iterable[str]) -> dict[str, Organisation]:
    """Return the offices of some entries, by short name."""
    wanted = {slug for slug in slugs if slug}
    return {each.slug: each for each in Organisation.objects.filter(slug__in=wanted)} if wanted else {}


plug_in(find)
