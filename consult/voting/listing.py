"""A roll by an imported list: read, hashed at once, kept until the roll is drawn.  Nothing is stored of a faulty file.

Where the poll has an age limit the list says when everybody was born.  That is judged while the line is read
(``ages``) and goes no further: a line knows whether its person is too young, and nothing else of the day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core import tables
from civic.core.refusals import WRONG_STATE, Reason, Refused, Unfit
from civic.events.bus import publish
from civic.people import phones
from civic.people.finding import owners_of_emails, owners_of_numbers
from civic.people.models import Person
from consult.voting import actions, ages, roll
from consult.voting.hashing import canonical_json, sha256
from consult.voting.models import ListedAddress, Poll
from consult.voting.states import State

EMAIL, PHONE, BORN = "email", "phone", "born"
COLUMNS = (EMAIL, PHONE, BORN)
# What the columns are called in offices' own tables, each way of saying it behind a bar.
EMAIL_HEADINGS = gettext_noop("email|Email|E-mail|e-mail|mail address")
PHONE_HEADINGS = gettext_noop("phone|Phone|mobile|Mobile|mobile number")
BORN_HEADINGS = gettext_noop("born|Born|birthday|Birthday|date of birth|Date of birth|Date of Birth")

UNREADABLE = Reason("list-unreadable", _("The file cannot be read as text. Save it as CSV in UTF-8 or GB 18030 and send it again."))  # fmt: skip
TOO_LARGE = Reason("list-too-large", _("The file has more than %(most)s MB: split it, or take out other columns."))
WRONG_COLUMNS = Reason(
    "list-columns",
    _("The first line names the columns: “email”, “phone” or both, and no others. Names and numbers of identity cards do not belong here."),
)  # fmt: skip
WRONG_COLUMNS_BORN = Reason(
    "list-columns-born",
    _("The first line names the columns: “email”, “phone” or both, and “born”; no others. Names and numbers of identity cards do not belong here."),
)  # fmt: skip
NO_AGE_LIMIT = Reason("list-no-age-limit", _("This poll has no age limit: take the column with dates of birth out."))
BORN_MISSING = Reason(
    "list-born-missing", _("This poll has an age limit: the list needs a column “born” with everybody's date of birth.")
)
ALL_TOO_YOUNG = Reason("list-all-too-young", _("Everybody on the list is too young on the day of the age limit."))
NO_LINES = Reason("list-empty", _("The list has no lines below its heading."))
NOT_CSV = Reason("list-csv", _("Line %(line)s: this is not CSV; quotation marks may not fit together."))
MORE_CELLS = Reason("list-cells", _("Line %(line)s: there are more cells than columns."))
INVISIBLE = Reason("list-invisible", _("Line %(line)s: it holds invisible characters. Type the line anew."))
NO_ADDRESS = Reason("list-no-address", _("Line %(line)s: there is neither an e-mail address nor a number."))
BAD_EMAIL = Reason("list-email", _("Line %(line)s: this is no e-mail address."))
BAD_PHONE = Reason("list-phone", _("Line %(line)s: this is no mobile number; it should have 11 digits."))
TWICE = Reason("list-twice", _("Line %(line)s: the same address stands in line %(first)s already."))
NO_LIST_KIND = Reason(
    "roll-is-no-list", _("This poll’s roll is not drawn from a list: change that in the draft first.")
)

_TABLE_FAULTS = {"large": TOO_LARGE, "heading": WRONG_COLUMNS, "csv": NOT_CSV, "cells": MORE_CELLS, "invisible": INVISIBLE}  # fmt: skip
CHUNK = 500


class BadList(ValueError):
    """A list that cannot be used: every fault in a sentence with its line, the addresses themselves in none."""

    def __init__(self, faults: Sequence[Reason]) -> None:
        super().__init__("bad list")
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Line:
    """One person of a list: by e-mail, by number, or by both."""

    number: int
    email: str = ""
    phone: str = ""
    too_young: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return what the person may be known by."""
        return tuple(filter(None, (self.email, self.phone)))


@dataclass(frozen=True)
class Brought:
    """How many lines were taken, how many of them are people with a confirmed address here, and which were left out."""

    lines: int
    matched: int
    too_young: tuple[int, ...] = ()

    @property
    def unmatched(self) -> int:
        """Return how many lines are nobody here, yet."""
        return self.lines - self.matched


def read(raw: bytes, *, judge: ages.Judge | None = None) -> list[Line]:
    """Return the lines of a CSV file with the columns ``email``, ``phone`` or both.  Raises ``BadList`` with every fault.

    With a ``judge`` there must be a column ``born``, and lines say whether their person is too young; without one there
    must be none.  The dates themselves are in nothing that is returned or raised.
    """
    try:
        rows = tables.parse(raw, name="list", needed=(), optional=COLUMNS, also=_other_headings())
    except tables.WrongTable as fault:
        reason = _TABLE_FAULTS.get(fault.code, UNREADABLE)
        if reason is WRONG_COLUMNS and judge is not None:
            reason = WRONG_COLUMNS_BORN
        raise BadList([reason.with_(line=fault.line, most=tables.LARGEST // 2**20)]) from None
    if rows and (BORN in rows[0][1]) != (judge is not None):
        raise BadList([BORN_MISSING if judge is not None else NO_AGE_LIMIT])
    lines: list[Line] = []
    faults: list[Reason] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        try:
            line = _line(number, cells, judge)
        except Unfit as fault:
            faults.append(fault.reason)
            continue
        first = next((seen[address] for address in line.addresses if address in seen), None)
        if first is not None:
            faults.append(TWICE.with_(line=number, first=first))
            continue
        seen |= dict.fromkeys(line.addresses, number)
        lines.append(line)
    if not rows:
        faults.append(NO_LINES)
    if faults:
        raise BadList(faults)
    return lines


def bring(*, poll: Poll, actor: Person, lines: Sequence[Line], at: datetime, age: ages.Limit | None = None) -> Brought:
    """Put a list in place of the one before, as hashes; say how many lines are people here, without naming one.

    ``age`` is the limit the lines were judged by; who is too young is left out.  Raises ``Refused`` once the poll is
    announced, when its roll is not drawn from a list, or when its limit is another; ``Unfit`` when nobody is left.
    """
    if not lines:
        raise Unfit(NO_LINES)
    with transaction.atomic():
        current = Poll.objects.select_for_update().get(pk=poll.pk)
        require(actor, actions.MANAGE, current, at=at)
        if current.state != State.DRAFT:
            raise Refused(WRONG_STATE, conflict=True)
        if current.roll_rule.get("kind") != "list":
            raise Refused(NO_LIST_KIND)
        if ages.limit_of(current.roll_rule) != age:
            raise Refused(roll.LIST_ANEW, conflict=True)
        too_young = tuple(line.number for line in lines if line.too_young)
        lines = [line for line in lines if not line.too_young]
        if not lines:
            raise Unfit(ALL_TOO_YOUNG)
        current.listed.all().delete()
        rows = [
            ListedAddress(poll=current, line=line.number, digest=roll.digest(address))
            for line in lines
            for address in line.addresses
        ]
        ListedAddress.objects.bulk_create(rows, batch_size=2_000 if connection.vendor == "postgresql" else 300)
        current.roll_rule = {
            "kind": "list", "level": current.roll_rule.get("level", 0), "listed": len(lines),
            "list_hash": sha256(canonical_json(sorted(row.digest for row in rows))),
            **({"age": age.to_json(), "list_age": age.to_json()} if age is not None else {}),
            **({"alone": True} if current.everybody_alone else {}),
        }  # fmt: skip
        current.save(update_fields=["roll_rule"])
        publish(actions.LIST_BROUGHT, subject=current, actor=actor, at=at, facts={"lines": len(lines)})
        brought = Brought(len(lines), sum(_known(chunk) for chunk in _chunks(lines)), too_young)
    poll.refresh_from_db()
    return brought


def _other_headings() -> dict[str, str]:
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for column, headings in ((EMAIL, EMAIL_HEADINGS), (PHONE, PHONE_HEADINGS), (BORN, BORN_HEADINGS)):
                found |= dict.fromkeys(gettext(headings).split("|"), column)
    return found


def _line(number: int, cells: Mapping[str, str], judge: ages.Judge | None) -> Line:
    email, phone = cells.get(EMAIL, "").replace("＠", "@").lower(), cells.get(PHONE, "")
    if not email and not phone:
        raise Unfit(NO_ADDRESS.with_(line=number))
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise Unfit(BAD_EMAIL.with_(line=number)) from None
    if phone:
        try:
            phone = phones.normalise(phone)
        except ValueError:
            raise Unfit(BAD_PHONE.with_(line=number)) from None
    too_young = judge is not None and judge.is_too_young(cells[BORN], line=number)
    return Line(number, email, phone, too_young)


def _known(lines: Sequence[Line]) -> int:
    """Count the lines that have an account with that address confirmed; asked by index, nobody's row is read."""
    emails = owners_of_emails([line.email for line in lines if line.email])
    numbers = owners_of_numbers([line.phone for line in lines if line.phone])
    return sum(1 for line in lines if line.email in emails or line.phone in numbers)


def _chunks(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    return (lines[start : start + CHUNK] for start in range(0, len(lines), CHUNK))
