"""``.blt``: ranked ballots as OpaVote, OpenSTV and the Scottish councils write them."""

import re
from collections import Counter
from collections.abc import Iterator

from consult.voting.methods.ballots import canonical
from consult.voting.methods.file_shape import Election, WrongFile, unique
from consult.voting.methods.rules import Option

COMMENT = re.compile(r"(?:^|\s)#.*$")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
LABEL = re.compile(r"\([^)]*\)")
WITHDRAWN = re.compile(r"-(\d+)")
COUNT = re.compile(r"(\d+)(?:\.0*)?")

Ranking = list[list[int]]


def read_blt(text: str) -> Election:
    """Return the ranked ballots of a ``.blt`` file.

    Withdrawn candidates (negative numbers before the ballots) are taken off every ballot. ``1=2`` ranks two
    alike, ``-`` is a rank left open, a candidate named again on the same ballot counts where it stood first.
    """
    lines = text.splitlines()
    size, seats, start = _header(lines)
    ballots: list[tuple[int, Ranking]] = []
    withdrawn: set[int] = set()
    end = _read_ballots(lines, start, size, ballots, withdrawn)
    names, title = _names(lines[end:], size)
    ids = unique(names)
    counted: Counter[bytes] = Counter()
    for number, ranking in ballots:
        seen = set(withdrawn)
        groups = []
        for group in ranking:
            kept = [ids[place - 1] for place in dict.fromkeys(group) if place not in seen]
            seen.update(group)
            if kept:
                groups.append(kept)
        counted[canonical({"ranking": groups})] += number
    options = tuple(Option(name) for place, name in enumerate(ids, start=1) if place not in withdrawn)
    if not options:
        raise WrongFile("every candidate is withdrawn")
    return Election(kind="rankings", options=options, ballots=counted, title=title, seats=seats)


def _header(lines: list[str]) -> tuple[int, int, int]:
    """Return the number of candidates, of seats, and the line after."""
    for place, raw in enumerate(lines):
        line = COMMENT.sub("", raw).split()
        if not line:
            continue
        if len(line) != 2 or not all(word.isdecimal() for word in line) or "0" in line:
            raise WrongFile(f"line {place + 1}: expected the number of candidates and of seats, found {raw.strip()!r}")
        return int(line[0]), int(line[1]), place + 1
    raise WrongFile("the file is empty")


def _read_ballots(
    lines: list[str], start: int, size: int, ballots: list[tuple[int, Ranking]], withdrawn: set[int]
) -> int:
    """Read numbers up to the lone zero; return the line after it."""
    for place in range(start, len(lines)):
        line = LABEL.sub(" ", COMMENT.sub("", lines[place])).strip()
        if not line:
            continue
        words = iter(line.split())
        if line.startswith("["):
            _bracketed(line, place, size, withdrawn)
            continue
        if WITHDRAWN.match(line):
            withdrawn.update(_numbers(line, place, size))
            continue
        for word in words:
            if word == "0":
                return place + 1
            ballots.append((_count(word, place), _ranking(words, place, size)))
    raise WrongFile("the ballots do not end with a line that holds only 0")


def _bracketed(line: str, place: int, size: int, withdrawn: set[int]) -> None:
    """Read ``[withdrawn 3 5]``; other remarks in brackets change nothing here."""
    words = line.strip("[] ").split()
    if words and words[0].lower() == "withdrawn":
        withdrawn.update(_candidate(word, place, size) for word in words[1:])


def _numbers(line: str, place: int, size: int) -> Iterator[int]:
    for word in line.split():
        found = WITHDRAWN.fullmatch(word)
        if found:
            yield _candidate(found[1], place, size)
        elif word != "0":
            raise WrongFile(f"line {place + 1}: {word!r} among withdrawn candidates")


def _count(word: str, place: int) -> int:
    found = COUNT.fullmatch(word)
    if not found:
        raise WrongFile(f"line {place + 1}: {word!r} is no number of ballots")
    return int(found[1])


def _ranking(words: Iterator[str], place: int, size: int) -> Ranking:
    """Read one ballot up to its zero, which may be missing at the end of a line."""
    ranking = []
    for word in words:
        if word == "0":
            break
        if word == "-":
            continue
        ranking.append([_candidate(part, place, size) for part in word.split("=")])
    return ranking


def _candidate(word: str, place: int, size: int) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= size:
        raise WrongFile(f"line {place + 1}: no candidate has the number {word!r}, there are {size}")
    return int(word)


def _names(lines: list[str], size: int) -> tuple[list[str], str]:
    """Return the candidates' names and the title: one a line, or quoted and all in a row."""
    filled = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    found = [_name(line) for line in filled]
    if len(filled) < size:
        found = [_plain(name) for line in filled for name in QUOTED.findall(line)]
    if len(found) < size:
        raise WrongFile(f"{size} candidates, but only {len(found)} names")
    if not all(found[:size]):
        raise WrongFile(f"candidate {found.index('') + 1} has no name")
    return found[:size], found[size] if len(found) > size else ""


def _name(line: str) -> str:
    """Return what one line names: its first quoted text, or the whole line."""
    if not line.startswith('"'):
        return line
    found = QUOTED.match(line)
    rest = line[found.end() :].strip() if found else ""
    if found and (not rest or rest.startswith(('"', "#"))) and not rest.startswith('""'):
        return _plain(found[1])
    return _plain(line.strip('"'))


def _plain(name: str) -> str:
    return name.replace('\\"', '"').strip()
