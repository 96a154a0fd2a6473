"""The values our component tags draw: plain facts, already decided by a view."""

from dataclasses import dataclass
from typing import Literal

StepState = Literal["done", "now", "later"]


@dataclass(frozen=True)
class Step:
    """One node of the thread: what happened, happens now, or is promised.

    ``when`` is a finished text (``civic.ui.dates.when_text`` makes one);
    ``mine`` says what the reader did at this step.
    """

    state: StepState
    title: str
    when: str = ""
    text: str = ""
    url: str = ""
    mine: str = ""


@dataclass(frozen=True)
class Bar:
    """One row of a chart: ``share`` of the full width, 0 to 1.

    ``tone`` is a chart ink: ``c1`` the winner, ``c4`` the rest, ``cx`` the
    eliminated, ``c2`` and ``c3`` for other series.  ``mark`` is a word set in
    a small label beside the name, such as "won".  ``base`` stands behind the
    number when every row has another one: 10 of 16.
    """

    label: str
    count: int
    share: float
    note: str = ""
    tone: Literal["c1", "c2", "c3", "c4", "cx"] = "c1"
    mark: str = ""
    base: str = ""


@dataclass(frozen=True)
class Tab:
    """One way to look at a list."""

    label: str
    url: str
    current: bool = False
    count: int | None = None
    about: str = ""
