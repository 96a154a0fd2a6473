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
