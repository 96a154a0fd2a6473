"""Reading a Polis export: streamed, each bad row told by its line and passed over."""

import csv
import io
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import override

from civic.core.texts import plain

COMMENTS = "comments.csv"
VOTES = "votes.csv"
PARTICIPANTS = "participants-votes.csv"
SUMMARY = "summary.csv"

COMMENT_COLUMNS = ("timestamp", "comment-id", "author-id", "moderated", "comment-body")
VOTE_COLUMNS = ("timestamp", "comment-id", "voter-id", "vote")
PARTICIPANT_COLUMNS = ("participant",)

MAX_TEXT = 3000
MODERATED = {"1": True, "0": True, "-1": False}
VOTES_ALLOWED = {"-1": -1, "0": 0, "1": 1}
CELLS_ALLOWED = frozenset({"-1", "0", "1", ""})
LATEST = 4_102_444_800_000  # the year 2100, in milliseconds
SECONDS = 100_000_000_000  # newer exports tell seconds: a number below this, which is 1973 in milliseconds, is one
LARGEST_ID = 2**53
# What stands before the words in a row, by which the next row is known where a quotation mark was not closed.
_FORMS = {"timestamp": rb"\d{9,}", "datetime": rb'"?[^",]*"?'}
_NUMBER = rb'"?-?\d*"?'

Complain = Callable[[str, int, str], None]


class WrongFile(Exception):
    """A file is missing or is not of the expected form; says which and why."""


class BadRow(ValueError):
    """A row cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A row of comments.csv."""

    id: int
    author: int
    milliseconds: int
    shown: bool
    text: str


@dataclass
class Votes:
    """The last vote of every participant on every statement.

    ``last`` holds, per statement, one number per participant in the order of
    ``voters``: the time in milliseconds times four, plus the vote plus two; 0
    where there is none.  Eight bytes a cell, so that two million fit in 16 MB.
    """

    voters: dict[int, int] = field(default_factory=dict)
    first: "array[int]" = field(default_factory=lambda: array("q"))
    last: "dict[int, array[int]]" = field(default_factory=dict)
    earliest: int = 0
    latest: int = 0

    def add(self, statement: int, voter: int, milliseconds: int, vote: int) -> None:
        """Take a vote in; of several the one with the latest time counts, of equal times the later row."""
        place = self.voters.get(voter)
        if place is None:
            place = self.voters[voter] = len(self.voters)
            self.first.append(milliseconds)
        elif milliseconds < self.first[place]:
            self.first[place] = milliseconds
        cells = self.last.get(statement)
        if cells is None:
            cells = self.last[statement] = array("q")
        if len(cells) <= place:
            cells.frombytes(bytes(8 * (place + 1 - len(cells))))
        if milliseconds >= cells[place] >> 2:
            cells[place] = (milliseconds << 2) | (vote + 2)
        self.latest = max(self.latest, milliseconds)
        if not self.earliest or milliseconds < self.earliest:
            self.earliest = milliseconds

    def on(self, statement: int) -> Iterator[tuple[int, int, int]]:
        """Yield (voter's place, vote, milliseconds) for everybody who voted on a statement."""
        for place, cell in enumerate(self.last.get(statement, ())):
            if cell:
                yield place, (cell & 3) - 2, cell >> 2


def check(folder: Path) -> None:
    """Look at the files and their headers before anything is read; raises ``WrongFile``."""
    if not folder.is_dir():
        raise WrongFile(f"{folder} is not a folder.")
    for name, columns in ((COMMENTS, COMMENT_COLUMNS), (VOTES, VOTE_COLUMNS)):
        if not (folder / name).is_file():
            raise WrongFile(f"{folder} holds no {name}.")
        _places(_header(folder / name), columns, folder / name)
    if (folder / PARTICIPANTS).exists():
        _places(_header(folder / PARTICIPANTS), PARTICIPANT_COLUMNS, folder / PARTICIPANTS)


def statements(folder: Path, complain: Complain) -> list[Statement]:
    """Return the statements of comments.csv; a body may run over several lines."""
    found: dict[int, Statement] = {}
    for line, (time, statement, author, moderated, body) in _rows(
        folder / COMMENTS, COMMENT_COLUMNS, complain, long=True
    ):
        try:
            made = Statement(
                _id(statement, "comment-id"), _id(author, "author-id"), _time(time), _moderated(moderated), _text(body)
            )
            if made.id in found:
                raise BadRow(f"statement {made.id} was already given")
            found[made.id] = made
        except BadRow as fault:
            complain(COMMENTS, line, str(fault))
    return list(found.values())


def participants(folder: Path, complain: Complain) -> Iterator[int]:
    """Yield the participants the export lists, in its order; nothing when it has no list."""
    path = folder / PARTICIPANTS
    if not path.exists():
        return
    header = _header(path)
    cells = [n for n, name in enumerate(header) if name.isdigit()]
    for line, fields in _records(path, len(header), complain):
        try:
            if any(fields[n] not in CELLS_ALLOWED for n in cells):
                raise BadRow("a vote is none of 1, 0, -1 or empty")
            yield _id(fields[header.index("participant")], "participant")
        except BadRow as fault:
            complain(PARTICIPANTS, line, str(fault))


def votes(
    folder: Path, known: set[int], complain: Complain, progress: Callable[[int], None] = lambda lines: None
) -> Votes:
    """Return the last votes of votes.csv, whatever the order of its rows."""
    taken = Votes()
    for line, (time, statement, voter, vote) in _rows(folder / VOTES, VOTE_COLUMNS, complain):
        try:
            value = VOTES_ALLOWED.get(vote)
            if value is None:
                raise BadRow(f"the vote {_quoted(vote)} is none of 1, 0 and -1")
            number = _id(statement, "comment-id")
            if number not in known:
                raise BadRow(f"there is no statement {number}")
            taken.add(number, _id(voter, "voter-id"), _time(time), value)
        except BadRow as fault:
            complain(VOTES, line, str(fault))
        if line % 50_000 == 0:
            progress(line)
    return taken


def summary(folder: Path) -> dict[str, str]:
    """Return summary.csv as names and values; an unreadable one counts as empty."""
    path = folder / SUMMARY
    if not path.is_file():
        return {}
    try:
        text = path.read_bytes()[:200_000].decode("utf-8-sig")
        return {row[0].strip(): row[1].strip() for row in csv.reader(io.StringIO(text, newline="")) if len(row) > 1}
    except (UnicodeDecodeError, csv.Error):
        return {}


def _rows(
    path: Path, columns: Sequence[str], complain: Complain, *, long: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, the named columns) of every row of the right width."""
    header = _header(path)
    places = _places(header, columns, path)
    for line, fields in _records(path, len(header), complain, long=long):
        yield line, [fields[place] for place in places]


def _records(path: Path, width: int, complain: Complain, *, long: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of every record after the header, telling those that are broken.

    A record ends with its line, or, when ``long``, where its quotation marks
    close.  A mark that is never closed costs its own record only, as long as
    the words come last.
    """
    begins = _beginning(_header(path))
    with path.open("rb") as file:
        next(file, b"")
        pending: list[bytes] = []
        began = 0
        for line, raw in enumerate(file, 2):
            if pending and begins is not None and begins.match(raw):
                complain(path.name, began, "a quotation mark is never closed")
                pending = []
            if not pending:
                began = line
                if not raw.strip():
                    continue
            pending.append(raw)
            whole = raw if len(pending) == 1 else b"".join(pending)
            if long and whole.count(b'"') % 2:
                continue
            pending = []
            try:
                yield began, _fields(whole, width)
            except BadRow as fault:
                complain(path.name, began, str(fault))
        if pending:
            complain(path.name, began, "the file ends inside quotation marks")


def _beginning(header: list[str]) -> "re.Pattern[bytes] | None":
    """Return what every row of such a file begins with; nothing where its words do not come last, or with no time."""
    if header[-1] != "comment-body" or "timestamp" not in header:
        return None
    return re.compile(b"".join(_FORMS.get(name, _NUMBER) + b"," for name in header[:-1]))


def _fields(raw: bytes, width: int) -> list[str]:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadRow("not UTF-8") from None
    if '"' not in text:
        fields = text.rstrip("\r\n").split(",")
    else:
        try:
            fields = next(csv.reader(io.StringIO(text, newline=""), strict=True))
        except (csv.Error, StopIteration):
            raise BadRow("the quotation marks do not fit") from None
    if len(fields) != width:
        raise BadRow(f"{len(fields)} fields instead of {width}")
    return fields


def _header(path: Path) -> list[str]:
    with path.open("rb") as file:
        raw = next(file, b"")
    try:
        row = next(csv.reader([raw.decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, csv.Error):
        raise WrongFile(f"{path}: its first line is not a header in UTF-8.") from None
    return [name.strip().lower() for name in row]


def _places(header: list[str], columns: Sequence[str], path: Path) -> list[int]:
    missing = [name for name in columns if name not in header]
    if missing:
        raise WrongFile(
            f"{path}: its first line must name the columns {', '.join(columns)}; missing: {', '.join(missing)}."
        )
    return [header.index(name) for name in columns]


def _id(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()) or (number := int(text[:20])) > LARGEST_ID:
        raise BadRow(f"{name} {_quoted(text)} is not a number")
    return number


def _time(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < (number := int(text[:20])) < LATEST:
        raise BadRow(f"the timestamp {_quoted(text)} is not a time in milliseconds")
    return number * 1000 if number < SECONDS else number


def _moderated(text: str) -> bool:
    if text not in MODERATED:
        raise BadRow(f"moderated {_quoted(text)} is none of 1, 0 and -1")
    return MODERATED[text]


def _text(body: str) -> str:
    # What cannot be seen is dropped: old exports carry stray control characters.
    visible = "".join(char for char in body if char.isprintable() or char in "\n\t" or char == "\u3000")
    try:
        return plain(visible, limit=MAX_TEXT)
    except ValueError as error:
        with override("en"):  # as all that is told here
            raise BadRow(f"the statement cannot be shown: {error}") from None


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
