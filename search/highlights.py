"""Fragments of the stored text with the found words marked, as parts and never as markup."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from search.words import HAN, fold_with_offsets, is_han, stem

WIDTH = 110
LATIN_WIDTH = 240
SCANNED = 60_000
_LATIN = re.compile(rf"[^\W_{HAN}]+")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text, marked or not."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Fragment:
    """Parts in reading order; ``before`` and ``after`` tell that text was left out there."""

    parts: tuple[Part, ...]
    language: str = "zh-hans"
    before: bool = False
    after: bool = False

    @property
    def text(self) -> str:
        """The fragment without marks."""
        return "".join(part.text for part in self.parts)

    @property
    def is_marked(self) -> bool:
        """Whether a found word is in it."""
        return any(part.marked for part in self.parts)


def marked(text: str, words: Iterable[str], *, language: str) -> Fragment:
    """Return the whole text with ``words`` marked."""
    return Fragment(_parts(text, 0, len(text), _spans(text, set(words))), language)


def excerpt(text: str, words: Iterable[str], *, language: str) -> Fragment | None:
    """Return the stretch of ``text`` that holds most of the words, or its beginning; None for no text."""
    text = text[:SCANNED]
    if not text.strip():
        return None
    spans = _spans(text, set(words))
    latin = sum(char.isascii() for char in text[:400]) > min(len(text), 400) * 0.6
    width = LATIN_WIDTH if latin else WIDTH
    start, end = _window(text, spans, width)
    return Fragment(_parts(text, start, end, spans), language, before=start > 0, after=end < len(text.rstrip()))


def _spans(text: str, words: set[str]) -> list[tuple[int, int]]:
    """Return where words stand in ``text``, merged, in order."""
    folded, offsets = fold_with_offsets(text)
    found: list[tuple[int, int]] = []
    chinese = sorted((word for word in words if is_han(word)), key=len, reverse=True)
    if chinese:
        # A look-ahead finds overlapping pairs.
        pattern = re.compile(f"(?=({'|'.join(map(re.escape, chinese))}))")
        found += [match.span(1) for match in pattern.finditer(folded)]
    if any(not is_han(word) for word in words):
        found += [match.span() for match in _LATIN.finditer(folded) if stem(match.group()) in words]
    if offsets is not None:
        found = [(offsets[start], offsets[end - 1] + 1) for start, end in found]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _window(text: str, spans: list[tuple[int, int]], width: int) -> tuple[int, int]:
    if len(text) <= width:
        return 0, len(text)
    best, most, first = 0, -1, 0
    for number, (start, _end) in enumerate(spans):
        first = max(first, number)
        while first < len(spans) and spans[first][1] <= start + width:
            first += 1
        covered = sum(end - begin for begin, end in spans[number:first])
        if covered > most:
            best, most = start, covered
    start = max(0, best - width // 4)
    start = _sentence_start(text, start, best)
    end = min(len(text), max(start + width, min(best + width // 2, len(text))))
    if text[end : end + 1].isalnum() and text[end - 1].isascii() and text[end - 1].isalnum():
        end = max(text.rfind(" ", start, end), start + width // 2)
    return start, end


def _sentence_start(text: str, start: int, hit: int) -> int:
    """Move the start to just after a sentence's end, or at least between two words."""
    if start == 0:
        return 0
    for ends in ("。！？；\n", "，、：. "):
        places = [text.rfind(end, start, hit) for end in ends]
        if max(places) >= 0:
            return max(places) + 1 if ends[0] == "。" else min(place for place in places if place >= 0) + 1
    return start


def _parts(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = start
    for begin, finish in spans:
        if finish <= start or begin >= end:
            continue
        begin, finish = max(begin, start), min(finish, end)  # noqa: PLW2901
        if begin > at:
            parts.append(Part(_calm(text[at:begin])))
        parts.append(Part(_calm(text[begin:finish]), marked=True))
        at = finish
    if at < end:
        parts.append(Part(_calm(text[at:end])))
    return tuple(part for part in parts if part.text)


def _calm(text: str) -> str:
    return _BLANK.sub(" ", text)
