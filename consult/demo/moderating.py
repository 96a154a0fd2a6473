"""What was reported in the county, what moderators did about it, and one appeal that waits."""

import uuid
from datetime import datetime
from typing import Any

from consult.demo.reading import County, read
from consult.discussion import domain as discussion
from consult.discussion.models import Contribution
from consult.moderation import domain as moderation
from consult.moderation.queries import case_of


def draw(county: County) -> None:
    """Create reports, decisions and the appeal; assumes a transaction and everything that was said."""
    for row in read("moderation"):
        said = _said(county, row)
        for report in row["reports"]:
            moderation.report(
                contribution=said, person=county.people[report["by"]], rule=report["rule"],
                sentence=report["sentence"], at=_moment(county, report),
            )  # fmt: skip
        if "decision" not in row:
            continue
        decision = row["decision"]
        ruling = moderation.judge(
            contribution=said, actor=county.people[decision["by"]], act=decision["act"], rule=decision["rule"],
            sentence=decision["sentence"], version=case_of(said).version, at=_moment(county, decision),
        )  # fmt: skip
        if "appeal" in row:
            moderation.appeal(
                ruling=ruling, person=said.author, text=row["appeal"]["text"], at=_moment(county, row["appeal"])
            )


def _said(county: County, row: dict[str, Any]) -> Contribution:
    if "contribution" in row:
        known: Contribution = county.contributions[row["contribution"]]
        return known
    words = row["words"]
    return discussion.contribute(
        person=county.people[words["author"]], consultation=county.consultations[words["consultation"]],
        kind=Contribution.Kind.COMMENT, text=words["text"], submission=uuid.uuid5(uuid.NAMESPACE_URL, words["key"]),
        at=_moment(county, words),
    )  # fmt: skip


def _moment(county: County, row: dict[str, Any]) -> datetime:
    return county.past(row["days_ago"], row["hour"])
