"""Tables for spreadsheets: nothing in them is worked out by whoever opens them."""

import pytest

from civic.core.tables import cell


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_is_a_formula(sign: str) -> None:
    assert cell(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("value", ["", "东街=西街", 5, -5, None])
def test_everything_else_is_written_as_it_is(value: object) -> None:
    assert cell(value) == value
