"""What the county talks about: policies, consultations, words, supports and answers.

Everything goes through the domain, at the instants the data files give, so that
the record reads as if it had happened.
"""

import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from civic.core.clock import Window
from civic.people.models import Person
from consult.consultations import domain as consultations
from consult.consultations.domain import PhasePlan
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation
from consult.demo import library
from consult.demo.reading import County, read
from consult.discussion import domain as discussion
from consult.discussion.domain import Keyed
from consult.discussion.models import Contribution
from consult.replies import domain as replies
from consult.reports import domain as reports

OPENING_HOUR, CLOSING_HOUR = 9, 18
Progress = Callable[[str], None]


def draw(county: County, *, progress: Progress) -> None:
    """Create everything that was said and answered; assumes a transaction."""
    progress("policies")
    library.draw(county)
    progress("consultations")
    for row in read("consultations"):
        county.consultations[row["slug"]] = _consultation(county, row)
    rows = read("contributions")
    for number, row in enumerate(_in_order(county, rows), start=1):
        if number % 25 == 0:
            progress(f"contributions {number}/{len(rows)}")
        _contribution(county, row)
    for row in read("replies"):
        progress(f"answer {row['key']}")
        _reply(county, row)
    for row in read("consultations"):
        _finish(county, row)
    progress("later versions")
    library.draw_later_versions(county)


def _consultation(county: County, row: dict[str, Any]) -> Consultation:
    actor = county.people[row["created_by"]]
    phases = [_phase(county, phase) for phase in row["phases"]]
    announced_at = min(county.day(row["announced"], OPENING_HOUR), phases[0].window.opens_at)
    policy, revision = library.revision_of(county, row["policy"], row["revision"])
    made = consultations.create(
        actor=actor, at=announced_at - timedelta(hours=1), phases=phases, policy=policy, revision=revision,
        place=county.places[row["place"]], sponsor=county.bodies[row["sponsor"]],
        open_to=county.places[row["open_to"]], level=row["min_level"], shorter_because=row.get("shorter_because", ""),
        **{name: row[name] or "" for name in _TEXTS}, slug=row["slug"], template=row["template"],
    )  # fmt: skip
    consultations.announce(consultation=made, actor=actor, at=announced_at)
    return Consultation.objects.for_pages().get(pk=made.pk)


_TEXTS = ("title", "title_en", "summary", "summary_en", "question", "question_en", "background", "background_en")


def _phase(county: County, phase: dict[str, Any]) -> PhasePlan:
    opens_at = county.day(phase["from"], CLOSING_HOUR if phase["kind"] != PhaseKind.COLLECT else OPENING_HOUR)
    return PhasePlan(PhaseKind(phase["kind"]), Window(opens_at, county.day(phase["to"], CLOSING_HOUR)))


def _in_order(county: County, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows as they were said; a response never before what it responds to."""
    moments: dict[str, datetime] = {}
    for row in rows:
        said_at = county.past(row["days_ago"], row["hour"], row.get("minute", 0))
        parent = moments.get(row.get("reply_to") or "")
        moments[row["key"]] = max(said_at, parent + timedelta(minutes=7)) if parent else said_at
        row["at"] = moments[row["key"]]
    return sorted(rows, key=lambda row: row["at"])


def _contribution(county: County, row: dict[str, Any]) -> None:
    consultation: Consultation = county.consultations[row["consultation"]]
    author = county.people[row["author"]]
    submission = uuid.uuid5(uuid.NAMESPACE_URL, row["key"])
    if row.get("reply_to"):
        parent = county.contributions[row["reply_to"]]
        made = discussion.respond(
            person=author, parent=parent, text=row["text"], at=row["at"], submission=submission,
            language=row["language"], keyed=_keyed(county, row),
        )  # fmt: skip
    else:
        made = discussion.contribute(
            person=author, consultation=consultation, kind=row["kind"], text=row["text"], title=row.get("title") or "",
            clause=uuid.UUID(row["clause"]) if row.get("clause") else None, at=row["at"], submission=submission,
            language=row["language"], keyed=_keyed(county, row),
        )  # fmt: skip
    made.consultation = consultation
    county.contributions[row["key"]] = made
    if row.get("edited"):
        later = max(county.past(row["edited_days_ago"], row["edited_hour"]), row["at"] + timedelta(minutes=5))
        discussion.edit(
            contribution=made, person=author, text=row["edited"], title=made.title, version=1, at=later
        )  # fmt: skip
        made.consultation = consultation
    for supporter in _supporters(county, row, made):
        moment = _moment_of_support(row, consultation, county)
        discussion.support(contribution=made, person=supporter, at=moment)


def _keyed(county: County, row: dict[str, Any]) -> Keyed | None:
    if not row.get("keyed_by"):
        return None
    return Keyed(channel=row["channel"], by=county.people[row["keyed_by"]], body=county.bodies[row["keyed_for"]])


def _supporters(county: County, row: dict[str, Any], made: Contribution) -> list[Person]:
    named = [county.people[key] for key in row["supported_by"]]
    able = [
        person
        for key, person in county.people.items()
        if key in county.residents
        and person not in named
        and person.pk != made.author_id
        and person.residence is not None
        and made.consultation.open_to.contains(person.residence)
        and person.level >= made.consultation.level
    ]
    # The same county looks the same on every machine.
    drawn = random.Random(row["key"]).sample(able, max(0, row["supports"] - len(named)))
    return named + drawn


def _moment_of_support(row: dict[str, Any], consultation: Consultation, county: County) -> datetime:
    closes_at = consultation.closes_at or county.at
    latest = min(county.at, closes_at) - timedelta(seconds=30)
    return min(row["at"] + timedelta(hours=1), latest)


def _reply(county: County, row: dict[str, Any]) -> None:
    consultation: Consultation = county.consultations[row["consultation"]]
    author, approver = county.people[row["author"]], county.people[row["approver"]]
    in_pinned_text = row["clause"] and row["clause_change"] != "added"
    reply = replies.save_draft(
        actor=author, consultation=consultation, at=county.past(-row["drafted"], 10), version=0,
        contributions=[county.contributions[key] for key in row["contributions"]],
        outcome=row["outcome"], text=row["text"], text_en=row["text_en"] or "", reason=row["reason"] or "",
        reason_en=row["reason_en"] or "",
        clause=uuid.UUID(row["clause"]) if in_pinned_text else None,
        new_text=(row["new_text"] or "") if in_pinned_text else "",
        new_text_en=(row["new_text_en"] or "") if in_pinned_text else "",
    )  # fmt: skip
    if row["submitted"] is not None:
        replies.submit(reply=reply, actor=author, at=county.past(-row["submitted"], 15))
    if row["published"] is not None:
        replies.approve_and_publish(
            reply=reply, version=reply.version, actor=approver, at=county.past(-row["published"], 16)
        )


def _finish(county: County, row: dict[str, Any]) -> None:
    consultation = Consultation.objects.get(slug=row["slug"])
    actor = county.people[row["created_by"]]
    if row["state"] == "withdrawn":
        consultations.withdraw(
            consultation=consultation, actor=actor, note=row["withdrawn_reason"],
            at=county.day(row["withdrawn"], CLOSING_HOUR - 2),
        )  # fmt: skip
    if row["state"] == "answered":
        at = county.day(row["answered"], CLOSING_HOUR - 1)
        reports.conclude(consultation=consultation, actor=actor, at=at)
