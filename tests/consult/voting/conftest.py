"""A county in which polls can be run: the bureau's official, an auditor of another office, and residents."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from civic.core import clock, proofs
from civic.core.clock import Window
from civic.people.models import Level, Person
from civic.places.models import Place
from consult.voting import closing, counting, domain, meetings
from consult.voting.domain import ChoicePlan
from consult.voting.meetings import Called, Minutes
from consult.voting.models import Poll
from consult.voting.paper import NewSlip
from orgs.grants.domain import Holder, Scope, found, found_each
from tests.consult.conftest import AT, DAY, County, person
from tests.consult.voting.slips import hand_out, pack

MANAGE = "consult:poll:manage"
VIEW = "consult:poll:view"
CERTIFY = "consult:poll:certify"
KEY = "consult:poll:key"
CHOICES = (
    ChoicePlan("park", "修公园", "A park"),
    ChoicePlan("road", "修道路", "A road"),
    ChoicePlan("bus", "加公交", "A bus"),
)
PROJECTS = (
    ChoicePlan("park", "修公园", "A park", cost=60_000),
    ChoicePlan("road", "修道路", "A road", cost=50_000),
    ChoicePlan("bus", "加公交", "A bus", cost=30_000),
)
QUESTION = (
    ChoicePlan("yes", "赞成", "In favour"),
    ChoicePlan("no", "反对", "Against"),
    ChoicePlan("abstain", "弃权", "Abstain"),
)
HOUR = timedelta(hours=1)
PROOFS = ("votes", "paper-ballots", "meeting-minutes", "ballot-chains", "ballot-batches", "ballot-guards")
OPENS = AT - DAY
CLOSES = AT + 6 * DAY
LATER = CLOSES + DAY

Drafter = Callable[..., Poll]


@pytest.fixture
def clerk(county: County) -> Person:
    """The bureau's official, who may also run polls."""
    found_each(
        holder=Holder(person=county.official), powers=(MANAGE, VIEW), scope=Scope(body=county.bureau),
        window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
    )  # fmt: skip
    return county.official


@pytest.fixture
def keyers(county: County) -> list[Person]:
    """Three people at help stations who may hand out and key paper ballots."""
    made = [person(f"keyer{n}", county.here, level=Level.IN_PERSON) for n in range(3)]
    for each in made:
        found(
            holder=Holder(person=each), action=KEY, scope=Scope(place=county.place),
            window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
        )  # fmt: skip
    return made


@pytest.fixture
def auditor(county: County) -> Person:
    """Somebody of no office who may certify the county's polls."""
    made = person("auditor", county.elsewhere, level=Level.IN_PERSON)
    found_each(
        holder=Holder(person=made), powers=(CERTIFY, VIEW), scope=Scope(place=county.place),
        window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
    )  # fmt: skip
    return made


@pytest.fixture
def draft(county: County, clerk: Person) -> Drafter:
    """Return a function that drafts a poll of the whole county, choosing one of three."""

    def make(*, choices: Any = CHOICES, **fields: Any) -> Poll:
        values = {
            "slug": "what-first", "preset": "advisory", "title": "先修什么", "question": "先修什么？", "method": "choose",
            "place": county.place, "sponsor": county.bureau, "opens_at": OPENS, "closes_at": CLOSES,
            "roll_rule": {"kind": "residents", "place": county.place.code, "level": 1},
        }  # fmt: skip
        return domain.draft_poll(actor=clerk, at=OPENS - DAY, choices=choices, **(values | fields))

    return make


@pytest.fixture
def open_poll(draft: Drafter, clerk: Person) -> Drafter:
    """Return a function that drafts, announces, draws the roll of, and opens a poll a day before ``AT``."""

    def make(**fields: Any) -> Poll:
        poll = draft(**fields)
        domain.announce(poll=poll, actor=clerk, at=OPENS - DAY)
        domain.draw_roll(poll=poll, actor=clerk, at=OPENS - DAY)
        domain.open_poll(poll=poll, actor=clerk, at=OPENS - DAY)
        return poll

    return make


@pytest.fixture
def voters(county: County) -> Callable[[int], list[Person]]:
    """Return a function that settles so many residents in the county."""

    def make(number: int, place: Place | None = None) -> list[Person]:
        return Person.objects.bulk_create(
            Person(
                email=f"voter{n}@test.example", display_name=f"居民{n}", level=Level.RESIDENT,
                residence=place or county.here, password="!",
            )
            for n in range(number)
        )  # fmt: skip

    return make


def faults() -> list[str]:
    """Return what ``prove`` finds in everything about polls."""
    return [fault for name in PROOFS for fault in proofs.faults(name)]


def finish(poll: Poll, at: datetime = CLOSES) -> Poll:
    """Close and count a poll as the clock does."""
    closing.close_due(at=at)
    counting.count_due(at=at)
    poll.refresh_from_db()
    return poll


@pytest.fixture
def witnesses(county: County) -> tuple[Person, Person]:
    """Two villagers who were in the hall."""
    return county.resident, county.neighbour


@pytest.fixture
def draft_meeting(county: County, clerk: Person) -> Drafter:
    """Return a function that drafts a villagers' meeting on a question, an hour before ``AT``: 150 entitled."""

    def make(*, choices: Any = None, called: dict[str, Any] | None = None, **fields: Any) -> Poll:
        values = {
            "slug": "lamps", "preset": "villagers-meeting", "title": "广场装灯", "question": "广场装不装路灯？",
            "method": "yes-no", "place": county.here, "sponsor": county.bureau, "opens_at": AT - HOUR,
            "closes_at": AT + 2 * HOUR,
        }  # fmt: skip
        notice = Called(**({"venue": "村部二楼", "venue_en": "Village hall", "entitled": 150} | (called or {})))
        return meetings.draft(
            actor=clerk, at=AT - 20 * DAY, choices=choices or QUESTION, called=notice, **(values | fields)
        )

    return make


@pytest.fixture
def called(draft_meeting: Drafter, clerk: Person) -> Drafter:
    """Return a function that calls the meeting eleven days before it begins."""

    def make(**fields: Any) -> Poll:
        poll = draft_meeting(**fields)
        meetings.call(poll=poll, actor=clerk, at=AT - 11 * DAY - HOUR)
        return poll

    return make


@pytest.fixture
def write_down(clerk: Person, witnesses: tuple[Person, Person]) -> Callable[..., int]:
    """Return a function that writes a meeting down: 80 came, 60 in favour."""

    def make(poll: Poll, *, version: int = 0, at: datetime = AT, **fields: Any) -> int:
        values = {"present": 80, "hands": {"yes": 60, "no": 15, "abstain": 5}, "witnesses": witnesses}
        return meetings.write_down(poll=poll, actor=clerk, minutes=Minutes(**(values | fields)), version=version, at=at)

    return make


@pytest.fixture
def decided(
    called: Drafter, write_down: Callable[..., int], witnesses: tuple[Person, Person], clerk: Person
) -> Callable[..., Poll]:
    """Return a function that takes a meeting all the way to its published minutes."""

    def make(**minutes: Any) -> Poll:
        poll = called()
        version = write_down(poll, **minutes)
        for witness in witnesses:
            meetings.confirm(poll=poll, witness=witness, version=version, at=AT)
        meetings.publish(poll=poll, actor=clerk, at=AT)
        return poll

    return make


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request and every task happens while polls of these tests are open."""
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def voter(client: Client, county: County) -> Client:
    """Return the browser of a resident on the roll who reads English."""
    client.force_login(county.resident)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def on_paper(open_poll: Drafter) -> Drafter:
    """Return a function that opens a poll whose paper ballots are keyed until a day after closing."""
    return lambda **fields: open_poll(**({"paper_until": LATER} | fields))


@pytest.fixture
def ready(on_paper: Drafter, clerk: Person, keyers: list[Person], voters: Any) -> tuple[Poll, tuple[NewSlip, ...]]:
    """Return a poll whose three slips are all handed out."""
    people = voters(3)
    poll = on_paper()
    slips = pack(poll, clerk, 3)
    hand_out(poll, people, keyers[0])
    return poll, slips
