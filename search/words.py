"""Words, made once for every engine: the same text gives the same words everywhere.

Text is folded (NFKC, Traditional to Simplified, case, accents, invisible
characters), then cut: Chinese runs into single characters and overlapping
pairs, everything else into words with a light English stem.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003ffff"
# A stretch without blanks or punctuation; inside it, runs of one writing.
_STRETCH = re.compile(r"[^\W_]+")
_PIECE = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
_IS_HAN = re.compile(rf"[{HAN}]")

# Joined or asked with, never what somebody looks for.
STOP_CHARACTERS = frozenset("的了吗呢吧啊呀么嘛和与及或是在把被")
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "were",
        "what",
        "with",
    ]
)


class _Folding(dict[int, str]):
    """One character to its folded form, worked out when first met."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._simplify: Any = None

    def __missing__(self, code: int) -> str:
        folded = self._fold(chr(code))
        self[code] = folded
        return folded

    def _fold(self, char: str) -> str:
        category = unicodedata.category(char)
        if category in {"Cf", "Mn", "Cs", "Co", "Cn"}:
            return ""
        if category in {"Cc", "Zl", "Zp"}:
            return "\n" if char in "\n\r\u2028\u2029" else " "
        plain = unicodedata.normalize("NFKC", char)
        if _IS_HAN.search(plain):
            return self._simplified(plain)
        bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if unicodedata.category(c) != "Mn")
        return (bare or plain).casefold()

    def _simplified(self, text: str) -> str:
        # Character by character: the same character must fold alike in a short
        # query and in the long text around it.
        with self._lock:
            if self._simplify is None:
                from opencc import OpenCC  # noqa: PLC0415 - its tables load only when first needed

                self._simplify = OpenCC("t2s")
            return self._simplify.convert(text)


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return ``text`` in the form in which words are compared; folding twice changes nothing."""
    return text.translate(_FOLDING)


def fold_with_offsets(text: str) -> tuple[str, list[int] | None]:
    """Return the folded text and, per folded character, where it stands in ``text``.

    None instead of the list means that every character kept its place.
    """
    if all(len(_FOLDING[ord(char)]) == 1 for char in set(text)):
        return text.translate(_FOLDING), None
    folded: list[str] = []
    offsets: list[int] = []
    for place, char in enumerate(text):
        made = _FOLDING[ord(char)]
        folded.append(made)
        offsets.extend([place] * len(made))
    return "".join(folded), offsets


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a light English stem: plural, -ed, -ing and final e; other scripts stay as they are."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and re.search("[aeiouy]", base) and not word.endswith("eed"):
            doubled = base[-1] == base[-2] and base[-1] not in "aeiouylsz"
            word = base[:-1] if doubled else base
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "uses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def is_han(piece: str) -> bool:
    """Tell whether a piece is a run of Chinese characters."""
    return bool(_IS_HAN.match(piece))


def stretches(folded: str) -> Iterator[list[str]]:
    """Yield each unbroken stretch of a folded text as its pieces: Chinese runs and stemmed words."""
    for stretch in _STRETCH.findall(folded):
        yield [piece if is_han(piece) else stem(piece) for piece in _PIECE.findall(stretch)]


def pieces(text: str) -> list[str]:
    """Return a text's pieces in order."""
    return [piece for stretch in stretches(fold(text)) for piece in stretch]


def words_of(made: list[str]) -> list[str]:
    """Return the words that are indexed for a list of pieces, repeated as often as they occur."""
    words: list[str] = []
    for piece in made:
        if is_han(piece):
            words.extend(piece)
            words.extend(piece[n : n + 2] for n in range(len(piece) - 1))
        else:
            words.append(piece)
    return words


def asked_words(piece: str) -> list[str]:
    """Return the words that must be there for a piece of a question to be there."""
    if is_han(piece) and len(piece) > 1:
        return [piece[n : n + 2] for n in range(len(piece) - 1)]
    return [piece]


def line(made: list[str]) -> str:
    """Return pieces as one line in which a phrase can be looked up (``Phrase.needle``)."""
    return f" {' '.join(made)} "


@dataclass(frozen=True)
class Phrase:
    """Pieces that stand side by side: one stretch of a question, or words in quotation marks."""

    pieces: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The words a document must hold."""
        return [word for piece in self.pieces for word in asked_words(piece)]

    @property
    def needle(self) -> str:
        """What a document's line must contain; empty when its words already say it all."""
        if len(self.pieces) == 1 and (not is_han(self.pieces[0]) or len(self.pieces[0]) <= 2):
            return ""
        before = "" if is_han(self.pieces[0]) else " "
        after = "" if is_han(self.pieces[-1]) else " "
        return before + " ".join(self.pieces) + after
