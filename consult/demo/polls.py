"""Polls of the county at every stage: announced, open, and counted by three rules."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from civic.core.clock import Window
from consult.demo.county import SINCE, TERM
from consult.demo.reading import County, read
from consult.voting import auditing, casting, closing, counting, domain, objecting, stores
from consult.voting.domain import ChoicePlan
from consult.voting.models import Poll
from orgs.bodies.models import Membership
from orgs.grants.domain import Holder, Scope, found

#: Who sits at the stations and may write a ballot for who asks them to.
HELPERS = (("liuyin-social-work", Membership.Role.HANDLER), ("liuyin-volunteers", Membership.Role.MEMBER))


def draw(county: County) -> None:
    """Create the polls and the ballots of those that have opened; assumes a transaction."""
    _helpers(county)
    # What was cast in the county's invented past goes by its own hours, not by the database's clock.
    with stores.time_is_given():
        for row in read("polls"):
            _poll(county, row)


def _helpers(county: County) -> None:
    everywhere = next(place for place in county.places.values() if place.parent_id is None)
    window = Window(county.day(-SINCE), county.day(TERM, 18))
    for slug, role in HELPERS:
        found(
            holder=Holder(body=county.bodies[slug], role=role), action="consult:poll:write-for",
            scope=Scope(place=everywhere), window=window, reason="县政府办公室年度授权", at=window.opens_at,
        )  # fmt: skip


def _poll(county: County, row: dict[str, Any]) -> None:
    actor = county.people[row["by"]]
    opens_at, closes_at = county.day(row["opens"], 8), county.day(row["closes"], 20)
    paper_until = county.day(row["paper_until"], 20) if "paper_until" in row else None
    before = min(opens_at, county.at) - timedelta(days=3)
    poll = domain.draft_poll(
        actor=actor, at=before, choices=[ChoicePlan(**choice) for choice in row["choices"]],
        sponsor=county.bodies[row["sponsor"]], place=county.places[row["place"]],
        consultation=county.consultations.get(row.get("consultation", "")), opens_at=opens_at, closes_at=closes_at,
        paper_until=paper_until,
        roll_rule={"kind": "residents", "place": row["place"], "level": 1}, **row["fields"],
    )  # fmt: skip
    domain.announce(poll=poll, actor=actor, at=before)
    if not row["ballots"]:
        return
    domain.draw_roll(poll=poll, actor=actor, at=before)
    domain.open_poll(poll=poll, actor=actor, at=before)
    _vote(county, poll, row["ballots"], at=opens_at + timedelta(hours=2))
    if closes_at <= county.at:
        closing.close(poll_id=poll.pk, at=closes_at)
        counting.count_poll(poll_id=poll.pk, at=closes_at + timedelta(hours=1))
        poll.refresh_from_db()
        _afterwards(county, poll, row, at=closes_at + timedelta(days=2))


def _afterwards(county: County, poll: Poll, row: dict[str, Any], *, at: datetime) -> None:
    """Object, be answered, and have an auditor sign, where the county's data says so."""
    if said := row.get("objection"):
        made = objecting.object_to(poll=poll, person=county.people[said["by"]], text=said["text"], at=at)
        answers = county.people[said["answered_by"]]
        objecting.answer(objection=made, actor=answers, text=said["answer"], at=at + timedelta(days=1))
    if opinion := row.get("opinion"):
        auditor = county.people[opinion["by"]]
        auditing.recount(poll=poll, actor=auditor, at=at)
        counting.certify(poll=poll, actor=auditor, note=opinion["note"], at=at + timedelta(hours=2))


def _vote(county: County, poll: Poll, ballots: list[dict[str, Any]], *, at: datetime) -> None:
    """Cast so many of each ballot; those who try the demo are left to vote themselves."""
    own = {"resident", "elder", "neighbour"}
    on_roll = set(poll.roll.values_list("person", flat=True))
    voters = (person for key, person in county.people.items() if person.pk in on_roll and key not in own)
    for ballot in ballots:
        for person in islice(voters, ballot["times"]):
            casting.cast(poll=poll, person=person, content=ballot["content"], at=at)
