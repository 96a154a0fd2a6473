"""Participatory budgets: three greedy rules and equal shares."""

import random
from collections import Counter
from fractions import Fraction

import pytest

from consult.voting.methods.ballots import canonical, read
from consult.voting.methods.lots import Lots
from consult.voting.methods.otherwise import otherwise
from consult.voting.methods.rules import BadRules
from tests.consult.voting.methods.counting import chosen, counted, rules, scored

Prices = dict[str, tuple[Fraction, Fraction]]

PROJECTS = "park:60 bridge:50 bench:20 lamp:10"
WISHES = chosen("5 park lamp\n4 bridge\n3 bench park\n1 lamp")  # park 8, lamp 6, bridge 4, bench 3


def why(method: str, **more: int) -> dict[str, str]:
    outcome = counted(method, PROJECTS, WISHES, **{"budget": 100, **more})
    return {stage.detail["project"]: stage.detail["why"] for stage in outcome.stages}


def test_skipping_passes_over_what_does_not_fit() -> None:
    assert why("greedy-skip") == {"park": "funded", "lamp": "funded", "bridge": "does-not-fit", "bench": "funded"}


def test_stopping_ends_at_what_does_not_fit() -> None:
    assert why("greedy-stop") == {"park": "funded", "lamp": "funded", "bridge": "does-not-fit", "bench": "stopped"}


def test_a_minimum_leaves_out_who_has_too_few() -> None:
    assert why("greedy-minimum", minimum_score=4)["bench"] == "below-minimum"
    assert why("greedy-minimum", minimum_score=3)["bench"] == "funded"


def test_no_more_projects_than_allowed_are_funded() -> None:
    assert why("greedy-skip", max_projects=2)["bench"] == "enough-projects"
    assert len(counted("equal-shares", PROJECTS, WISHES, budget=140, max_projects=2).winners) == 2


@pytest.mark.parametrize("method", ["greedy-skip", "greedy-stop", "greedy-minimum", "equal-shares"])
def test_what_nobody_wants_is_never_paid(method: str) -> None:
    outcome = counted(method, "a:1 b:1", chosen("2 a\n3"), budget=10)
    assert outcome.winners == ("a",)
    assert (outcome.valid, outcome.blank) == (2, 3)


@pytest.mark.parametrize("method", ["greedy-skip", "greedy-stop", "greedy-minimum", "equal-shares"])
def test_no_ballots_fund_nothing(method: str) -> None:
    assert counted(method, "a:1", chosen(""), budget=10).winners == ()


def test_points_count_as_points() -> None:
    outcome = counted("greedy-skip", "a:5 b:5", scored("1 a9\n3 b2"), budget=5)
    assert outcome.winners == ("a",)
    assert outcome.totals == {"a": 9, "b": 6}


def test_equals_of_which_one_fits_are_drawn() -> None:
    outcome = counted("greedy-skip", "a:6 b:6 c:1", chosen("2 a b\n1 c"), budget=8)
    (tie,) = outcome.ties
    drawn = Lots(b"seed", ("a", "b", "c")).order(1, ["a", "b"])
    assert (tie.stage, tie.order, tie.about) == (1, tuple(drawn), "fund")
    assert outcome.winners == tuple(sorted([drawn[0], "c"]))


def test_equals_whose_order_changes_nothing_draw_no_lot() -> None:
    assert not counted("greedy-skip", "a:6 b:2 c:90", chosen("2 a b c"), budget=8).ties
    assert counted("greedy-stop", "a:6 b:2 c:90", chosen("2 a b c"), budget=8).ties


def test_equal_shares_give_a_minority_its_part() -> None:
    # Six of ten want all the roads, four want the school: greedy pays roads only.
    projects = "road1:30 road2:30 road3:30 school:40"
    ballots = chosen("6 road1 road2 road3\n4 school")
    assert counted("greedy-skip", projects, ballots, budget=100).winners == ("road1", "road2", "road3")
    outcome = counted("equal-shares", projects, ballots, seed=None, budget=100)
    assert outcome.winners == ("road1", "road2", "school")
    assert outcome.extra["share"] == "10.00000"
    assert [stage.detail["most_paid"] for stage in outcome.stages] == ["5.00000", "5.00000", "10.00000"]


def test_who_cannot_pay_a_full_part_pays_what_is_left() -> None:
    # Shares of 10. a takes 8 from its four; for b the one who has 2 left pays 2, the other two 9 each.
    outcome = counted("equal-shares", "a:32 b:20", chosen("3 a\n1 a b\n2 b"), budget=60)
    assert [(stage.detail["project"], stage.detail["most_paid"]) for stage in outcome.stages] == [
        ("a", "8.00000"),
        ("b", "9.00000"),
    ]


def test_shares_are_raised_by_one_until_nothing_more_fits_or_too_much_is_spent() -> None:
    # Shares of 10 leave b unpaid (two supporters, 24); at 12 they can.
    outcome = counted("equal-shares", "a:5 b:24 c:80", chosen("2 b\n3 a\n5 c"), budget=100)
    assert outcome.extra["without_raises"] == ["a"]
    assert (outcome.winners, outcome.extra["raises"]) == (("a", "b"), 2)
    coarse = counted("equal-shares", "a:5 b:24 c:80", chosen("2 b\n3 a\n5 c"), budget=100, raise_by=4)
    assert (coarse.winners, coarse.extra["raises"]) == (("a", "b"), 1)


def test_points_weigh_in_equal_shares() -> None:
    outcome = counted("equal-shares", "a:20 b:20", scored("1 a3 b1\n1 a1 b3\n1 a3"), budget=30)
    assert outcome.winners == ("a",)


def test_equal_prices_are_drawn_where_it_mattered() -> None:
    outcome = counted("equal-shares", "a:10 b:10", chosen("2 a b"), budget=10)
    (tie,) = outcome.ties
    assert set(tie.between) == {"a", "b"}
    assert outcome.winners == (Lots(b"seed", ("a", "b")).order(1, ["a", "b"])[0],)


@pytest.mark.parametrize("method", ["greedy-skip", "equal-shares"])
def test_a_budget_without_amounts_is_refused(method: str) -> None:
    with pytest.raises(BadRules, match="no amount"):
        counted(method, "a:1", chosen("1 a"))
    with pytest.raises(BadRules, match="no cost"):
        counted(method, "a", chosen("1 a"), budget=1)


def test_the_other_rules_of_budgets_are_told() -> None:
    outcome = counted("greedy-skip", PROJECTS, WISHES, budget=100)
    others = otherwise(rules("greedy-skip", PROJECTS, budget=100), outcome, WISHES, b"seed")
    assert {other.method: other.same for other in others} == {"greedy-stop": False, "equal-shares": False}
    with_minimum = rules("greedy-skip", PROJECTS, budget=100, minimum_score=4)
    assert "greedy-minimum" in {other.method for other in otherwise(with_minimum, outcome, WISHES, b"seed")}


def test_amounts_are_exact() -> None:
    # A third of a unit each: three payments of 1/3 make exactly 1.
    outcome = counted("equal-shares", "a:1 b:1 c:1", chosen("3 a b c"), budget=3)
    assert outcome.winners == ("a", "b", "c")
    assert outcome.stages[0].detail["most_paid"] == "0.33333"
    assert Fraction(outcome.extra["cost"]) == 3


def cheapest(costs: dict[str, int], voters: list[list[str]], amounts: list[Fraction], chosen: list[str]) -> Prices:
    """Return what each project costs its supporters for a unit of money, and at most each of them."""
    prices = {}
    for project, cost in costs.items():
        who = [n for n, named in enumerate(voters) if project in named]
        if project in chosen or not who or sum(amounts[n] for n in who) < cost:
            continue
        left = Fraction(cost)
        for place, n in enumerate(sorted(who, key=amounts.__getitem__)):
            most = left / (len(who) - place)
            if amounts[n] >= most:
                break
            left -= amounts[n]
        prices[project] = (most / cost, most)
    return prices


def bought(costs: dict[str, int], voters: list[list[str]], share: Fraction, lots: Lots) -> list[str]:
    amounts = [share] * len(voters)
    chosen: list[str] = []
    while prices := cheapest(costs, voters, amounts, chosen):
        least = min(prices.values())[0]
        tied = [project for project, found in prices.items() if found[0] == least]
        chosen.append(lots.order(len(chosen) + 1, tied)[0])
        for n, named in enumerate(voters):
            if chosen[-1] in named:
                amounts[n] -= min(amounts[n], prices[chosen[-1]][1])
    return chosen


def plainly(costs: dict[str, int], voters: list[list[str]], budget: int, lots: Lots) -> tuple[list[str], int]:
    """Return what equal shares buy, counted as the definition reads, round by round."""
    raises = 0
    held = bought(costs, voters, Fraction(budget, len(voters)), lots)
    while any(cost <= budget - sum(map(costs.__getitem__, held)) for name, cost in costs.items() if name not in held):
        following = bought(costs, voters, Fraction(budget, len(voters)) + raises + 1, lots)
        if sum(map(costs.__getitem__, following)) > budget:
            break
        held, raises = following, raises + 1
    return held, raises


def test_leaping_over_equal_rounds_gives_what_going_step_by_step_gives() -> None:
    leapt = 0
    for seed in range(40):
        dice = random.Random(seed)
        names = "abcdef"[: dice.randint(2, 6)]
        costs = {name: dice.choice((dice.randint(10, 300), 100)) for name in names}
        voters = [dice.sample(names, dice.randint(1, len(names))) for _voter in range(dice.randint(2, 9))]
        wanted = {name: cost for name, cost in costs.items() if any(name in named for named in voters)}
        ballots = Counter(canonical({"choices": named}) for named in voters)
        assert all(read(ballot)["choices"] for ballot in ballots)
        outcome = counted(
            "equal-shares", " ".join(f"{name}:{cost}" for name, cost in costs.items()), ballots, budget=400
        )
        affordable = {name: cost for name, cost in wanted.items() if cost <= 400}
        held, raises = plainly(affordable, voters, 400, Lots(b"seed", names))
        assert ([stage.detail["project"] for stage in outcome.stages], outcome.extra["raises"]) == (held, raises), seed
        leapt += raises
    assert leapt > 200


def test_a_free_project_somebody_wants_is_taken() -> None:
    for method in ("greedy-skip", "equal-shares"):
        assert counted(method, "a:0 b:9", chosen("1 a\n2 b"), budget=9).winners == ("a", "b")


def test_many_small_raises_of_few_people_are_counted_quickly() -> None:
    outcome = counted("equal-shares", "a:900000 b:700000 c:5", chosen("4 a\n5 b\n1 c"), budget=1_000_000)
    assert (outcome.winners, outcome.extra["raises"]) == (("b", "c"), 40_000)
