"""What is asked of a town that is being killed, from inside: each function runs in its own environment."""

import json
import time
import uuid
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command

from civic.access.questions import require
from civic.core import clock
from civic.core.clock import Window
from civic.events import bus
from civic.people.models import Level, Person
from civic.places.models import Place
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.discussion import actions
from consult.voting import bundle, casting, closing, counting
from consult.voting import domain as voting
from consult.voting.domain import ChoicePlan
from consult.voting.models import Poll
from orgs.bodies.models import Organisation
from orgs.grants.domain import Holder, Scope, found

DAY = timedelta(days=1)
ASKED, POLL = "bus-routes", "what-first"
CHOICES = (ChoicePlan("park", "修公园"), ChoicePlan("road", "修道路"), ChoicePlan("bus", "加公交"))


def settle(number: str) -> dict[str, Any]:
    """Settle so many residents, signed in, open a poll to all of them, and say where they can speak."""
    at = clock.now()
    place = Place.objects.get(code="990126001001")
    people = Person.objects.bulk_create(
        Person(
            email=f"p{n}@town.test", display_name=f"居民{n}", level=Level.RESIDENT, residence=place, password="!",
            language="zh-hans", joined_at=at - 100 * DAY,
        )
        for n in range(int(number))
    )  # fmt: skip
    require(people[0], actions.COMMENT, Consultation.objects.for_pages().get(slug=ASKED), at=at)
    _open_poll(_official(), place, at)
    return {"sessions": _sessions(people)}


def extend() -> int:
    """Give people more time to speak, of which everybody who took part is told; return how many that are."""
    asked = Consultation.objects.get(slug=ASKED)
    assert asked.closes_at is not None
    consultations.extend(
        consultation=asked, actor=_official(), until=asked.closes_at + DAY, note="多听一天", at=clock.now()
    )
    return asked.participant_count


def deliver() -> int:
    """Run whatever is owed, however long its pause, and seal the record, beside the worker; return how much was owed."""
    done = 0
    later = clock.now() + 2 * DAY
    while ids := bus.waiting(at=later):
        some = sum(bus.deliver(pk, at=clock.now()) for pk in ids)
        done += some
        time.sleep(0 if some else 0.2)
    call_command("seal_record", stdout=StringIO())
    return done


def look_up(file: str) -> dict[str, int]:
    """Look up the receipts in a file; return how many stand where."""
    poll = Poll.objects.get(slug=POLL)
    standings: dict[str, int] = {}
    for receipt in json.loads(Path(file).read_text()):
        standing = str(casting.look_up(poll=poll, receipt=receipt).standing)
        standings[standing] = standings.get(standing, 0) + 1
    return standings


def end_the_vote() -> dict[str, Any]:
    """Close the poll's box as its time would, count it, and return what it holds."""
    poll = Poll.objects.get(slug=POLL)
    assert closing.close(poll_id=poll.pk, at=poll.closes_at)
    assert counting.count_poll(poll_id=poll.pk, at=poll.closes_at)
    poll.refresh_from_db()
    assert poll.result is not None
    return {"ballots": poll.ballot_count, "outcome": poll.result["outcome"], "marks": poll.marks.count()}


def write_bundle(file: str) -> int:
    """Write what anybody may download to recount."""
    return Path(file).write_bytes(bundle.of(Poll.objects.get(slug=POLL)))


def _official() -> Person:
    return Person.objects.get(email="official@demo.example")


def _open_poll(official: Person, place: Place, at: Any) -> None:
    bureau = Organisation.objects.get(slug="transport-bureau")
    opens_at = at - DAY
    found(
        holder=Holder(person=official), action="consult:poll:manage", scope=Scope(body=bureau),
        window=Window(opens_at - DAY, at + 30 * DAY), reason="test", at=opens_at - DAY,
    )  # fmt: skip
    poll = voting.draft_poll(
        actor=official, at=opens_at, choices=CHOICES, slug=POLL, preset="advisory", title="先修什么",
        question="先修什么？", method="choose", place=place, sponsor=bureau, opens_at=opens_at, closes_at=at + 5 * DAY,
        roll_rule={"kind": "residents", "place": place.code, "level": Level.RESIDENT},
    )  # fmt: skip
    voting.announce(poll=poll, actor=official, at=opens_at)
    voting.draw_roll(poll=poll, actor=official, at=opens_at)
    voting.open_poll(poll=poll, actor=official, at=opens_at)


def _sessions(people: list[Person]) -> list[str]:
    store, rows = SessionStore(), []
    for person in people:
        data = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
        expires = clock.now() + 14 * DAY
        rows.append(Session(session_key=uuid.uuid4().hex, session_data=store.encode(data), expire_date=expires))
    return [row.session_key for row in Session.objects.bulk_create(rows)]
