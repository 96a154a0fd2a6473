"""Public counts of a month: how much was reported, what was decided, how appeals ended.  No persons."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from statistics import median
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.core import cells
from civic.core.languages import localised
from civic.ui.components import Bar
from consult.moderation.house import BY_CODE
from consult.moderation.models import Appeal, Bulk, Report, Ruling, SlowMode
from consult.moderation.states import Act, Result

DECISIONS = (Act.LEAVE, Act.HOLD, Act.RELEASE, Act.HIDE, Act.RESTORE, Act.GIVE_BACK)


@dataclass(frozen=True)
class Month:
    """A calendar month of the county."""

    first: date

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """Return the month an instant lies in."""
        return cls(timezone.localtime(moment).date().replace(day=1))

    @classmethod
    def read(cls, text: str) -> "Month | None":
        """Return the month written as 2026-11, or None."""
        try:
            return cls(date.fromisoformat(f"{text}-01"))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    def next(self) -> "Month":
        """Return the month after it."""
        year, month = divmod(self.first.year * 12 + self.first.month, 12)
        return Month(date(year, month + 1, 1))

    def before(self) -> "Month":
        """Return the month before it."""
        year, month = divmod(self.first.year * 12 + self.first.month - 2, 12)
        return Month(date(year, month + 1, 1))

    @property
    def starts_at(self) -> datetime:
        """Its first instant, in the county's time."""
        return timezone.make_aware(datetime.combine(self.first, time.min))


@dataclass
class Counts:
    """The numbers of one month; breakdowns with small cells merged."""

    reports: int = 0
    decisions: int = 0
    hidden: int = 0
    appeals: int = 0
    appeals_open: int = 0
    undone: int = 0
    slow_modes: int = 0
    median_hours: float | None = None
    by_act: list[Bar] = field(default_factory=list)
    by_rule: list[Bar] = field(default_factory=list)
    by_result: list[Bar] = field(default_factory=list)


def of_month(month: Month) -> Counts:
    """Count a month; a constant number of queries."""
    within = {"at__gte": month.starts_at, "at__lt": month.next().starts_at}
    rulings = Ruling.objects.filter(**within, act__in=DECISIONS).order_by()
    acts = _grouped(rulings, "act")
    decided = Appeal.objects.filter(decided_at__gte=month.starts_at, decided_at__lt=month.next().starts_at)
    return Counts(
        reports=Report.objects.filter(**within).count(),
        decisions=sum(acts.values()),
        hidden=acts[Act.HIDE],
        appeals=Appeal.objects.filter(**within).count(),
        appeals_open=Appeal.objects.filter(**within, result="").count(),
        undone=Bulk.objects.filter(undone_at__gte=month.starts_at, undone_at__lt=month.next().starts_at).count(),
        slow_modes=SlowMode.objects.filter(
            starts_at__gte=month.starts_at, starts_at__lt=month.next().starts_at
        ).count(),
        median_hours=_median_hours(rulings.exclude(waiting_since=None)),
        by_act=_bars(acts, {str(act): str(act.label) for act in DECISIONS}),
        by_rule=_bars(
            _grouped(rulings.filter(act=Act.HIDE), "rule"),
            {code: localised(rule, "name") for code, rule in BY_CODE.items()},
        ),
        by_result=_bars(_grouped(decided.order_by(), "result"), {str(each): str(each.label) for each in Result}),
    )


def first_month() -> Month | None:
    """Return the month of the first report or decision."""
    moments = [
        Report.objects.aggregate(first=Min("at"))["first"],
        Ruling.objects.aggregate(first=Min("at"))["first"],
    ]
    known = [moment for moment in moments if moment is not None]
    return Month.of(min(known)) if known else None


def _grouped(rows: "QuerySet[Any]", name: str) -> "Counter[str]":
    return Counter(dict(rows.values(name).annotate(n=Count("pk")).values_list(name, "n")))


def _bars(counts: "Counter[str]", names: dict[str, str]) -> list[Bar]:
    """Return one bar per part, the small ones merged under one number as results do it."""
    total = sum(counts.values())
    safe = cells.safe(counts)
    bars = [
        Bar(name, safe.shown[key], safe.shown[key] / total, tone="c1")
        for key, name in names.items()
        if key in safe.shown
    ]
    if safe.merged:
        together = _("together: %(parts)s") % {
            "parts": _(", ").join(name for key, name in names.items() if key in safe.merged)
        }
        bars.append(Bar(together, safe.merged_count, safe.merged_count / total, tone="c4"))
    return bars


def _median_hours(rulings: "QuerySet[Ruling]") -> float | None:
    hours = [
        (at - since).total_seconds() / 3600
        for at, since in rulings.values_list("at", "waiting_since").iterator(chunk_size=2000)
        if since is not None
    ]
    return round(median(hours), 1) if hours else None
