"""Bodies, their members and their powers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from civic.core.clock import Window
from civic.people.models import Person
from civic.places.models import Place
from orgs.bodies.models import Membership, Organisation
from orgs.grants import domain
from orgs.grants.models import Grant

_numbers = count(1)


def a_body(*, place: Place, kind: str = Organisation.Kind.DEPARTMENT, **fields: Any) -> Organisation:
    """Return a department lying in ``place``."""
    number = next(_numbers)
    names = {"slug": f"body-{number}", "name": f"机构{number}", "name_en": f"Body {number}"}
    return Organisation.objects.create(**(names | {"kind": kind, "place": place} | fields))


def a_member(
    body: Organisation, person: Person, *, role: str = Membership.Role.HANDLER, at: datetime, days: int | None = None
) -> Membership:
    """Return a membership begun a day before ``at``, open or ending ``days`` after it."""
    ends_at = at + timedelta(days=days) if days is not None else None
    return Membership.objects.create(
        body=body, person=person, role=role, starts_at=at - timedelta(days=1), ends_at=ends_at
    )


def a_grant(action: str, **reach: Any) -> Grant:
    """Return one power; ``reach`` is as ``some_grants`` has it."""
    [grant] = some_grants([action], **reach)
    return grant


def some_grants(
    powers: Sequence[str],
    *,
    to: Person | None = None,
    body: Organisation | None = None,
    role: str = "",
    place: Place | None = None,
    over: Organisation | None = None,
    matter: int | None = None,
    at: datetime,
    window: Window | None = None,
) -> list[Grant]:
    """Return powers of a person (or of a body's role) over a place, a body's matters, a matter, or everything.

    They hold from a year before ``at`` to a year after it unless ``window`` says otherwise.
    """
    year = timedelta(days=365)
    return domain.found_each(
        holder=domain.Holder(person=to, body=body, role=role),
        powers=powers,
        scope=domain.Scope(place=place, body=over, matter=matter),
        window=window or Window(at - year, at + year),
        reason="测试需要",
        at=at - year,
    )
