"""Meetings of the county that decide by a show of hands: one decided, one called, one waiting for its witnesses."""

from datetime import timedelta
from typing import Any

from consult.demo.reading import County, read
from consult.voting import meetings
from consult.voting.domain import YES_NO, ChoicePlan
from consult.voting.meetings import Called, Minutes
from consult.voting.models import Poll

LASTS = timedelta(hours=3)
QUESTION = tuple(
    ChoicePlan(*words)
    for words in zip(YES_NO, ("赞成", "反对", "弃权"), ("In favour", "Against", "Abstain"), strict=True)
)
OWN = ("slug", "preset", "title", "title_en", "question", "question_en", "about", "about_en", "method")


def draw(county: County) -> None:
    """Create the meetings; assumes a transaction."""
    for row in read("meetings"):
        poll = _call(county, row)
        if row["minutes"]:
            _write_down(county, poll, row["minutes"], clerk=row["by"])


def _call(county: County, row: dict[str, Any]) -> Poll:
    actor = county.people[row["by"]]
    begins = county.day(row["begins"], row["hour"], row["minute"])
    before = min(begins - timedelta(days=11), county.at)
    called = Called(row["venue"], row["entitled"], row["venue_en"], households=row["households"])
    poll = meetings.draft(
        actor=actor, at=before, choices=[ChoicePlan(**choice) for choice in row["choices"]] or QUESTION, called=called,
        sponsor=county.bodies[row["sponsor"]], place=county.places[row["place"]], opens_at=begins,
        closes_at=begins + LASTS, **{name: row[name] for name in OWN},
    )  # fmt: skip
    meetings.call(poll=poll, actor=actor, at=before)
    return poll


def _write_down(county: County, poll: Poll, row: dict[str, Any], *, clerk: str) -> None:
    one, two = (county.people[key] for key in row["witnesses"])
    minutes = Minutes(
        **{name: row[name] for name in ("present", "households_present", "hands", "points", "follow_up", "executor")},
        due=county.day(row["due"]).date(), witnesses=(one, two),
    )  # fmt: skip
    at = poll.opens_at + timedelta(hours=2)
    version = meetings.write_down(poll=poll, actor=county.people[clerk], minutes=minutes, version=0, at=at)
    if row["confirmed"]:
        for witness in (one, two):
            meetings.confirm(poll=poll, witness=witness, version=version, at=at)
        meetings.publish(poll=poll, actor=county.people[clerk], at=at + timedelta(hours=1))
