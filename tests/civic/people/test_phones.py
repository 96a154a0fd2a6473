import pytest

from civic.people.phones import NOT_MOBILE, TOO_LONG, TOO_SHORT, normalise


@pytest.mark.parametrize(
    "typed",
    [
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "+8613800000000",
        "+86 138-0000-0000",
        "008613800000000",
        "１３８００００００００",
        "＋86 138 0000 0000",
        "(138) 0000·0000",
    ],
)
def test_a_mobile_number_is_understood_however_it_is_typed(typed: str) -> None:
    assert normalise(typed) == "+8613800000000"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1380000000", TOO_SHORT),
        ("138000000000", TOO_LONG),
        ("12800000000", NOT_MOBILE),
        ("02712345678", NOT_MOBILE),
        ("", NOT_MOBILE),
        ("我的手机", NOT_MOBILE),
        ("١٣٨٠٠٠٠٠٠٠٠", NOT_MOBILE),
    ],
)
def test_what_is_no_mobile_number_is_refused_with_what_to_do(typed: str, reason: object) -> None:
    with pytest.raises(ValueError) as refusal:
        normalise(typed)

    assert refusal.value.args[0] == reason
