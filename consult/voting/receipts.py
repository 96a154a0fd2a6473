"""Receipts: sixteen characters a person can read aloud, of which the last three check the others.

Thirteen characters carry 65 random bits in Crockford's base 32 (no I, L, O, U).  The three check
characters make the whole a word of a Reed-Solomon code over the field of 32 elements: any one, two or three
wrong characters, and any swap of neighbours, are caught.
"""

import hashlib
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DATA, CHECK = 13, 3
LENGTH = DATA + CHECK

_VALUES = {char: value for value, char in enumerate(ALPHABET)}
# Read aloud and written down, these look or sound like others; none of them stands in a receipt.
_MEANT = str.maketrans("ILO", "110")
_BETWEEN = re.compile(r"[\s\-‐‑–—－·.]+")


def _powers() -> list[int]:
    """The powers of a root of x⁵ + x² + 1, which runs through every element but zero."""
    found, value = [], 1
    for _step in range(31):
        found.append(value)
        value <<= 1
        if value & 32:
            value ^= 0b100101
    return found


_EXP = _powers()
_LOG = {value: power for power, value in enumerate(_EXP)}


def new(secret: bytes | None = None) -> str:
    """Return a fresh receipt, without its hyphens; the same for the same ``secret``."""
    drawn = hashlib.sha256(b"receipt|" + (secret or secrets.token_bytes(32))).digest()
    data = [value % 32 for value in drawn[:DATA]]
    return _text(data + _check(data))


def groups(receipt: str) -> list[str]:
    """Return the four groups in which a receipt is read out."""
    return [receipt[start : start + 4] for start in range(0, LENGTH, 4)]


def shown(receipt: str) -> str:
    """Return a receipt as it is printed: four groups of four."""
    return "-".join(groups(receipt))


def read(typed: str) -> str | None:
    """Return the receipt somebody typed, or None when a character must be wrong.

    Blanks, hyphens and small letters do not matter; I and L are read as 1, O as 0.
    """
    text = _BETWEEN.sub("", typed).upper().translate(_MEANT)
    if len(text) != LENGTH or any(char not in _VALUES for char in text):
        return None
    values = [_VALUES[char] for char in text]
    return text if _check(values[:DATA]) == values[DATA:] else None


def _text(values: list[int]) -> str:
    return "".join(ALPHABET[value] for value in values)


def _times(one: int, other: int) -> int:
    return 0 if not one or not other else _EXP[(_LOG[one] + _LOG[other]) % 31]


def _generator() -> list[int]:
    """(x - a)(x - a²)(x - a³), highest power first."""
    made = [1]
    for power in range(1, CHECK + 1):
        root = _EXP[power]
        made = [left ^ _times(right, root) for left, right in zip([*made, 0], [0, *made], strict=True)]
    return made


_GENERATOR = _generator()


def _check(data: list[int]) -> list[int]:
    """Return what is left when the data is divided by the generator."""
    rest = [*data, *([0] * CHECK)]
    for place in range(DATA):
        factor = rest[place]
        if factor:
            for offset, coefficient in enumerate(_GENERATOR):
                rest[place + offset] ^= _times(factor, coefficient)
    return rest[DATA:]
