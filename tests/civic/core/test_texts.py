import pytest

from civic.core.refusals import Unfit
from civic.core.texts import EMPTY, INVISIBLE, plain


@pytest.mark.parametrize(
    "text", ["", "  \n\t ", "\u3000", " \u200b ", "\ufeff", "\u200d\u200d", "\u3164", "\u2800", "\u0301"]
)
def test_what_leaves_the_page_white_is_empty(text: str) -> None:
    with pytest.raises(Unfit) as refused:
        plain(text, limit=10)
    assert refused.value.reason.code == EMPTY.code


@pytest.mark.parametrize("text", ["\x00", "好\x07", "\u202e好"])
def test_control_characters_are_named(text: str) -> None:
    with pytest.raises(Unfit) as refused:
        plain(text, limit=10)
    assert refused.value.reason.code == INVISIBLE.code


@pytest.mark.parametrize("text", ["1", "。", "👨‍👩‍👧", "e\u0301", "好\u200b的", "☂"])
def test_anything_to_see_is_a_text(text: str) -> None:
    assert plain(text, limit=10)
