"""Tables that people keep in a spreadsheet, read from a CSV file."""

import csv
from collections.abc import Sequence
from pathlib import Path

LARGEST = 10 * 1024 * 1024
# What spreadsheets in China write when nobody asks them for UTF-8.
ENCODINGS = ("utf-8-sig", "gb18030")


class WrongTable(ValueError):
    """A table cannot be used; the message says where and why, in one line."""


def read(path: Path, *, needed: Sequence[str], optional: Sequence[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a file with their line numbers; every cell without blanks around it, empty where there is none.

    Raises ``WrongTable`` for a file that cannot be read or is none, a heading
    that is missing or unknown, an empty cell in a column that is ``needed``, and
    characters no database keeps.
    """
    reader = csv.DictReader(_text(path).splitlines(keepends=True), restkey="", strict=True)
    try:
        heading = [name.strip() for name in reader.fieldnames or ()]
        _check_heading(path, heading, needed, optional)
        reader.fieldnames = heading
        return [
            (reader.line_num, _cells(path, reader.line_num, row, needed, heading))
            for row in reader
            if any(row.values())
        ]
    except csv.Error as fault:
        raise WrongTable(f"{path}:{reader.line_num}: this is not CSV: {fault}") from None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise WrongTable(f"{path} has more than {LARGEST // 2**20} MB: it is no list of ours")
        raw = path.read_bytes()
    except OSError as fault:
        raise WrongTable(f"{path} cannot be read: {fault.strerror}") from None
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WrongTable(f"{path} is no text in UTF-8 or GB 18030")


def _check_heading(path: Path, heading: list[str], needed: Sequence[str], optional: Sequence[str]) -> None:
    known = [*needed, *optional]
    missing = [name for name in needed if name not in heading]
    strange = [name for name in heading if name not in known]
    if missing or strange or len(set(heading)) < len(heading):
        raise WrongTable(f"{path}:1: the first line names the columns: {', '.join(known)}")


def _cells(path: Path, line: int, row: dict[str, str], needed: Sequence[str], heading: Sequence[str]) -> dict[str, str]:
    if "" in row:
        raise WrongTable(f"{path}:{line}: there are more cells than columns")
    cells = {name: (row.get(name) or "").strip() for name in heading}
    for name, cell in cells.items():
        if name in needed and not cell:
            raise WrongTable(f"{path}:{line}: {name} is empty")
        if not cell.isprintable():
            raise WrongTable(f"{path}:{line}: {name} holds invisible characters")
    return cells
