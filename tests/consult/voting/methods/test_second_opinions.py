"""Libraries of others count the same elections; where their rule is ours, the result must be too."""

import random
from collections import Counter
from importlib import import_module

import pytest

from consult.voting.methods.ballots import read
from consult.voting.methods.file_shape import Election
from consult.voting.methods.files import read_election
from consult.voting.methods.registry import count
from consult.voting.methods.rules import Option, Rules
from tests.consult.voting.methods.test_properties import drawn
from tests.public_data import DATA


def test_pyrankvote_elects_the_same_by_instant_run_off() -> None:
    library = import_module("pyrankvote")  # typed nowhere
    compared = 0
    for seed in range(40):
        rules, ballots = drawn("irv", seed)
        outcome = count(rules, ballots, b"s")
        if outcome.ties or not outcome.winners:
            continue  # it draws ties at random
        people = {option: library.Candidate(option) for option in rules.ids}
        papers = []
        for ballot, number in ballots.items():
            ranked = [people[group[0]] for group in read(ballot)["ranking"]]
            papers += [library.Ballot(ranked_candidates=ranked)] * (number if ranked else 0)
        result = library.instant_runoff_voting(list(people.values()), papers)
        assert tuple(str(winner) for winner in result.get_winners()) == outcome.winners, seed
        compared += 1
    assert compared > 20


def shared(election: Election, step: int = 1) -> set[str]:
    """Return what pabutools buys by equal shares with ``step`` more for everybody in each round."""
    elections, rules = import_module("pabutools.election"), import_module("pabutools.rules")
    projects = {option.id: elections.Project(option.id, option.cost or 0) for option in election.options}
    instance = elections.Instance(projects.values(), budget_limit=election.budget)
    profile = elections.ApprovalProfile(
        elections.ApprovalBallot(projects[name] for name in read(ballot)["choices"])
        for ballot, number in election.ballots.items()
        for _again in range(number)
    )
    bought = rules.method_of_equal_shares(
        instance, profile.as_multiprofile(), sat_class=elections.Cost_Sat, voter_budget_increment=step
    )
    return {project.name for project in bought}


@pytest.mark.needs("public-data", "pabutools")
def test_pabutools_buys_the_same_in_swiecie() -> None:
    election = read_election(DATA / "budget" / "poland_swiecie_2023.pb")
    rules = Rules("equal-shares", election.options, budget=election.budget, raise_by=20)
    assert set(count(rules, election.ballots).winners) == shared(election, step=20)


@pytest.mark.needs("pabutools")
def test_pabutools_buys_the_same_in_small_elections() -> None:
    compared = 0
    for seed in range(60):
        dice = random.Random(seed)
        rules, drawn_ballots = drawn("equal-shares", seed)
        options = tuple(Option(option.id, dice.randint(50, 900)) for option in rules.options)
        ballots = Counter({ballot: n for ballot, n in drawn_ballots.items() if read(ballot)["choices"]})
        outcome = count(Rules("equal-shares", options, budget=1000), ballots, b"s")
        if outcome.ties or not ballots:
            continue
        election = Election(kind="budget", options=options, ballots=ballots, budget=1000)
        compared += 1
        assert set(outcome.winners) == shared(election), seed
    assert compared > 20
