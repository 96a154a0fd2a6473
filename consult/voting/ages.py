"""An age limit of a poll by list: dates of birth are read from the list, judged and dropped; none is kept anywhere."""

import calendar
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civic.core.refusals import Reason, Unfit

OLDEST = 120
BAD_AGE = Reason(
    "bad-age", gettext_lazy("Say the least age in full years, from 1 to 120, and the day it is reached by.")
)
# None of these says the day: a sentence may be seen by more people than the list.
NO_DAY = Reason("list-no-day", gettext_lazy("Line %(line)s: the date of birth cannot be read; write it as year-month-day."))  # fmt: skip
DAY_TO_COME = Reason("list-day-to-come", gettext_lazy("Line %(line)s: the date of birth is still to come."))
DAY_TOO_OLD = Reason("list-day-too-old", gettext_lazy("Line %(line)s: the date of birth is more than 120 years ago."))

# As offices write a day: 1990-01-02, 1990/1/2, 1990.1.2, 1990年1月2日, 19900102.
_DAY = re.compile(
    r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|([-/.])([0-9]{1,2})\4([0-9]{1,2})|\s*\u5e74\s*([0-9]{1,2})\s*\u6708\s*([0-9]{1,2})\s*\u65e5?)"
)


@dataclass(frozen=True)
class Limit:
    """How old one has to be, and by which day."""

    least: int
    on: date

    def to_json(self) -> dict[str, Any]:
        """Return the limit as the rule of a roll holds it under ``age``."""
        return {"least": self.least, "on": self.on.isoformat()}

    def admits(self, born: date) -> bool:
        """Tell whether somebody born on this day is old enough."""
        return completes(born, self.least) <= self.on


@dataclass(frozen=True)
class Judge:
    """Judges dates of birth by a limit, as of today."""

    limit: Limit
    today: date

    def is_too_young(self, text: str, *, line: int) -> bool:
        """Judge what a line says.  Raises ``Unfit`` with the line where that is no day somebody alive was born on."""
        born = _read(text)
        if born is None:
            raise Unfit(NO_DAY.with_(line=line))
        if born > self.today:
            raise Unfit(DAY_TO_COME.with_(line=line))
        if completes(born, OLDEST) < self.today:
            raise Unfit(DAY_TOO_OLD.with_(line=line))
        return not self.limit.admits(born)


def limit_of(rule: Mapping[str, Any]) -> Limit | None:
    """Return the age limit of a roll's rule, None when it has none.  Raises ``Unfit`` when what it has is no limit."""
    age = rule.get("age")
    if age is None:
        return None
    try:
        limit = Limit(age["least"], date.fromisoformat(age["on"]))
    except (KeyError, TypeError, ValueError):
        raise Unfit(BAD_AGE) from None
    if age != limit.to_json() or type(limit.least) is not int or not 1 <= limit.least <= OLDEST:
        raise Unfit(BAD_AGE)
    return limit


def told(rule: Mapping[str, Any]) -> str:
    """Return the age limit of a roll's rule in a sentence, with its year; empty when it has none."""
    limit = limit_of(rule)
    if limit is None:
        return ""
    return _("Aged %(least)s or older on %(day)s, by the list of the office.") % {
        "least": limit.least, "day": formats.date_format(limit.on, "DATE_FORMAT"),
    }  # fmt: skip


def completes(born: date, years: int) -> date:
    """Return the day on which so many full years of age are completed: the birthday itself counts.

    Years run from day to corresponding day of the calendar; where the month has no such day, its last day takes
    the place (Civil Code art. 200 to 202).  So who is born on 29 February completes a year on 28 February of a year
    without one.  What is reached includes the figure itself (art. 1259), and elections count the day of the election
    in: a birthday on that day is enough.
    """
    year = born.year + years
    return date(year, born.month, min(born.day, calendar.monthrange(year, born.month)[1]))


def _read(text: str) -> date | None:
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    year, month, day = [int(part) for number, part in enumerate(found.groups(), start=1) if part and number != 4]
    try:
        return date(year, month, day)
    except ValueError:
        return None
