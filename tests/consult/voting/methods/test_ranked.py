"""Ranked ballots: instant run-off, the Scottish rule and Schulze, ties one by one."""

from fractions import Fraction

import pytest

from consult.voting.methods.lots import Lots
from consult.voting.methods.otherwise import otherwise
from consult.voting.methods.tallying import separated
from tests.consult.voting.methods.counting import counted, ranked, rules

TENNESSEE = ranked("42 m n c k\n26 n c k m\n15 c k n m\n17 k c n m")


def test_the_last_goes_until_one_has_more_than_half() -> None:
    outcome = counted("irv", "m n c k", TENNESSEE)
    assert [dict(stage.totals) for stage in outcome.stages] == [
        {"m": 42, "n": 26, "c": 15, "k": 17},
        {"m": 42, "n": 26, "k": 32},
        {"m": 42, "k": 58},
    ]
    assert outcome.winners == ("k",)
    assert [stage.excluded for stage in outcome.stages] == [("c",), ("n",), ()]


def test_exhausted_ballots_leave_the_majority_to_those_still_counting() -> None:
    outcome = counted("irv", "a b c", ranked("4 a\n3 b\n2 c\n1"))
    assert [stage.detail["exhausted"] for stage in outcome.stages] == [1, 3]
    assert outcome.winners == ("a",)


def test_a_tie_for_last_is_decided_by_the_latest_stage_that_differed() -> None:
    # b and c are equal at stage 2; at stage 1 c had less.
    outcome = counted("irv", "a b c d", ranked("6 a\n5 b\n4 c\n1 d c"))
    assert [stage.excluded for stage in outcome.stages[:2]] == [("d",), ("c",)]
    (tie,) = outcome.ties
    assert (tie.stage, tie.between, tie.order, tie.by, tie.earlier) == (2, ("b", "c"), ("b", "c"), "earlier-stage", 1)


def test_a_tie_that_was_always_one_is_decided_by_lot_and_the_last_drawn_goes() -> None:
    outcome = counted("irv", "a b c", ranked("4 a\n3 b\n3 c"), b"7")
    drawn = Lots(b"7", ("a", "b", "c")).order(1, ["b", "c"])
    assert outcome.stages[0].excluded == (drawn[1],)
    (tie,) = outcome.ties
    assert (tie.order, tie.by) == (tuple(drawn), "lot")
    gone = {counted("irv", "a b c", ranked("4 a\n3 b\n3 c"), bytes([n])).stages[0].excluded for n in range(30)}
    assert gone == {("b",), ("c",)}


def test_two_equal_at_the_end_are_separated_too() -> None:
    outcome = counted("irv", "a b", ranked("2 a\n2 b"), b"x")
    assert outcome.winners == (Lots(b"x", ("a", "b")).order(1, ["a", "b"])[0],)
    assert len(outcome.stages) == 1


def test_a_ranking_ends_where_two_are_alike() -> None:
    outcome = counted("irv", "a b c", ranked("2 a b=c\n2 b=c a\n3 b"))
    assert (outcome.valid, outcome.blank) == (5, 2)
    assert outcome.winners == ("b",)


def test_a_surplus_moves_every_ballot_at_its_part_of_the_value() -> None:
    # Quota 34/3+1 = 12; a has 20: every ballot moves on at 8/20 = 0.4.
    outcome = counted("stv", "a b c d", ranked("16 a b\n4 a c\n8 c\n6 d"), seats=2)
    assert outcome.extra["quota"] == 12
    assert dict(outcome.stages[1].totals) == {"a": "12.00000", "b": "6.40000", "c": "9.60000", "d": "6.00000"}
    assert outcome.stages[1].detail["transfer"] == "surplus"


def test_parts_of_votes_are_cut_off_after_five_decimals() -> None:
    # Surplus 3 of 7: 0.428571... becomes 0.42857, and what is cut off is lost.
    outcome = counted("stv", "a b c", ranked("7 a b\n2 b\n2 c"), seats=2)
    assert outcome.extra["quota"] == 4
    assert outcome.stages[1].totals["b"] == "4.99999"
    assert outcome.stages[1].detail["not_transferable"] == "0.00001"


def test_no_one_is_elected_early_while_more_are_left_than_seats() -> None:
    # One seat and a stands above b already: the Scottish rule excludes b first all the same.
    outcome = counted("stv", "a b c", ranked("5 a\n4 b\n3 c"), seats=1)
    assert [stage.excluded for stage in outcome.stages] == [(), ("c",), ("b",)]
    assert outcome.winners == ("a",)


def test_all_are_elected_when_there_are_no_more_than_seats() -> None:
    outcome = counted("stv", "a b", ranked("5 a\n1 b"), seats=3)
    assert outcome.winners == ("a", "b")
    assert len(outcome.stages) == 1


def test_equal_surpluses_are_settled_by_the_stage_before() -> None:
    # Once x is out b and c have ten each; at the first stage b had more.
    outcome = counted("stv", "c b d e x", ranked("8 b d\n7 c e\n2 x b\n3 x c\n6 d\n6 e"), seats=3)
    (tie,) = outcome.ties
    assert (tie.stage, tie.about, tie.order, tie.by, tie.earlier) == (2, "transfer", ("b", "c"), "earlier-stage", 1)
    assert outcome.stages[2].detail["from"] == "b"


def test_a_tie_over_a_surplus_always_equal_is_drawn_and_the_lowest_comes_first() -> None:
    ballots = ranked("9 a c\n9 b d\n3 c\n3 d\n2 e")
    outcome = counted("stv", "a b c d e", ballots, b"s", seats=3)
    tie = next(tie for tie in outcome.ties if tie.about == "transfer")
    drawn = Lots(b"s", tuple("abcde")).order(1, ["a", "b"])
    assert (tie.stage, tie.by) == (1, "lot")
    assert outcome.stages[1].detail["from"] == drawn[0] == tie.order[0]


def test_three_equal_are_narrowed_by_one_stage_and_settled_by_an_earlier_one() -> None:
    history = [{"a": 3, "b": 2, "c": 9}, {"a": 4, "b": 4, "c": 5}, {"a": 6, "b": 6, "c": 6}]
    loser, tie = separated(["a", "b", "c"], history, Lots(b"s", "abc"), about="exclude", choose=min)
    assert (loser, tie.by, tie.earlier) == ("b", "earlier-stage", 1)
    first, _tie = separated(["a", "b", "c"], history, Lots(b"s", "abc"), about="transfer", choose=max)
    assert first == "c"


@pytest.mark.parametrize("method", ["irv", "stv", "schulze"])
def test_nobody_wins_where_nobody_is_ranked(method: str) -> None:
    outcome = counted(method, "a b", ranked("4"))
    assert (outcome.winners, outcome.valid, outcome.blank) == ((), 0, 4)


def test_who_beats_everybody_wins() -> None:
    outcome = counted("schulze", "m n c k", TENNESSEE)
    assert outcome.winners == ("n",)
    assert outcome.extra["pairwise"][0] == [None, 42, 42, 42]
    assert outcome.extra["order"] == [["n"], ["c"], ["k"], ["m"]]


def test_a_circle_is_settled_by_the_strongest_paths() -> None:
    # The example Markus Schulze gives himself: 45 ballots, E before A, C, B and D.
    ballots = ranked(
        "5 a c b e d\n5 a d e c b\n8 b e d a c\n3 c a b e d\n7 c a e b d\n2 c b a d e\n7 d c e b a\n8 e b a d c"
    )
    outcome = counted("schulze", "a b c d e", ballots)
    assert outcome.extra["order"] == [["e"], ["a"], ["c"], ["b"], ["d"]]
    assert outcome.extra["paths"]["e"]["a"][0] == 25
    assert outcome.extra["paths"]["a"]["e"][0] == 24


def test_the_unranked_stand_below_and_are_equal() -> None:
    table = counted("schulze", "a b c", ranked("2 a\n1 b=c")).extra["pairwise"]
    assert table == [[None, 2, 2], [1, None, 0], [1, 0, None]]


def test_what_nothing_separates_is_drawn() -> None:
    outcome = counted("schulze", "a b c", ranked("1 a b\n1 b a"), b"z")
    assert outcome.ties[0].between == ("a", "b")
    assert outcome.winners == (Lots(b"z", tuple("abc")).order(1, ["a", "b"])[0],)


def test_a_quorum_over_the_default_drops_who_has_too_few_behind_them() -> None:
    ballots = ranked("3 a none b\n2 b none a\n1 none")
    kept = counted("schulze", "a b none", ballots, default="none", default_quorum=3)
    assert kept.extra["dropped"] == ["a", "b"]
    assert kept.winners == ("none",)
    assert [check["reached"] for check in kept.extra["quorum"]] == [True, False]


def test_three_rules_three_winners_are_told() -> None:
    ballots = ranked("42 m n c k\n26 n c k m\n15 c k n m\n17 k c n m")
    outcome = counted("irv", "m n c k", ballots)
    others = otherwise(rules("irv", "m n c k"), outcome, ballots, b"seed")
    assert {other.method: other.outcome.winners for other in others} == {"choose": ("m",), "schulze": ("n",)}
    assert [other.same for other in others] == [False, False]


def test_millions_of_equal_ballots_take_no_more_room_than_one() -> None:
    outcome = counted("schulze", "a b c", ranked("9000001 a b\n7000000 b=c a\n1000000000000 c\n"))
    assert outcome.extra["pairwise"] == [
        [None, 9000001, 9000001],
        [7000000, None, 9000001],
        [1000007000000, 1000000000000, None],
    ]
    assert outcome.winners == ("c",)


def test_a_majority_that_only_one_rule_knows_takes_no_comparison_away() -> None:
    given = rules("irv", "m n c k", majority=Fraction(2, 3), quorum=Fraction(1, 2))
    others = otherwise(given, counted("irv", "m n c k", TENNESSEE), TENNESSEE, b"seed")
    assert [other.method for other in others] == ["choose", "schulze"]
