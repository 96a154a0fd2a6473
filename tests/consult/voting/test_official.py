"""Public elections once more, cast into polls, closed and counted from the database: the outcome is the same.

``methods/test_official`` proves that ``count_ballots`` gives what the organisers published, stage by stage.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from civic.people.models import Person
from consult.voting import bundle, chain
from consult.voting.methods.ballots import read
from consult.voting.methods.files import read_election
from consult.voting.models import BulletinEntry, Poll
from tests.consult.conftest import AT
from tests.consult.voting.conftest import Drafter, faults, finish
from tests.consult.voting.elections import Cast, cast_singly, cast_together, planned
from tests.consult.voting.methods.test_official import BALLOTS, BUDGETS, RULES, expected
from tests.operation.installations import installation

pytestmark = [pytest.mark.needs("public-data"), pytest.mark.django_db]
Voters = Callable[[int], list[Person]]
Holder = Callable[..., tuple[Poll, dict[str, Any]]]
DEBIAN = BALLOTS / "condorcet-debian-leader-2013"


def printed(path: Path, method: str, seed: str, **options: Any) -> dict[str, Any]:
    """Return the whole outcome ``count_ballots`` prints for a file."""
    out = StringIO()
    call_command(
        "count_ballots", str(path), method=method, seed=seed, outcome=True, stdout=out, stderr=StringIO(), **options
    )
    told: dict[str, Any] = json.loads(out.getvalue())["outcome"]
    return told


@pytest.fixture
def hold(open_poll: Drafter, voters: Voters) -> Holder:
    """Return a function that holds a file's election in a poll: the counted poll, and its outcome in the file's names."""

    def run(path: Path, method: str, *, cast: Cast = cast_together, **counting: Any) -> tuple[Poll, dict[str, Any]]:
        election = read_election(path)
        plan = planned(election)
        people = voters(len(plan.ballots))
        if "default" in counting:
            counting["default"] = plan.choices[counting["default"] - 1].key
        if election.budget is not None:
            counting |= {"budget": election.budget, "raise_by": election.scale}
        if election.kind == "points":
            counting["points"] = max(sum(read(ballot)["scores"].values()) for ballot in election.ballots)
        poll = open_poll(choices=plan.choices, method=method, counting=counting)
        cast(poll, people, plan.ballots, AT)
        finish(poll)
        assert poll.result is not None
        assert poll.ballot_count == len(plan.ballots)
        return poll, plan.named(poll.result["outcome"])

    return run


def seed_of(poll: Poll) -> str:
    return chain.last_of(poll, BulletinEntry.Kind.CLOSED).hash


@pytest.mark.parametrize("ward", ["stv-drum-brae-gyle-2017", "stv-dee-and-glenkens-2017"])
def test_a_scottish_ward_is_the_same_to_five_decimals_at_every_stage(hold: Holder, ward: str) -> None:
    path, official = BALLOTS / ward / "ballots.blt", expected(BALLOTS / ward)
    poll, outcome = hold(path, "stv", seats=read_election(path).seats)
    assert outcome == printed(path, "stv", seed_of(poll))
    assert outcome["extra"]["quota"] == official["official"]["quota"]
    for result in official["results"]:
        totals = [stage["totals"][result["name_on_ballot_file"]] for stage in outcome["stages"]]
        assert totals == [f"{total:.5f}" for total in result["stage_totals"]]
    elected = {result["name_on_ballot_file"] for result in official["results"] if result["elected"]}
    assert set(outcome["winners"]) == elected
    assert faults() == []


def test_debians_leader_is_the_same_in_every_cell_when_each_votes_alone(hold: Holder) -> None:
    official = expected(DEBIAN)
    quorum = Fraction(str(official["quorum"][0]["needed"]))
    poll, outcome = hold(
        DEBIAN / "tally.txt", "schulze", cast=cast_singly, default=4,
        default_quorum=[quorum.numerator, quorum.denominator],
    )  # fmt: skip
    told = printed(DEBIAN / "tally.txt", "schulze", seed_of(poll), default="4", quorum=str(float(quorum)))
    assert outcome == told
    assert outcome["winners"] == [official["options"][official["official_winner"] - 1]]
    assert faults() == []


def test_burlington_gives_its_winner_and_every_round(hold: Holder) -> None:
    path, official = BALLOTS / "irv-burlington-2009" / "ballots.blt", expected(BALLOTS / "irv-burlington-2009")
    poll, outcome = hold(path, "irv")
    assert outcome == printed(path, "irv", seed_of(poll))
    assert outcome["winners"] == [official["official"]["winner"]]
    rounds = [{"totals": s["totals"], "exhausted": s["detail"]["exhausted"]} for s in outcome["stages"]]
    assert rounds == official["recomputed_rounds"]


def test_utahs_approvals_are_the_same(hold: Holder) -> None:
    folder = BALLOTS / "approval-utah-sd11-2025"
    poll, outcome = hold(folder / "ballots.csv", "approval")
    assert outcome == printed(folder / "ballots.csv", "approval", seed_of(poll))
    assert outcome["totals"] == expected(folder)["official_approvals"]
    assert outcome["winners"] == [expected(folder)["winner"]]


@pytest.mark.parametrize("instance", RULES)
def test_a_citys_budget_is_spent_as_the_city_decided(hold: Holder, instance: str) -> None:
    (official,) = (city for city in expected(BUDGETS) if city["instance"] == instance)
    path, method = BUDGETS / f"{instance.lower()}.pb", RULES[instance]
    least = {"minimum_score": read_election(path).minimum_score} if method == "greedy-minimum" else {}
    poll, outcome = hold(path, method, **least)
    assert outcome == printed(path, method, seed_of(poll))
    assert outcome["winners"] == official["official_selected"]


def test_ballots_of_points_pass_the_program_anybody_runs(hold: Holder, tmp_path: Path) -> None:
    poll, outcome = hold(BUDGETS / "poland_czestochowa_2025_lisiniec.pb", "greedy-minimum", minimum_score=300)
    (tmp_path / "bundle.zip").write_bytes(bundle.of(poll))
    verify = [sys.executable, "-I", str(bundle.VERIFIER), "bundle.zip"]
    said = subprocess.run(verify, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, ""), said.stdout
    assert outcome["valid"] == poll.ballot_count


#: The same on the embedded database: its rooms are files beside the main one.
HELD = """
import json, sys
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from civic.core import clock
from civic.core.clock import Window
from civic.people.models import Level, Person
from consult.voting import closing, counting, domain
from consult.voting.methods.files import read_election
from orgs.bodies.models import Organisation
from orgs.grants.domain import Holder, Scope, found
from tests.consult.voting.elections import cast_together, planned
at, day = clock.now(), timedelta(days=1)
plan = planned(read_election(Path(sys.argv[1])))
bureau = Organisation.objects.select_related("place").get(slug="transport-bureau")
official = Person.objects.get(email="official@demo.example")
found(holder=Holder(person=official), action="consult:poll:manage", scope=Scope(body=bureau),
      window=Window(at - day, at + day), reason="test", at=at - day)
people = Person.objects.bulk_create(
    Person(email=f"v{n}@test.example", level=Level.RESIDENT, residence=bureau.place, password="!")
    for n in range(len(plan.ballots)))
poll = domain.draft_poll(
    actor=official, at=at, choices=plan.choices, slug="leader", preset="advisory", title="领导", question="选谁？",
    method="schulze", place=bureau.place, sponsor=bureau, opens_at=at - day / 2, closes_at=at + day,
    counting={"default": plan.choices[3].key}, roll_rule={"kind": "residents", "place": bureau.place.code, "level": 1})
for step in (domain.announce, domain.draw_roll, domain.open_poll):
    step(poll=poll, actor=official, at=at - day)
cast_together(poll, people, plan.ballots, clock.now())
closing.close(poll_id=poll.pk, at=poll.closes_at)
counting.count_poll(poll_id=poll.pk, at=poll.closes_at)
poll.refresh_from_db()
outcome = plan.named(poll.result["outcome"])
print(json.dumps([outcome["winners"], outcome["extra"]["pairwise"], outcome["extra"]["options"]]))
"""


@pytest.mark.needs("postgresql")
def test_debians_leader_is_the_same_on_the_embedded_database(tmp_path: Path) -> None:
    official = expected(DEBIAN)
    with installation("sqlite", tmp_path, seeded=True) as where:
        script = where.python(HELD, str(DEBIAN / "tally.txt"))
        assert script.wait() == 0, script.told()
        proved = where.manage("prove", "votes", "ballot-chains", "ballot-batches", "ballot-guards")
    winners, pairwise, options = json.loads(script.told().splitlines()[-1])
    assert winners == [official["options"][official["official_winner"] - 1]]
    assert (options, pairwise) == (official["options"], official["official_pairwise"])
    assert proved.returncode == 0, proved.stdout
