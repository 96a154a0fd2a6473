import pytest

from civic.core.cells import SMALLEST, safe


def test_large_cells_stay() -> None:
    assert safe({"a": 5, "b": 90}).shown == {"a": 5, "b": 90}


def test_small_cells_are_added_together() -> None:
    cells = safe({"a": 50, "b": 3, "c": 4})
    assert (cells.shown, cells.merged, cells.merged_count) == ({"a": 50}, ("b", "c"), 7)


def test_one_small_cell_takes_the_next_larger_along() -> None:
    cells = safe({"a": 50, "b": 9, "c": 4})
    assert (cells.shown, cells.merged, cells.merged_count) == ({"a": 50}, ("b", "c"), 13)


def test_nothing_is_shown_where_nothing_is_safe() -> None:
    assert safe({"a": 2}).shown == {}
    assert safe({"a": 2}).merged == ()
    assert safe({}).shown == {}


@pytest.mark.parametrize(
    "counts", [{"a": 1, "b": 1, "c": 1, "d": 30}, {"a": 4, "b": 5}, {"a": 1, "b": 100}, {"a": 2, "b": 2}]
)
def test_total_minus_what_is_shown_speaks_of_several(counts: dict[str, int]) -> None:
    cells = safe(counts)
    hidden = sum(counts.values()) - sum(cells.shown.values())
    assert all(count >= SMALLEST for count in cells.shown.values())
    assert hidden == 0 or hidden >= SMALLEST or not cells.shown
    assert hidden == 0 or len(cells.merged) != 1
