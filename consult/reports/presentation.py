"""A result's figures as people read them: bars with their bases, rows for a table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import get_language

from civic.core.languages import localised
from civic.policies.clauses import ClauseChange
from civic.ui.components import Bar
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from consult.reports.figures import FIGURES, PARTS
from consult.reports.models import Report
from orgs.bodies.models import Channel

_CHOICES: dict[str, Any] = {"kind": Contribution.Kind, "channel": Channel, "outcome": Outcome}
GIST = 40
_TONES: dict[str, Any] = {"adopted": "c1", "partly": "c2", "not": "c4"}


class Figures:
    """The figures of one result, found by name."""

    def __init__(self, report: Report) -> None:
        self._rows: list[dict[str, Any]] = report.data["figures"]

    def rows(self, figure: str) -> list[dict[str, Any]]:
        """Return a figure's rows in the order they were counted."""
        return [row for row in self._rows if row["figure"] == figure]

    def number(self, figure: str, part: str = "") -> Any:
        """Return one number, 0 where it was not counted."""
        return next((row["n"] for row in self.rows(figure) if row["part"] == part), 0)

    def base(self, figure: str, part: str = "") -> Any:
        """Return of how many a number is, 0 where it has no base."""
        return next((row["of"] or 0 for row in self.rows(figure) if row["part"] == part), 0)

    def bars(self, figure: str, *, tone: Any = "c3") -> list[Bar]:
        """Return a figure's rows as bars of shares."""
        return [
            Bar(part_label(row), row["n"], row["n"] / row["of"] if row["of"] else 0, tone=_TONES.get(row["part"], tone))
            for row in self.rows(figure)
        ]

    def empty_places(self) -> list[str]:
        """Return the places nobody took part from."""
        return [part_label(row) for row in self.rows("place") if row["n"] == 0]

    def places(self) -> list[Bar]:
        """Return the places people took part from, as bars."""
        return [bar for bar in self.bars("place") if bar.count]


def part_label(row: dict[str, Any]) -> str:
    """Return what a row speaks of, in the reader's language; empty for a figure without parts."""
    figure, part = row["figure"], row["part"]
    if row["label"]:
        return (row["label_en"] if (get_language() or "").startswith("en") else "") or row["label"]
    if (figure, part) in PARTS:
        return str(PARTS[figure, part])
    if figure in _CHOICES and part:
        return str(_CHOICES[figure](part).label)
    return part


@dataclass
class Answered:
    """One answer of the result with the words it answers, as the page shows it."""

    id: int
    n: int
    supports: int
    outcome: str
    office: str
    office_en: str
    text: str
    text_en: str
    published_at: datetime | None
    clause: str
    clause_number: str
    clause_number_en: str
    change: ClauseChange | None
    words: list[Contribution]

    @property
    def outcome_label(self) -> str:
        """The outcome's word."""
        return str(Outcome(self.outcome).label)

    @property
    def status(self) -> str:
        """The status shape of the outcome."""
        return {"adopted": "done", "partly": "doing"}.get(self.outcome, "ended")

    @property
    def clause_name(self) -> str:
        """The clause's number in the reader's language."""
        return localised(self, "clause_number")

    @property
    def gist(self) -> str:
        """The first words of the answer."""
        return Truncator(self.text).chars(GIST)

    @property
    def gist_en(self) -> str:
        """The first words of the answer in English, empty where there is none."""
        return Truncator(self.text_en).chars(2 * GIST)

    @property
    def more(self) -> int:
        """How many contributions it answers beside those shown."""
        return max(0, self.n - len(self.words))


def table(report: Report) -> list[dict[str, Any]]:
    """Return every figure as one flat row: the same for the file and for a reader who counts again."""
    return [
        {
            "figure": row["figure"],
            "what": str(FIGURES[row["figure"]].label),
            "code": row["part"],
            "part": part_label(row),
            "number": row["n"],
            "of": row["of"],
            "base": str(FIGURES[row["figure"]].base),
            "excludes": str(FIGURES[row["figure"]].excludes),
            "as_of": report.data["as_of"],
        }
        for row in report.data["figures"]
    ]
