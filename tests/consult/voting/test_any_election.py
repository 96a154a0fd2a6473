"""Elections drawn at random, one for each method, cast into polls: the box gives what the ballots give by themselves."""

from collections.abc import Callable

import pytest

from civic.people.models import Person
from consult.voting import chain
from consult.voting.methods.ballots import BUDGETS
from consult.voting.methods.file_shape import Election
from consult.voting.methods.registry import METHODS, count
from consult.voting.models import BulletinEntry
from tests.consult.conftest import AT
from tests.consult.voting.conftest import Drafter, faults, finish
from tests.consult.voting.elections import cast_together, planned
from tests.consult.voting.methods.test_properties import drawn


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS)
def test_the_box_gives_what_the_ballots_give(
    open_poll: Drafter, voters: Callable[[int], list[Person]], method: str
) -> None:
    rules, drawn_ballots = drawn(method, 7)
    plan = planned(Election(kind="rankings", options=rules.options, ballots=drawn_ballots))
    counting = {"seats": rules.seats} if method == "stv" else {"budget": 60} if method in BUDGETS else {}
    if method == "greedy-minimum":
        counting["minimum_score"] = 3
    people = voters(len(plan.ballots))
    poll = open_poll(choices=plan.choices, method=method, counting=counting)
    cast_together(poll, people, plan.ballots, AT)
    finish(poll)
    seed = bytes.fromhex(chain.last_of(poll, BulletinEntry.Kind.CLOSED).hash)
    tally = {ballot: plan.ballots.count(ballot) for ballot in plan.ballots}
    assert poll.result is not None
    assert poll.result["outcome"] == count(poll.counting_rules, tally, seed).to_json()
    assert faults() == []
