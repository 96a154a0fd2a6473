"""Short ways to write ballots and rules down."""

from collections import Counter
from typing import Any

from consult.voting.methods.ballots import canonical
from consult.voting.methods.outcomes import Outcome
from consult.voting.methods.registry import count
from consult.voting.methods.rules import Option, Rules


def rules(method: str, options: str, **more: Any) -> Rules:
    """``options`` is "a b c", or "a:100 b:50" with costs."""
    found = []
    for word in options.split():
        name, _, cost = word.partition(":")
        found.append(Option(name, int(cost) if cost else None))
    return Rules(method, tuple(found), **more)


def ranked(text: str) -> Counter[bytes]:
    """``4 a b=c`` a line: four ballots with a first, then b and c alike."""
    ballots: Counter[bytes] = Counter()
    for line in text.strip().splitlines():
        number, *groups = line.split()
        ballots[canonical({"ranking": [group.split("=") for group in groups]})] += int(number)
    return ballots


def chosen(text: str) -> Counter[bytes]:
    """``4 a b`` a line: four ballots that name a and b."""
    ballots: Counter[bytes] = Counter()
    for line in text.strip().splitlines():
        number, *names = line.split()
        ballots[canonical({"choices": names})] += int(number)
    return ballots


def scored(text: str) -> Counter[bytes]:
    """``4 a5 b0`` a line: four ballots that give a five and b zero points."""
    ballots: Counter[bytes] = Counter()
    for line in text.strip().splitlines():
        number, *scores = line.split()
        ballots[canonical({"scores": {word[0]: int(word[1:]) for word in scores}})] += int(number)
    return ballots


def counted(method: str, options: str, ballots: Counter[bytes], seed: bytes | None = b"seed", **more: Any) -> Outcome:
    return count(rules(method, options, **more), ballots, seed)
