"""Receipts are read aloud, written down and typed by hand."""

from consult.voting import receipts
from consult.voting.hashing import merkle, sha256
from consult.voting.receipts import ALPHABET, LENGTH


def test_a_receipt_is_sixteen_signs_in_four_groups() -> None:
    code = receipts.new()
    assert len(code) == LENGTH
    assert [len(group) for group in receipts.shown(code).split("-")] == [4, 4, 4, 4]
    assert not set(code) & set("ILOU")


def test_receipts_are_read_however_they_were_written_down() -> None:
    code = receipts.new()
    assert receipts.read(receipts.shown(code).lower()) == code
    assert receipts.read(f" {code[:4]} {code[4:]}") == code
    assert receipts.read(code.replace("1", "l").replace("0", "o")) == code


def test_every_wrong_sign_is_caught() -> None:
    code = receipts.new()
    for place in range(LENGTH):
        for other in set(ALPHABET) - {code[place]}:
            assert receipts.read(code[:place] + other + code[place + 1 :]) is None


def test_every_swap_of_neighbours_is_caught() -> None:
    for _try in range(200):
        code = receipts.new()
        for place in range(LENGTH - 1):
            one, two = code[place], code[place + 1]
            if one != two:
                assert receipts.read(code[:place] + two + one + code[place + 2 :]) is None


def test_any_two_wrong_signs_are_caught() -> None:
    code = receipts.new()
    for first in range(LENGTH):
        for second in range(first + 1, LENGTH):
            wrong = list(code)
            for place in (first, second):
                wrong[place] = ALPHABET[(ALPHABET.index(code[place]) + 7) % 32]
            assert receipts.read("".join(wrong)) is None


def test_too_short_or_strange_is_no_receipt() -> None:
    assert receipts.read("") is None
    assert receipts.read(receipts.new()[:-1]) is None
    assert receipts.read("U" * LENGTH) is None


def test_a_tree_of_one_is_its_leaf_and_of_none_the_hash_of_nothing() -> None:
    assert merkle([]) == sha256(b"")
    assert merkle([b"a"]) == sha256(b"\x00a")
    assert merkle([b"b", b"a"]) == merkle([b"a", b"b"])
