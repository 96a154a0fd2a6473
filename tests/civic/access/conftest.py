"""Actions on places that only these tests know: places lie somewhere, so every scope can be tried on them."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from django.db import models

from civic.access.decisions import Decision, no, yes
from civic.access.registry import Rule, declare
from civic.core.refusals import Reason
from civic.people.models import Level, Person
from civic.places.models import Place

TOO_SMALL = Reason("too-small", "Only districts have this.")
NOT_YOURS = Reason("not-yours", "Only for people who live here.")


def lives_here(person: Person, target: Place | None, at: datetime) -> Decision:
    home = person.residence
    return yes() if target is not None and home is not None and target.contains(home) else no(NOT_YOURS)


def is_district(target: Place | None, at: datetime) -> Decision:
    return yes() if target is not None and target.level == Place.Level.TOWNSHIP else no(TOO_SMALL)


def districts(at: datetime) -> models.Q:
    return models.Q(level=Place.Level.TOWNSHIP)


@dataclass(frozen=True)
class Actions:
    """One action for each shape a rule can have."""

    read: str
    write: str
    speak: str
    sweep: str
    draft: str


ACTIONS = Actions(
    read=declare(Rule("tests:place:read", "read", level=None)),
    write=declare(Rule("tests:place:write", "write", level=Level.CONTACT)),
    speak=declare(Rule("tests:place:speak", "speak", level=Level.RESIDENT, eligible=lives_here, moment=is_district)),
    sweep=declare(Rule("tests:place:sweep", "sweep", mandate=True, moment=is_district, where=districts)),
    draft=declare(
        Rule(
            "tests:place:draft",
            "draft",
            level=None,
            mandate=True,
            open_to_all=True,
            moment=is_district,
            where=districts,
        )
    ),
)


@pytest.fixture
def actions() -> Actions:
    return ACTIONS
