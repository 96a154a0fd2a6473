"""The one written form of a ballot, and what is refused."""

from fractions import Fraction

import pytest

from consult.voting.methods.ballots import BadBallot, canonical, check
from consult.voting.methods.rules import BadRules, Option, Rules
from tests.consult.voting.methods.counting import rules


def test_what_means_the_same_is_written_the_same() -> None:
    assert (
        canonical({"choices": ["乙", "甲"]})
        == canonical({"choices": ["甲", "乙"]})
        == '{"choices":["乙","甲"]}'.encode()
    )
    assert canonical({"ranking": [["c", "b"], ["a"]]}) == b'{"ranking":[["b","c"],["a"]]}'
    assert canonical({"scores": {"b": 1, "a": 5}}) == b'{"scores":{"a":5,"b":1}}'


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("yes-no", {"choices": ["a"]}),
        ("choose", {"choices": []}),
        ("approval", {"choices": ["a", "b", "c"]}),
        ("score", {"scores": {"a": 0, "c": 5}}),
        ("irv", {"ranking": [["b"], ["a"]]}),
        ("schulze", {"ranking": [["b", "a"], ["c"]]}),
        ("stv", {"ranking": []}),
        ("greedy-skip", {"choices": ["a", "c"]}),
    ],
)
def test_a_fit_ballot_is_taken(method: str, content: dict[str, object]) -> None:
    check(rules(method, "a:10 b:20 c:30", budget=40), content)


@pytest.mark.parametrize(
    ("method", "content", "why"),
    [
        ("choose", {"choices": ["a", "b"]}, "too-many"),
        ("yes-no", {"choices": ["a", "b"]}, "too-many"),
        ("choose", {"choices": ["x"]}, "unknown-option"),
        ("approval", {"choices": ["a", "a"]}, "twice"),
        ("approval", {"choices": "a"}, "shape"),
        ("approval", {"choices": [["a"]]}, "shape"),
        ("approval", {"ranking": [["a"]]}, "shape"),
        ("approval", {"choices": ["a"], "time": 1}, "shape"),
        ("approval", [], "shape"),
        ("score", {"scores": {"a": 6}}, "score-range"),
        ("score", {"scores": {"a": True}}, "score-range"),
        ("score", {"scores": {"a": 1.0}}, "score-range"),
        ("score", {"scores": {"x": 1}}, "unknown-option"),
        ("score", {"scores": ["a"]}, "shape"),
        ("irv", {"ranking": [["a", "b"]]}, "tie"),
        ("irv", {"ranking": [["a"], ["a"]]}, "twice"),
        ("schulze", {"ranking": [["a"], []]}, "shape"),
        ("schulze", {"ranking": ["a"]}, "shape"),
        ("greedy-skip", {"choices": ["b", "c"]}, "over-budget"),
    ],
)
def test_an_unfit_ballot_is_refused_with_its_reason(method: str, content: dict[str, object], why: str) -> None:
    with pytest.raises(BadBallot) as refusal:
        check(rules(method, "a:10 b:20 c:30", budget=40, ballot_within_budget=True), content)
    assert refusal.value.why == why


def test_rules_survive_their_json() -> None:
    given = Rules(
        "schulze",
        (Option("a", over_default=Fraction(3)), Option("none", 5)),
        default="none",
        default_quorum=Fraction(47, 2),
        quorum=Fraction(1, 2),
    )
    assert Rules.from_json(given.to_json()) == given


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"options": ()}, "nothing to choose"),
        ({"options": (Option("a"), Option("a"))}, "same id"),
        ({"seats": 0}, "seat"),
        ({"default": "x"}, "default"),
        ({"majority": Fraction(1, 2)}, "majority"),
        ({"raise_by": 0}, "step"),
        ({"options": (Option("a", -1),)}, "below zero"),
    ],
)
def test_rules_nobody_can_follow_are_refused(more: dict[str, object], why: str) -> None:
    with pytest.raises(BadRules, match=why):
        Rules(**{"method": "stv", "options": (Option("a"),), **more})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"scores": {"a": 7, "b": 3}}, ""),
        ({"scores": {}}, ""),
        ({"scores": {"a": 7, "b": 4}}, "too-many"),
        ({"scores": {"a": 0}}, "score-range"),
        ({"scores": {"a": True}}, "score-range"),
        ({"scores": {"x": 1}}, "unknown-option"),
        ({"choices": ["a"]}, "shape"),
    ],
)
def test_where_projects_are_given_points_there_are_so_many_in_all(content: dict[str, object], why: str) -> None:
    by_points = rules("greedy-skip", "a:10 b:20", budget=40, points=10)
    assert Rules.from_json(by_points.to_json()) == by_points
    if not why:
        return check(by_points, content)
    with pytest.raises(BadBallot) as refusal:
        check(by_points, content)
    assert refusal.value.why == why
    return None
