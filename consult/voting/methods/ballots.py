"""The content of a ballot: its one written form, and what makes it unfit."""

import json
from collections.abc import Mapping
from typing import Any

from consult.voting.methods.rules import Rules

RANKED = ("irv", "stv", "schulze")
SCORED = ("score",)
BUDGETS = ("greedy-skip", "greedy-stop", "greedy-minimum", "equal-shares")
CHOSEN = ("yes-no", "choose", "approval", *BUDGETS)

Content = Mapping[str, Any]

_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class BadBallot(ValueError):
    """A ballot that cannot be counted; ``why`` is a short code for the page that refuses it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def canonical(content: Content) -> bytes:
    """Return the one way this content is written, which is what is hashed, stored and counted.

    Order that means nothing is put in order: choices and options of equal rank by id.
    """
    ordered: dict[str, Any] = dict(content)
    if "choices" in ordered:
        ordered["choices"] = sorted(ordered["choices"])
    if "ranking" in ordered:
        ordered["ranking"] = [sorted(group) for group in ordered["ranking"]]
    return _WRITER.encode(ordered).encode()


def read(ballot: bytes) -> dict[str, Any]:
    """Return the content that was written by ``canonical``."""
    content: dict[str, Any] = json.loads(ballot)
    return content


def check(rules: Rules, content: Content) -> None:
    """Raise ``BadBallot`` unless these rules allow this content.

    The codes: ``shape``, ``unknown-option``, ``twice``, ``too-many``, ``over-budget``, ``tie``, ``score-range``.
    """
    if not isinstance(content, Mapping) or len(content) != 1:
        raise BadBallot("shape")
    if rules.method in RANKED:
        _check_ranking(rules, content.get("ranking"))
    elif rules.method in SCORED:
        _check_scores(rules, content.get("scores"))
    elif rules.method in BUDGETS and rules.points is not None:
        _check_points(rules, content.get("scores"))
    else:
        _check_choices(rules, content.get("choices"))


def _check_choices(rules: Rules, choices: Any) -> None:
    _check_ids(rules, choices)
    most = 1 if rules.method == "yes-no" else rules.max_choices
    if rules.method == "choose" and most is None:
        most = 1
    if most is not None and len(choices) > most:
        raise BadBallot("too-many")
    if rules.method in BUDGETS and rules.ballot_within_budget and rules.budget is not None:
        costs = {option.id: option.cost or 0 for option in rules.options}
        if sum(costs[choice] for choice in choices) > rules.budget:
            raise BadBallot("over-budget")


def _check_scores(rules: Rules, scores: Any) -> None:
    if not isinstance(scores, Mapping):
        raise BadBallot("shape")
    _check_ids(rules, list(scores))
    for score in scores.values():
        if type(score) is not int or not 0 <= score <= rules.max_score:
            raise BadBallot("score-range")


def _check_points(rules: Rules, points: Any) -> None:
    if not isinstance(points, Mapping):
        raise BadBallot("shape")
    _check_ids(rules, list(points))
    if any(type(given) is not int or given < 1 for given in points.values()):
        raise BadBallot("score-range")
    if rules.points is not None and sum(points.values()) > rules.points:
        raise BadBallot("too-many")


def _check_ranking(rules: Rules, ranking: Any) -> None:
    if not isinstance(ranking, (list, tuple)):
        raise BadBallot("shape")
    if any(not isinstance(group, (list, tuple)) or not group for group in ranking):
        raise BadBallot("shape")
    ranked = [option for group in ranking for option in group]
    _check_ids(rules, ranked)
    if rules.method != "schulze" and any(len(group) > 1 for group in ranking):
        raise BadBallot("tie")
    if rules.max_choices is not None and len(ranked) > rules.max_choices:
        raise BadBallot("too-many")


def _check_ids(rules: Rules, ids: Any) -> None:
    if not isinstance(ids, (list, tuple)) or any(not isinstance(option, str) for option in ids):
        raise BadBallot("shape")
    if not set(ids) <= set(rules.ids):
        raise BadBallot("unknown-option")
    if len(set(ids)) != len(ids):
        raise BadBallot("twice")
