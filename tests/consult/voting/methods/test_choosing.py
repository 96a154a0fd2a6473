"""Yes and no, choices, approval and scores."""

from fractions import Fraction

from consult.voting.methods.lots import Lots
from consult.voting.methods.otherwise import otherwise
from consult.voting.methods.thresholds import verdict
from tests.consult.voting.methods.counting import chosen, counted, rules, scored


def test_more_yes_than_no_carries_a_question() -> None:
    outcome = counted("yes-no", "yes no abstain", chosen("3 yes\n2 no\n9 abstain\n4"))
    assert outcome.winners == ("yes",)
    assert (outcome.valid, outcome.blank) == (14, 4)


def test_equal_numbers_do_not_carry_a_question_and_draw_no_lot() -> None:
    outcome = counted("yes-no", "yes no abstain", chosen("3 yes\n3 no"))
    assert outcome.winners == ("no",)
    assert outcome.extra["equal"]
    assert not outcome.ties


def test_who_is_named_most_wins() -> None:
    assert counted("choose", "a b c", chosen("3 a\n4 b\n2 c")).winners == ("b",)


def test_several_seats_go_to_the_most_named_in_their_order() -> None:
    assert counted("approval", "a b c d", chosen("3 a c\n2 b c\n1 d"), seats=2).winners == ("c", "a")


def test_a_tie_over_the_last_seat_goes_by_the_lot_of_the_seed() -> None:
    ballots = chosen("3 a\n2 b\n2 c\n2 d")
    outcome = counted("choose", "a b c d", ballots, seats=2)
    drawn = Lots(b"seed", ("a", "b", "c", "d")).order(1, ["b", "c", "d"])
    assert outcome.winners == ("a", drawn[0])
    (tie,) = outcome.ties
    assert (tie.between, tie.order, tie.by) == (("b", "c", "d"), tuple(drawn), "lot")
    seeds = {counted("choose", "a b c d", ballots, str(n).encode(), seats=2).winners for n in range(40)}
    assert seeds == {("a", "b"), ("a", "c"), ("a", "d")}


def test_without_a_seed_the_order_of_the_options_stands_for_the_lot() -> None:
    outcome = counted("choose", "b a", chosen("2 a\n2 b"), seed=None)
    assert outcome.winners == ("b",)
    assert outcome.ties[0].by == "order"


def test_equals_who_are_both_in_draw_no_lot() -> None:
    assert not counted("choose", "a b c", chosen("2 a\n2 b\n1 c"), seats=2).ties


def test_nobody_wins_where_nobody_says_anything() -> None:
    for method in ("choose", "approval", "yes-no"):
        outcome = counted(method, "yes no", chosen("5"))
        assert (outcome.winners, outcome.blank) == ((), 5)
    assert counted("score", "a b", scored("2")).winners == ()


def test_mean_and_median_stand_side_by_side() -> None:
    ballots = scored("3 a5 b4\n2 a0 b4")
    by_mean = counted("score", "a b", ballots)
    by_median = counted("score", "a b", ballots, score_by="median")
    assert (by_mean.winners, by_median.winners) == (("b",), ("a",))
    assert by_mean.extra["mean"] == {"a": [3, 1], "b": [4, 1]}
    assert by_mean.extra["median"] == {"a": [5, 1], "b": [4, 1]}


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    assert counted("score", "a", scored("1 a1\n1 a2\n1 a4\n1 a5")).extra["median"] == {"a": [3, 1]}


def test_no_score_is_no_zero_but_one_admirer_elects_nobody() -> None:
    ballots = scored("9 a4\n1 b5\n1 a4 b5")
    outcome = counted("score", "a b", ballots)
    assert outcome.extra["mean"]["b"] == [5, 1]
    assert outcome.extra["too_few"] == ["b"]
    assert outcome.winners == ("a",)
    assert counted("score", "a b", ballots, scored_by=Fraction(0)).winners == ("b",)


def test_the_other_of_mean_and_median_is_told() -> None:
    ballots = scored("3 a5 b4\n2 a0 b4")
    given = rules("score", "a b")
    (other,) = otherwise(given, counted("score", "a b", ballots), ballots, b"seed")
    assert (other.method, other.outcome.winners, other.same) == ("score-median", ("a",), False)


def test_a_quorum_counts_blank_ballots_and_is_reached_exactly() -> None:
    ballots = chosen("30 yes\n10 no\n10")
    given = rules("yes-no", "yes no", quorum=Fraction(1, 2))
    outcome = counted("yes-no", "yes no", ballots)
    assert verdict(given, outcome, 100).binding
    assert not verdict(given, outcome, 101).binding
    (check,) = verdict(given, outcome, 101).checks
    assert (check.have, check.base, check.needed) == (50, 101, Fraction(1, 2))


def test_two_thirds_can_mean_at_least_or_more() -> None:
    outcome = counted("yes-no", "yes no abstain", chosen("20 yes\n10 no\n5 abstain\n1"))
    least = rules("yes-no", "yes no abstain", majority=Fraction(2, 3), majority_is="at-least")
    more = rules("yes-no", "yes no abstain", majority=Fraction(2, 3))
    assert verdict(least, outcome, 100).carried
    assert not verdict(more, outcome, 100).carried


def test_a_majority_has_its_base() -> None:
    outcome = counted("yes-no", "yes no abstain", chosen("20 yes\n10 no\n5 abstain\n6"))
    bases = {}
    for of in ("decided", "cast", "roll"):
        given = rules("yes-no", "yes no abstain", majority=Fraction(1, 2), majority_of=of)
        judged = verdict(given, outcome, 100)
        bases[of] = (judged.checks[0].base, judged.carried)
    assert bases == {"decided": (30, True), "cast": (41, False), "roll": (100, False)}


def test_a_question_without_a_rule_of_majority_is_carried_by_more_yes() -> None:
    given = rules("yes-no", "yes no")
    assert verdict(given, counted("yes-no", "yes no", chosen("2 yes\n1 no")), 9).carried
    assert not verdict(given, counted("yes-no", "yes no", chosen("2 yes\n2 no")), 9).carried


def test_a_quorum_can_be_a_number_of_people() -> None:
    given = rules("choose", "a b", quorum_count=4, majority=Fraction(1, 2))
    judged = verdict(given, counted("choose", "a b", chosen("2 a\n1 b")), 9)
    assert (judged.binding, judged.carried) == (False, True)
