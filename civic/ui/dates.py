"""Dates as people say them: 11月29日 18:00, or 29 Nov, 18:00; the year only when it is another one."""

from datetime import date, datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext


def when_text(value: datetime, at: datetime, *, spoken: bool = False) -> str:
    """Return an instant in local time; ``spoken`` gives the hour in words where the language has them."""
    local = timezone.localtime(value)
    day = day_text(local.date(), at)
    if _chinese():
        return f"{day} {_hour_in_words(local) if spoken else local.strftime('%H:%M')}"
    return f"{day}, {local:%H:%M}"


def day_text(value: date, at: datetime) -> str:
    """Return a day, with its year when that is not the current one."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    this_year = value.year == timezone.localtime(at).year
    return formats.date_format(value, "MONTH_DAY_FORMAT" if this_year else "DATE_FORMAT")


def left_text(left: timedelta) -> tuple[str, str]:
    """Return how much time is left as a number and its unit: days, below a day hours, below an hour minutes."""
    if left >= timedelta(days=1):
        number = left.days
        unit = ngettext("day", "days", number)
    elif left >= timedelta(hours=1):
        number = int(left.total_seconds() // 3600)
        unit = ngettext("hour", "hours", number)
    else:
        number = max(1, int(left.total_seconds() // 60))
        unit = ngettext("minute", "minutes", number)
    return str(number), unit


def left_changes(closes_at: datetime, at: datetime) -> datetime:
    """Return the instant from which ``left_text`` may say something else."""
    left = closes_at - at
    unit = next((u for u in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)) if left >= u), None)
    # Three days are still three at that very instant, and two right after it.
    return closes_at if unit is None else closes_at - unit * (left // unit) + timedelta(microseconds=1)


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


DAY_PARTS = ((5, "凌晨"), (8, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
MINUTES = {0: "", 15: "一刻", 30: "半", 45: "三刻"}
NUMERALS = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


def _hour_in_words(local: datetime) -> str:
    """Return the hour as it is said, 下午两点半; odd minutes stay in figures, 下午 2:44."""
    part = next(name for end, name in DAY_PARTS if local.hour < end)
    hour = local.hour if local.hour <= 12 else local.hour - 12
    spoken = MINUTES.get(local.minute)
    return f"{part} {hour}:{local.minute:02d}" if spoken is None else f"{part}{NUMERALS[hour]}点{spoken}"
