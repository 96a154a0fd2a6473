"""Tables that people keep in a spreadsheet: read from a CSV file, and written so that no cell is a formula."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LARGEST = 10 * 1024 * 1024
# What spreadsheets in China write when nobody asks them for UTF-8.
ENCODINGS = ("utf-8-sig", "gb18030")
# What a spreadsheet begins a formula with; those of East Asia take the wide signs for the narrow ones.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")

Rows = list[tuple[int, dict[str, str]]]


class WrongTable(ValueError):
    """A table cannot be used; the message says where and why, in one line.

    ``code`` (``unreadable``, ``large``, ``text``, ``csv``, ``heading``, ``cells``, ``empty``, ``invisible``) and ``line``
    say the same to a page that has words of its own.
    """

    def __init__(self, message: str, *, code: str, line: int = 0) -> None:
        super().__init__(message)
        self.code, self.line = code, line


def cell(value: Any) -> Any:
    """Return a value as it is written into a table: a text that a spreadsheet would take for a formula, marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value


def read(path: Path, *, needed: Sequence[str], optional: Sequence[str] = ()) -> Rows:
    """Return the rows of a file with their line numbers; every cell without blanks around it, empty where there is none.

    Raises ``WrongTable`` for a file that cannot be read or is none, a heading
    that is missing or unknown, an empty cell in a column that is ``needed``, and
    characters no database keeps.
    """
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= LARGEST else b""
    except OSError as fault:
        raise WrongTable(f"{path} cannot be read: {fault.strerror}", code="unreadable") from None
    if size > LARGEST:
        raise _too_large(str(path))
    return parse(raw, name=str(path), needed=needed, optional=optional)


def parse(
    raw: bytes, *, name: str, needed: Sequence[str], optional: Sequence[str] = (), also: Mapping[str, str] | None = None
) -> Rows:
    """Return the rows of a file that was sent, as ``read`` does; ``also`` gives columns their other names."""
    if len(raw) > LARGEST:
        raise _too_large(name)
    reader = csv.DictReader(_text(name, raw).splitlines(keepends=True), restkey="", strict=True)
    try:
        heading = [(also or {}).get(column.strip(), column.strip()) for column in reader.fieldnames or ()]
        _check_heading(name, heading, needed, optional)
        reader.fieldnames = heading
        return [
            (reader.line_num, _cells(name, reader.line_num, row, needed, heading))
            for row in reader
            if any(row.values())
        ]
    except csv.Error as fault:
        line = reader.line_num
        raise WrongTable(f"{name}:{line}: this is not CSV: {fault}", code="csv", line=line) from None


def _too_large(name: str) -> WrongTable:
    return WrongTable(f"{name} has more than {LARGEST // 2**20} MB: it is no list of ours", code="large")


def _text(name: str, raw: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WrongTable(f"{name} is no text in UTF-8 or GB 18030", code="text")


def _check_heading(name: str, heading: list[str], needed: Sequence[str], optional: Sequence[str]) -> None:
    known = [*needed, *optional]
    missing = [column for column in needed if column not in heading]
    strange = [column for column in heading if column not in known]
    if not heading or missing or strange or len(set(heading)) < len(heading):
        raise WrongTable(f"{name}:1: the first line names the columns: {', '.join(known)}", code="heading", line=1)


def _cells(name: str, line: int, row: dict[str, str], needed: Sequence[str], heading: Sequence[str]) -> dict[str, str]:
    if "" in row:
        raise WrongTable(f"{name}:{line}: there are more cells than columns", code="cells", line=line)
    cells = {column: (row.get(column) or "").strip() for column in heading}
    for column, cell in cells.items():
        if column in needed and not cell:
            raise WrongTable(f"{name}:{line}: {column} is empty", code="empty", line=line)
        if not cell.isprintable():
            raise WrongTable(f"{name}:{line}: {column} holds invisible characters", code="invisible", line=line)
    return cells
