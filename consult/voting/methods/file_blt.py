"""``.blt``: ranked ballots as OpaVote, OpenSTV and the Scottish councils write them."""

import re
from collections import Counter
from collections.abc import Iterator

from consult.voting.methods.ballots import canonical
from consult.voting.methods.file_shape import Election, WrongFile, unique
from consult.voting.methods.rules import Option

COMMENT = re.compile(r"(?:^|\s)#.*$")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
CELL = re.compile(r'"((?:[^"]|"")*)"')
PARTY = re.compile(r'(.*\S)\s*"[^"]*"')
BALLOT = re.compile(r"[0-9]+(\s+[-=0-9]+)*\s+0")
LABEL = re.compile(r"\([^)]*\)")
WITHDRAWN = re.compile(r"-([0-9]+)")
NUMBER = re.compile(r"[0-9]{1,4}")
COUNT = re.compile(r"([0-9]{1,7})(?:\.0*)?")

Group = tuple[int, ...]
Ranking = list[Group]


def read_blt(text: str) -> Election:
    """Return the ranked ballots of a ``.blt`` file.

    Withdrawn candidates (negative numbers before the ballots) are taken off every ballot. ``1=2`` ranks two
    alike, ``-`` is a rank left open, a candidate named again on the same ballot counts where it stood first. Commas
    at the end of every line, as a spreadsheet leaves them, mean nothing.
    """
    lines = text.split("\n")
    if next((line for line in lines if line.strip()), "").rstrip().endswith(","):
        lines = [line.rstrip(", \t") for line in lines]
    size, seats, start = _header(lines)
    ballots: list[tuple[int, Ranking]] = []
    withdrawn: set[int] = set()
    end = _read_ballots(lines, start, size, ballots, withdrawn)
    names, title = _names(lines[end:], size, end)
    ids = unique(names)
    counted: Counter[bytes] = Counter()
    for number, ranking in ballots:
        counted[canonical({"ranking": _named(ranking, ids, withdrawn)})] += number
    options = tuple(Option(name) for place, name in enumerate(ids, start=1) if place not in withdrawn)
    if not options:
        raise WrongFile("every candidate is withdrawn")
    return Election(kind="rankings", options=options, ballots=counted, title=title, seats=seats)


def _named(ranking: Ranking, ids: list[str], withdrawn: set[int]) -> list[list[str]]:
    """Return a ranking in names, without the withdrawn and without who was named before."""
    if all(len(group) == 1 for group in ranking):
        return [[ids[place - 1]] for (place,) in dict.fromkeys(ranking) if place not in withdrawn]
    seen = set(withdrawn)
    groups = []
    for group in ranking:
        kept = [ids[place - 1] for place in dict.fromkeys(group) if place not in seen]
        seen.update(group)
        if kept:
            groups.append(kept)
    return groups


def _header(lines: list[str]) -> tuple[int, int, int]:
    """Return the number of candidates, of seats, and the line after."""
    for place, raw in enumerate(lines):
        line = COMMENT.sub("", raw).split()
        if not line:
            continue
        if len(line) != 2 or not all(NUMBER.fullmatch(word) and int(word) for word in line):
            raise WrongFile(f"line {place + 1}: expected the number of candidates and of seats, found {raw.strip()!r}")
        return int(line[0]), int(line[1]), place + 1
    raise WrongFile("the file is empty")


def _read_ballots(
    lines: list[str], start: int, size: int, ballots: list[tuple[int, Ranking]], withdrawn: set[int]
) -> int:
    """Read numbers up to the lone zero; return the line after it."""
    known: dict[str, Group] = {}
    for place in range(start, len(lines)):
        line = lines[place].strip()
        if "#" in line or "(" in line:
            line = LABEL.sub(" ", COMMENT.sub("", line)).strip()
        if not line:
            continue
        words = iter(line.split())
        if line.startswith("["):
            _bracketed(line, place, size, withdrawn)
            continue
        if WITHDRAWN.match(line):
            withdrawn.update(_numbers(line, place, size))
            continue
        while (word := next(words, None)) is not None:
            if word == "0":
                left = list(words)
                if not set(left) - {"0"}:
                    return place + 1
                words = iter(left)  # no ballots that rank somebody, which is not yet the end
                _ranking(words, known, place, size)
            else:
                ballots.append((_count(word, place), _ranking(words, known, place, size)))
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


def _ranking(words: Iterator[str], known: dict[str, Group], place: int, size: int) -> Ranking:
    """Read one ballot up to its zero, which may be missing at the end of a line; ``known`` holds words read before."""
    ranking = []
    for word in words:
        if word == "0":
            break
        if word == "-":
            continue
        group = known.get(word)
        if group is None:
            group = known[word] = tuple(_candidate(part, place, size) for part in word.split("="))
        ranking.append(group)
    return ranking


def _candidate(word: str, place: int, size: int) -> int:
    if not NUMBER.fullmatch(word) or not 1 <= int(word) <= size:
        raise WrongFile(f"line {place + 1}: no candidate has the number {word!r}, there are {size}")
    return int(word)


def _names(lines: list[str], size: int, start: int) -> tuple[list[str], str]:
    """Return the candidates' names and the title: one a line, or quoted and all in a row."""
    for place, line in enumerate(lines, start=start + 1):
        if BALLOT.fullmatch(line.strip()):
            raise WrongFile(f"line {place}: a ballot after the 0 that ends them")
    written = [line.strip() for line in lines if line.strip()]
    filled = [line for line in written if not line.startswith("#")]
    if len(filled) <= size < len(written) and not any(line.startswith('"') for line in filled):
        filled = written  # a few councils mark a name with it: "# ALTERNATIVE NAME 1: Ann Lee (Ind)"
    found = [_name(line) for line in filled]
    if len(filled) < size:
        found = [_plain(name) for line in filled for name in QUOTED.findall(line)]
    if len(found) < size:
        raise WrongFile(f"{size} candidates, but only {len(found)} names")
    if not all(found[:size]):
        raise WrongFile(f"candidate {found.index('') + 1} has no name")
    return found[:size], found[size] if len(found) > size else ""


def _name(line: str) -> str:
    """Return what one line names: its first quoted text, or the whole line; a party quoted behind it is left out."""
    if not line.startswith('"'):
        return line
    cell = CELL.fullmatch(line)
    if cell and cell[1].count('""') in (2, 4):
        inner = cell[1].replace('""', '"').strip()
        party = PARTY.fullmatch(inner)
        return _name(inner) if inner.startswith('"') else party[1] if party else inner
    found = QUOTED.match(line)
    rest = line[found.end() :].strip() if found else ""
    if found and (not rest or rest.startswith(('"', "#"))) and not rest.startswith('""'):
        return _plain(found[1])
    return _plain(line.strip('"'))


def _plain(name: str) -> str:
    return name.replace('\\"', '"').strip()
