import pytest

from civic.policies.numbers import in_english


@pytest.mark.parametrize(
    ("printed", "english"),
    [
        ("第一条", "Article 1"),
        ("第十条", "Article 10"),
        ("第十二条", "Article 12"),
        ("第二十条", "Article 20"),
        ("第一百零三条", "Article 103"),
        ("第二百一十条", "Article 210"),
        ("第三条之一", "Article 3-1"),
        ("第3条", "Article 3"),
        ("第二章", "Chapter 2"),
        ("附件一", "附件一"),
    ],
)
def test_chinese_clause_numbers_read_as_english_ones(printed: str, english: str) -> None:
    assert in_english(printed) == english
