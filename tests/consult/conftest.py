"""A small county with one consultation on a two-clause policy, at a fixed instant."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from civic.core.clock import Window
from civic.people.models import Level, Person
from civic.places.models import Place
from consult.consultations import domain
from consult.consultations.domain import PhasePlan
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation
from consult.discussion.domain import contribute
from consult.discussion.models import Contribution
from orgs.bodies.models import Membership, Organisation
from orgs.grants.domain import Holder, Scope, found_each

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
STAFF_ACTIONS = (
    "consult:consultation:manage",
    "consult:consultation:conclude",
    "consult:consultation:view",
    "consult:reply:draft",
)
APPROVER_ACTIONS = (*STAFF_ACTIONS, "consult:reply:approve", "consult:reply:publish")


@dataclass
class County:
    """Two districts, one department, and the people the tests speak of."""

    place: Place
    here: Place
    elsewhere: Place
    bureau: Organisation
    official: Person
    approver: Person
    resident: Person
    neighbour: Person
    stranger: Person


@pytest.fixture
def county(db: None) -> County:
    """Return a county whose official may manage the bureau's consultations for a year."""
    root = Place.objects.create(code="990126", name="云澜县", name_en="Yunlan", level=1)
    here = Place.objects.create(code="990126001", name="澜溪街道", level=2, parent=root)
    elsewhere = Place.objects.create(code="990126002", name="东陵街道", level=2, parent=root)
    bureau = Organisation.objects.create(slug="bureau", kind="department", name="交通局", place=root)
    official, approver = person("official", here), person("approver", here)
    for member, role, actions in ((official, "handler", STAFF_ACTIONS), (approver, "approver", APPROVER_ACTIONS)):
        Membership.objects.create(body=bureau, person=member, role=role, starts_at=AT - 100 * DAY)
        found_each(
            holder=Holder(body=bureau, role=role), powers=actions, scope=Scope(body=bureau),
            window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
        )  # fmt: skip
    return County(
        root, here, elsewhere, bureau, official, approver,
        person("resident", here), person("neighbour", elsewhere), person("stranger", None),
    )  # fmt: skip


def person(name: str, residence: Place | None, **fields: object) -> Person:
    """Create somebody whose contact is verified."""
    defaults = {"display_name": name, "level": Level.CONTACT, "residence": residence}
    return Person.objects.create_user(email=f"{name}@test.example", **(defaults | fields))


Opener = Callable[..., Consultation]


@pytest.fixture
def open_consultation(county: County) -> Opener:
    """Return a function that announces a consultation: collect 10 days, discuss 5, reply 10, from ``opens_at``."""

    def make(*, opens_at: datetime = AT - 2 * DAY, slug: str = "bus-lines", **fields: object) -> Consultation:
        collect = Window(opens_at, opens_at + 10 * DAY)
        discuss = Window(opens_at + 10 * DAY, opens_at + 15 * DAY)
        reply = Window(opens_at + 15 * DAY, opens_at + 25 * DAY)
        values = {
            "slug": slug, "template": "general", "title": "公交线路调整", "title_en": "Bus lines",
            "summary": "哪些线路改、怎么改。", "question": "您怎么看？", "place": county.place,
            "sponsor": county.bureau, "open_to": county.here, "level": Level.CONTACT,
        }  # fmt: skip
        made = domain.create(
            actor=county.official,
            at=opens_at - DAY,
            phases=[
                PhasePlan(PhaseKind.COLLECT, collect),
                PhasePlan(PhaseKind.DISCUSS, discuss),
                PhasePlan(PhaseKind.REPLY, reply),
            ],
            **(values | fields),
        )
        domain.announce(consultation=made, actor=county.official, at=opens_at - DAY)
        return Consultation.objects.for_pages().get(pk=made.pk)

    return make


@pytest.fixture
def consultation(open_consultation: Opener) -> Consultation:
    """Return a consultation that has been collecting for two days."""
    return open_consultation()


def say(
    consultation: Consultation, person: Person, text: str = "末班车能不能晚一点？", **fields: object
) -> Contribution:
    """Publish a comment."""
    values = {"kind": Contribution.Kind.COMMENT, "at": AT, "submission": uuid.uuid4()}
    return contribute(person=person, consultation=consultation, text=text, **(values | fields))
