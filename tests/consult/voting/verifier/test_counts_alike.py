"""The program's own count against the site's, on many small elections drawn at random: two ways to the same stages."""

import json
import random
from collections import Counter
from typing import Any

import pytest

from consult.voting.methods.ballots import BUDGETS, canonical, check, read
from consult.voting.methods.registry import METHODS, count
from consult.voting.methods.rules import Option, Rules
from consult.voting.verifier.gongyi_verify import Recount
from tests.consult.voting.methods.test_properties import SEEDS, drawn

SEED = b"the closing entry"


def in_points(method: str, seed: int) -> tuple[Rules, Counter[bytes]]:
    """Draw a budget whose voters spread up to twelve points."""
    dice = random.Random(f"points{method}{seed}")
    options = tuple(Option(name, dice.choice((0, 5, 10, 20, 35))) for name in "abcde"[: dice.randint(2, 5)])
    rules = Rules(method, options, budget=60, minimum_score=3, points=12, max_projects=dice.choice((None, 2)))
    ballots: Counter[bytes] = Counter()
    for _ballot in range(dice.randint(1, 30)):
        left, given = 12, dict[str, int]()
        for name in dice.sample(rules.ids, dice.randint(0, len(options))):
            if left:
                given[name] = dice.randint(1, left)
                left -= given[name]
        check(rules, {"scores": given})
        ballots[canonical({"scores": given})] += dice.choice((1, 1, 3))
    return rules, ballots


def both(rules: Rules, ballots: Counter[bytes]) -> tuple[Any, Any]:
    """Return what the site and the program make of the same ballots, as the published files hold it."""
    ours = json.loads(json.dumps(count(rules, ballots, SEED).to_json()))
    said = [(next(iter(read(ballot).values())), number) for ballot, number in ballots.items()]
    theirs = json.loads(json.dumps(Recount(json.loads(json.dumps(rules.to_json())), said, SEED).run()))
    return ours, theirs


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_counted_alike(method: str) -> None:
    for seed in SEEDS:
        ours, theirs = both(*drawn(method, seed))
        assert ours == theirs, (method, seed)


@pytest.mark.parametrize("method", BUDGETS)
def test_budgets_in_points_are_counted_alike(method: str) -> None:
    for seed in SEEDS:
        ours, theirs = both(*in_points(method, seed))
        assert ours == theirs, (method, seed)


class StepByStep(Recount):
    """The program's count with every raise of equal shares taken by itself."""

    def shared_alike(self, *_where_to: Any) -> None:
        """Leap over nothing."""


def rich(seed: int) -> tuple[Rules, Counter[bytes]]:
    """Draw a budget with much money for few voters, whose shares are raised often."""
    dice = random.Random(f"rich{seed}")
    scale = dice.choice((1, 10, 40))
    options = tuple(
        Option(name, dice.choice((0, 1, 2, 4, 4, 6, 10)) * scale) for name in "abcdef"[: dice.randint(2, 6)]
    )
    limit = dice.choice((None, None, 2))
    rules = Rules("equal-shares", options, budget=dice.randint(4, 25) * scale, max_projects=limit)
    ballots: Counter[bytes] = Counter()
    for _ballot in range(dice.randint(1, 12)):
        ballots[canonical({"choices": dice.sample(rules.ids, dice.randint(0, len(options)))})] += dice.choice((1, 1, 3))
    return rules, ballots


def test_raises_that_are_leapt_over_change_nothing() -> None:
    raises = 0
    for seed in range(150):
        rules, ballots = rich(seed)
        ours, theirs = both(rules, ballots)
        said = [(next(iter(read(ballot).values())), number) for ballot, number in ballots.items()]
        steps = json.loads(json.dumps(StepByStep(json.loads(json.dumps(rules.to_json())), said, SEED).run()))
        assert ours == theirs == steps, seed
        raises += ours["extra"]["raises"]
    assert raises > 300  # there was something to leap over


def test_a_million_raises_are_no_million_rounds() -> None:
    options = (Option("a", 400_000_000), Option("b", 400_000_001), Option("c", 5))
    rules = Rules("equal-shares", options, budget=400_000_010)
    ballots = Counter({canonical({"choices": ["a"]}): 150, canonical({"choices": ["b", "c"]}): 150})
    ours, theirs = both(rules, ballots)
    assert ours == theirs
    assert ours["extra"]["raises"] > 1_000_000
