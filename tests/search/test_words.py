"""Words are the same wherever they are made."""

import pytest

from search.asking import MAX_LENGTH, understand
from search.words import fold, fold_with_offsets, pieces, stem, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("臺灣軟體", "台湾软体"),
        ("Café", "cafe"),
        ("e\u0301", "e"),
        ("ﬁne", "fine"),
        ("a\u200bb", "ab"),
        ("㎡", "m2"),
    ],
)
def test_text_is_folded_before_it_is_compared(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["公共交通", "臺灣ＡＢﬁ ß İ Ǆ", "が\u3099 각 \u0958", "a\u0000\u202eb"])
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_offsets_lead_back_to_what_was_written() -> None:
    folded, offsets = fold_with_offsets("ﬁn\u200b㎡")
    assert folded == "finm2"
    assert offsets == [0, 0, 1, 3, 3]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("elevators", "elevator"), ("buses", "bus"), ("houses", "house"), ("policies", "policy"), ("boxes", "box"),
        ("proposed", "proposes"), ("stopped", "stop"), ("parking", "parked"), ("services", "service"), ("churches", "church"),
    ],
)  # fmt: skip
def test_forms_of_an_english_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["bus", "this", "glass", "need", "string", "seed", "12345", "été"])
def test_words_without_an_ending_keep_themselves(word: str) -> None:
    assert stem(word) == word


def test_chinese_is_cut_into_characters_and_pairs() -> None:
    assert words_of(pieces("公交车")) == ["公", "交", "车", "公交", "交车"]


def test_stop_words_are_asked_only_when_there_is_nothing_else() -> None:
    assert understand("the bus of").words == ["bus"]
    assert understand("the of").words == ["the", "of"]


def test_a_question_is_shown_again_without_what_cannot_be_seen() -> None:
    assert understand("\x00 a\u202eb\n c\u200b ").text == "ab c"


def test_a_long_question_is_cut_and_says_so() -> None:
    question = understand("电梯" * 10_000)
    assert question.cut
    assert len(question.text) == MAX_LENGTH
    assert len(question.words) <= 64
