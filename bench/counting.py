"""How long large elections take to count and to verify: ballots drawn at random, longer and more different than people's."""

import random
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bench import verifying
from consult.voting.methods.ballots import canonical
from consult.voting.methods.registry import count
from consult.voting.methods.rules import Option, Rules
from dev.console import say

RANKED, NAMES = 80_000, 36
SPENT, PROJECTS = 90_000, 160
VERIFY = "verify-50000"
BARS = {
    "count-irv": 5.0,
    "count-stv": 5.0,
    "count-schulze": 5.0,
    "count-greedy-skip": 2.0,
    "count-greedy-stop": 2.0,
    "count-greedy-minimum": 2.0,
    VERIFY: 60.0,
}


@dataclass(frozen=True)
class Counted:
    """One election counted: how long it took, and how long it may take."""

    name: str
    seconds: float
    bar: float

    @property
    def missed(self) -> bool:
        """Tell whether it took too long."""
        return self.seconds > self.bar


def measure(wanted: Collection[str]) -> list[Counted]:
    """Count each election that is wanted three times and keep the middle one; verify the large bundle once."""
    found = []
    for rules, ballots in elections([name for name in wanted if name != VERIFY]):
        times = []
        for _again in range(3):
            began = time.perf_counter()
            count(rules, ballots, b"seed")
            times.append(time.perf_counter() - began)
        name = f"count-{rules.method}"
        found.append(Counted(name, round(sorted(times)[1], 3), BARS[name]))
    if VERIFY in wanted:
        found.append(Counted(VERIFY, round(verifying.seconds(), 3), BARS[VERIFY]))
    return found


def show(found: list[Counted]) -> list[str]:
    """Print the table; return what was too slow."""
    if not found:
        return []
    say(f"\n{'count':<34}{'seconds':>9}{'bar':>8}")
    for row in found:
        say(f"{row.name:<34}{row.seconds:>9.2f}{row.bar:>8.1f}")
    return [f"{row.name} ({row.seconds:.1f} s)" for row in found if row.missed]


def elections(wanted: Collection[str]) -> Iterator[tuple[Rules, Counter[bytes]]]:
    """Yield the rules and ballots of each election that is wanted."""
    dice = random.Random(2026)
    names = [f"c{number}" for number in range(NAMES)]
    ranked = [name for name in wanted if "greedy" not in name]
    if ranked:
        ballots: Counter[bytes] = Counter()
        for _ballot in range(RANKED):
            order = dice.sample(names, dice.randint(1, NAMES))
            ballots[canonical({"ranking": [[name] for name in order]})] += 1
        for name in ranked:
            method = name.removeprefix("count-")
            yield Rules(method, tuple(map(Option, names)), seats=3 if method == "stv" else 1), ballots
    spent = [name for name in wanted if "greedy" in name]
    if spent:
        projects = tuple(Option(f"p{number}", dice.randint(20, 3000) * 1000) for number in range(PROJECTS))
        ids = [project.id for project in projects]
        ballots = Counter()
        for _ballot in range(SPENT):
            ballots[canonical({"choices": dice.sample(ids, dice.randint(1, 15))})] += 1
        for name in spent:
            method = name.removeprefix("count-")
            yield Rules(method, projects, budget=30_000_000, minimum_score=100), ballots
