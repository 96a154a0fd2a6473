"""What must hold for any ballots, tried on many small elections drawn at random."""

import random
from collections import Counter
from fractions import Fraction

import pytest

from consult.voting.methods.ballots import BUDGETS, RANKED, canonical, check
from consult.voting.methods.pairwise import table
from consult.voting.methods.registry import METHODS, count
from consult.voting.methods.rules import Option, Rules
from consult.voting.methods.tallying import taken_apart
from tests.consult.voting.methods.counting import counted

NAMES = ("甲", "乙", "丙", "丁", "戊")
SEEDS = range(25)


def drawn(method: str, seed: int) -> tuple[Rules, Counter[bytes]]:
    """Draw an election of up to forty ballots."""
    dice = random.Random(f"{method}{seed}")
    names = ("yes", "no", "abstain") if method == "yes-no" else NAMES[: dice.randint(2, 5)]
    options = tuple(Option(name, dice.randint(1, 40)) for name in names)
    rules = Rules(method, options, seats=dice.randint(1, 2) if method == "stv" else 1, budget=60, minimum_score=3)
    ballots: Counter[bytes] = Counter()
    for _ballot in range(dice.randint(1, 40)):
        order = dice.sample(names, dice.randint(0, len(names)))
        if method in RANKED:
            groups = [[name] for name in order]
            if method == "schulze" and len(groups) > 1 and dice.random() < 0.3:
                groups[:2] = [groups[0] + groups[1]]
            content: dict[str, object] = {"ranking": groups}
        elif method == "score":
            content = {"scores": {name: dice.randint(0, 5) for name in order}}
        else:
            most = 1 if method in ("yes-no", "choose") else len(order)
            content = {"choices": order[:most]}
        check(rules, content)
        ballots[canonical(content)] += dice.choice((1, 1, 1, 3))
    return rules, ballots


every_method = pytest.mark.parametrize("method", METHODS)


@every_method
def test_the_order_of_ballots_changes_nothing(method: str) -> None:
    for seed in SEEDS:
        rules, ballots = drawn(method, seed)
        shuffled = list(ballots.items())
        random.Random(seed).shuffle(shuffled)
        assert count(rules, dict(shuffled), b"s").to_json() == count(rules, ballots, b"s").to_json()


@every_method
def test_a_blank_ballot_changes_no_winner(method: str) -> None:
    key = "ranking" if method in RANKED else "scores" if method == "score" else "choices"
    blank = canonical({key: {} if method == "score" else []})
    for seed in SEEDS:
        rules, ballots = drawn(method, seed)
        before = count(rules, ballots, b"s")
        after = count(rules, ballots + Counter({blank: 7}), b"s")
        assert (after.winners, after.valid, after.blank) == (before.winners, before.valid, before.blank + 7)


@every_method
def test_an_outcome_is_whole_numbers_and_text(method: str) -> None:
    def walk(value: object) -> None:
        if isinstance(value, dict):
            assert all(type(key) is str for key in value)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        else:
            assert value is None or type(value) in (int, str, bool)

    for seed in SEEDS:
        rules, ballots = drawn(method, seed)
        outcome = count(rules, ballots, b"s")
        walk(outcome.to_json())
        assert set(outcome.winners) <= set(rules.ids)
        assert outcome.valid + outcome.blank == ballots.total()
        assert count(Rules.from_json(rules.to_json()), ballots, b"s") == outcome


@pytest.mark.parametrize("method", ["choose", "approval", "yes-no"])
def test_totals_add_up_to_what_was_named(method: str) -> None:
    for seed in SEEDS:
        rules, ballots = drawn(method, seed)
        said, _blank = taken_apart(ballots, "choices")
        assert sum(map(int, count(rules, ballots, b"s").totals.values())) == sum(len(v) * n for v, n in said)


def test_no_ballot_is_lost_in_a_run_off() -> None:
    for seed in SEEDS:
        rules, ballots = drawn("irv", seed)
        for stage in count(rules, ballots, b"s").stages:
            assert sum(map(int, stage.totals.values())) + stage.detail["exhausted"] == ballots.total()


def test_no_part_of_a_vote_is_made_or_lost_under_the_scottish_rule() -> None:
    for seed in SEEDS:
        rules, ballots = drawn("stv", seed)
        outcome = count(rules, ballots, b"s")
        gone = Fraction(0)
        for stage in outcome.stages:
            totals = [Fraction(str(total)) for total in stage.totals.values()]
            lost = Fraction(stage.detail["not_transferable"])
            assert sum(totals) + lost == outcome.valid
            assert lost >= gone, "what is lost never comes back"
            gone = lost
        assert len(outcome.winners) == (min(rules.seats, len(rules.options)) if outcome.valid else 0)


def test_who_beats_everybody_in_pairs_wins_under_schulze_and_every_cell_is_counted() -> None:
    for seed in SEEDS:
        rules, ballots = drawn("schulze", seed)
        said, _blank = taken_apart(ballots, "ranking")
        pairs = table(said, rules.ids)
        for a, first in enumerate(rules.ids):
            for b, second in enumerate(rules.ids):
                places = [
                    {name: place for place, group in enumerate(groups) for name in group} for groups, _number in said
                ]
                above = sum(
                    number
                    for (_groups, number), at in zip(said, places, strict=True)
                    if at.get(first, 99) < at.get(second, 99)
                )
                assert a == b or pairs[a][b] == above
        winners = count(rules, ballots, b"s").winners
        for a, first in enumerate(rules.ids):
            if all(pairs[a][b] > pairs[b][a] for b in range(len(pairs)) if b != a):
                assert winners == (first,)


@pytest.mark.parametrize("method", ["choose", "approval", "schulze", "greedy-skip"])
def test_more_support_never_makes_a_winner_lose(method: str) -> None:
    for seed in SEEDS:
        rules, ballots = drawn(method, seed)
        outcome = count(rules, ballots, b"s")
        if not outcome.winners or outcome.ties:
            continue
        winner = outcome.winners[0]
        only = canonical({"ranking": [[winner]]} if method == "schulze" else {"choices": [winner]})
        assert winner in count(rules, ballots + Counter({only: 3}), b"s").winners


@pytest.mark.parametrize("method", BUDGETS)
def test_a_budget_is_never_overspent(method: str) -> None:
    for seed in SEEDS:
        rules, ballots = drawn(method, seed)
        outcome = count(rules, ballots, b"s")
        cost = sum(option.cost or 0 for option in rules.options if option.id in outcome.winners)
        assert cost == outcome.extra["cost"] <= 60
        left = 60
        for stage in outcome.stages:
            left -= sum(option.cost or 0 for option in rules.options if option.id in stage.elected)
            assert stage.detail["left"] == left >= 0


def test_two_methods_agree_where_there_are_only_two() -> None:
    for seed in SEEDS:
        dice = random.Random(seed)
        numbers = dice.sample(range(50), 2)
        ballots = Counter({canonical({"ranking": [[name]]}): n for name, n in zip("ab", numbers, strict=True)})
        winners = {counted(method, "a b", ballots).winners for method in RANKED}
        assert winners == {("a",) if numbers[0] > numbers[1] else ("b",)}
