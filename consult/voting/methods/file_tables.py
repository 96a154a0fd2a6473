"""Approvals with tracking codes (``.csv``) and Debian's tally sheets (``.txt``)."""

import csv
import io
import re
import string
from collections import Counter

from consult.voting.methods.ballots import canonical
from consult.voting.methods.file_shape import Election, WrongFile, unique
from consult.voting.methods.rules import Option

VOTE = re.compile(r"\s*V:\s*(\S+)")
OPTION = re.compile(r"[\s/|\\]*Option\s+(\w+)\s*-*>?\s*:\s*(.*)", re.IGNORECASE)
RANKS = {mark: rank for rank, mark in enumerate(string.digits + string.ascii_lowercase)}
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W_]|#")
# What heads a column of codes or of names; the Chinese words say number, code, in favour, choice, option, candidate.
CODES = re.compile(r"codes?|ids?|token|number|no|#|ballot|voter|receipt|hash|key|\u53f7|\u7801", re.IGNORECASE)
NAMES = re.compile(
    r"approv\w*|choices?|votes?|names?|selections?|selected|candidates?"
    r"|\u8d5e\u6210|\u9009\u62e9|\u9009\u9879|\u5019\u9009\u4eba",
    re.IGNORECASE,
)


def read_approvals(text: str) -> Election:
    """Return the ballots of a table with a tracking code and the approved names, joined by ``|``.

    The first line may name the columns. A code that comes twice is refused: one of the two ballots would be one too many.
    """
    reader = csv.reader(io.StringIO(text), strict=True)
    ballots: Counter[bytes] = Counter()
    names: set[str] = set()
    codes: set[str] = set()
    try:
        for place, cells in enumerate(row for row in reader if any(cell.strip() for cell in row)):
            while len(cells) > 2 and not cells[-1].strip():
                cells.pop()
            if place == 0 and _names_columns(cells):
                continue
            if len(cells) > 2:
                raise WrongFile(f"line {reader.line_num}: expected a code and the names, found {len(cells)} columns")
            code = cells[0].strip()
            if not code:
                raise WrongFile(f"line {reader.line_num}: there is no tracking code")
            if code in codes:
                raise WrongFile(f"line {reader.line_num}: the tracking code {code} comes twice")
            codes.add(code)
            written = cells[1].split("|") if len(cells) > 1 else []
            chosen = {name.strip() for name in written if name.strip()}
            names |= chosen
            ballots[canonical({"choices": list(chosen)})] += 1
    except csv.Error as error:
        raise WrongFile(f"line {reader.line_num}: {error}") from None
    if not names:
        raise WrongFile("nobody is named on any ballot")
    return Election(kind="choices", options=tuple(Option(name) for name in sorted(names)), ballots=ballots)


def _names_columns(cells: list[str]) -> bool:
    """Tell the names of columns from a first ballot, whose code may well begin with "Ballot"."""
    words = WORD.findall(cells[0])
    code = bool(words) and CODES.fullmatch(words[-1]) is not None and not any(word.isdigit() for word in words)
    return code or NAMES.fullmatch(cells[-1].strip()) is not None


def read_tally(text: str) -> Election:
    """Return the ballots of a tally sheet: one mark for each option, its rank, ``-`` for none.

    Equal marks are equal ranks; what is not ranked is below everything that is.
    """
    named: dict[str, str] = {}
    ballots: Counter[bytes] = Counter()
    votes: list[tuple[int, str]] = []
    for place, line in enumerate(text.split("\n"), start=1):
        vote = VOTE.match(line)
        if vote and vote[1].lower() != "vote":  # as the explanation above the votes writes it
            votes.append((place, vote[1].lower()))
            continue
        option = OPTION.match(line)
        if option and not votes:
            named.setdefault(option[1], option[2].strip() or option[1])
    if not votes:
        raise WrongFile("no line holds a vote (V: 123-)")
    width = Counter(len(marks) for _place, marks in votes).most_common(1)[0][0]
    names = unique([*named.values(), *(str(number) for number in range(len(named) + 1, width + 1))])
    for place, marks in votes:
        if len(marks) != len(names):
            raise WrongFile(f"line {place}: {marks!r} has {len(marks)} marks for {len(names)} options")
        ballots[canonical({"ranking": _ranking(place, marks, names)})] += 1
    return Election(kind="rankings", options=tuple(Option(name) for name in names), ballots=ballots)


def _ranking(place: int, marks: str, names: list[str]) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for mark, name in zip(marks, names, strict=True):
        if mark == "-":
            continue
        if mark not in RANKS:
            raise WrongFile(f"line {place}: {mark!r} is no rank")
        groups.setdefault(RANKS[mark], []).append(name)
    return [groups[rank] for rank in sorted(groups)]
