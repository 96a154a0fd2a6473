"""The square code of an address, as a path to be drawn: nothing but modules on a grid."""

from functools import lru_cache
from typing import NamedTuple

from qrcode.constants import ERROR_CORRECT_M  # type: ignore[import-untyped]
from qrcode.main import QRCode  # type: ignore[import-untyped]


class Square(NamedTuple):
    """A drawing of ``size`` × ``size`` modules; ``path`` fills the dark ones."""

    size: int
    path: str


@lru_cache(maxsize=64)
def path_of(text: str) -> Square:
    """Return the square code of a text, quiet zone included."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    drawn = [
        f"M{column} {row}h1v1h-1z" for row, line in enumerate(rows) for column, is_dark in enumerate(line) if is_dark
    ]
    return Square(len(rows), "".join(drawn))
