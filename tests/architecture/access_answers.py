"""The cast, and what they are answered: the words the access matrix is written in.

What nobody is to see is 404, what a colleague lacks the power for 403, what
needs an account leads to signing in with 302.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CAST = (
    "anonymous", "resident", "elsewhere", "author", "official", "approver", "editor", "moderator", "moderator2",
    "lapsed", "suspended", "administrator",
)  # fmt: skip
#: The rest of the accounts, who are answered like one of the cast unless a row names them.
#: ``no_factor`` is the official in a session that has not shown the second factor.
LIKE = {
    "elder": "resident",
    **dict.fromkeys(
        (
            "coordinator",
            "volunteer",
            "socialworker",
            "grid",
            "clerk",
            "supervisor",
            "auditor",
            "wrong_place",
            "wrong_body",
        ),
        "a colleague",
    ),
    "no_factor": "the factor first",
}
Answers = Mapping[str, int]


@dataclass(frozen=True)
class Row:
    """One request and what each of the cast is answered; ``data`` makes it a POST."""

    name: str
    answers: Answers
    args: tuple[Any, ...] = ()
    data: Mapping[str, Any] | None = field(default=None, hash=False)
    query: str = ""


def readers(status: int) -> Answers:
    """For those who hold the power to read what is not announced: to them a draft is there."""
    return dict.fromkeys(("supervisor", "auditor"), status)


def knows_drafts(status: int) -> Answers:
    """For whoever may read a draft; without the second factor even its own official finds nothing."""
    return everybody(404, official=status, administrator=status, no_factor=404, **readers(status))


def answer_of(row: Row, who: str) -> int:
    """Return what one of the cast, or one of those who are like them, is answered.

    Colleagues without the power are answered like the editor and the moderator,
    whichever of the two holds less here.  Where being an official makes a
    difference, an official without the second factor is led to it.
    """
    if who in row.answers:
        return row.answers[who]
    match LIKE[who]:
        case "a colleague":
            return max(row.answers["editor"], row.answers["moderator"])
        case "the factor first":
            return row.answers["official"] if row.answers["official"] == row.answers["resident"] else 302
        case other:
            return row.answers[other]


def everybody(status: int, **but: int) -> Answers:
    """The same answer for all, but for those named."""
    return dict.fromkeys(CAST, status) | but


def account(status: int = 200, **but: int) -> Answers:
    """For whoever has an account; visitors are led to sign in."""
    return everybody(status, **({"anonymous": 302} | but))


def guest(status: int = 200) -> Answers:
    """For visitors; whoever is signed in is led on."""
    return everybody(302, anonymous=status)


def author(status: int) -> Answers:
    """For the one whose words these are."""
    return everybody(403, anonymous=302, author=status)


def taking_part(status: int = 302) -> Answers:
    """For people living where the consultation is open and free to write."""
    return everybody(status, anonymous=302, elsewhere=403, suspended=403)


def desk(
    *, official: int = 403, approver: int = 403, editor: int = 403, moderator: int = 403, administrator: int
) -> Answers:
    """For offices: people of none find nothing, those whose powers ended are told so."""
    offices = {"official": official, "approver": approver, "editor": editor, "administrator": administrator}
    moderators = dict.fromkeys(("moderator", "moderator2"), moderator)
    return everybody(404, anonymous=302, lapsed=403, **offices, **moderators)


def moderates(status: int) -> Answers:
    """For moderators."""
    return desk(moderator=status, administrator=status)


def cms(*, approver: int = 302, editor: int = 302, administrator: int = 302) -> Answers:
    """For editors and approvers; 302 is how the CMS says that a colleague may not."""
    return everybody(
        404, anonymous=302, lapsed=403, official=403, moderator=403, moderator2=403, approver=approver, editor=editor,
        administrator=administrator,
    )  # fmt: skip


def manages(status: int) -> Answers:
    """For those who run a consultation that everybody can read."""
    return desk(official=status, administrator=status)


def manages_draft(status: int) -> Answers:
    """For those who run one that is not announced: an editor finds nothing."""
    return {**desk(official=status, editor=404, moderator=404, administrator=status), **readers(403)}


def audits(status: int, **but: int) -> Answers:
    """For those who may certify polls; ``auditor`` does, and belongs to no office that runs them."""
    return desk(official=but.get("official", status), administrator=status) | {"auditor": status}


def keys_slips(status: int) -> Answers:
    """For those who run a poll, and clerks who hand out and key its paper ballots."""
    return {**manages(status), "clerk": status}


def writes_for(status: int) -> Answers:
    """For helpers at stations; whoever runs a poll writes no ballots in it."""
    return {**desk(administrator=403), "socialworker": status}


def works(status: int) -> Answers:
    """For those who write or approve answers."""
    return desk(official=status, approver=status, administrator=status)


def approves(status: int) -> Answers:
    """For a second person."""
    return desk(approver=status, administrator=status)
