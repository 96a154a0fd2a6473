"""Clause numbers as Chinese law prints them, for English readers."""

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_KINDS = {"条": "Article", "款": "Paragraph", "项": "Item", "章": "Chapter", "节": "Section"}
_NUMBER = re.compile(r"第([零〇一二两三四五六七八九十百千]+|\d+)([条款项章节])(?:之([一二三四五六七八九十]+))?")


def in_english(number: str) -> str:
    """Return ``第十二条`` as ``Article 12``; anything else comes back as it was.

    ``第三条之一`` (an article inserted later) becomes ``Article 3-1``.
    """
    match = _NUMBER.fullmatch(number.strip())
    if match is None:
        return number
    digits, kind, inserted = match.groups()
    suffix = f"-{_value(inserted)}" if inserted else ""
    return f"{_KINDS[kind]} {_value(digits)}{suffix}"


def _value(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    total, digit = 0, 0
    for char in numeral:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
