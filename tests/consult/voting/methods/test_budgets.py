"""Participatory budgets: three greedy rules and equal shares."""

from fractions import Fraction

import pytest

from consult.voting.methods.lots import Lots
from consult.voting.methods.otherwise import otherwise
from consult.voting.methods.rules import BadRules
from tests.consult.voting.methods.counting import chosen, counted, rules, scored

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
