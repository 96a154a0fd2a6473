from datetime import UTC, datetime, timedelta

import pytest

from civic.core.clock import Window

OPENS = datetime(2026, 11, 1, tzinfo=UTC)
CLOSES = datetime(2026, 11, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("instant", "before", "inside", "over"),
    [
        (OPENS - SECOND, True, False, False),
        (OPENS, False, True, False),
        (CLOSES - SECOND, False, True, False),
        (CLOSES, False, False, True),
        (CLOSES + SECOND, False, False, True),
    ],
)
def test_a_window_holds_its_opening_and_not_its_closing(
    instant: datetime, before: bool, inside: bool, over: bool
) -> None:
    window = Window(OPENS, CLOSES)

    assert (window.is_before(instant), window.contains(instant), window.is_over(instant)) == (before, inside, over)


def test_a_window_without_end_never_closes() -> None:
    window = Window(OPENS)

    assert window.contains(OPENS + timedelta(days=36500))
    assert not window.is_over(OPENS + timedelta(days=36500))


@pytest.mark.parametrize("closes_at", [OPENS, OPENS - SECOND])
def test_a_window_that_closes_before_it_opens_is_refused(closes_at: datetime) -> None:
    with pytest.raises(ValueError, match="closes after"):
        Window(OPENS, closes_at)


def test_windows_that_touch_do_not_overlap() -> None:
    first, second = Window(OPENS, CLOSES), Window(CLOSES)

    assert not first.overlaps(second)
    assert not second.overlaps(first)
    assert first.overlaps(Window(CLOSES - SECOND))
    assert Window(OPENS).overlaps(Window(CLOSES))
