"""``count_ballots`` from the outside: every public election gives the outcome its organisers published."""

import json
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from civic.core.commands import BadInput
from tests.public_data import DATA

BALLOTS = DATA / "ballots"
BUDGETS = DATA / "budget"


def run(path: Path, method: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("count_ballots", str(path), method=method, stdout=out, stderr=StringIO(), **options)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def expected(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text())


@pytest.mark.needs("public-data")
@pytest.mark.parametrize("ward", ["stv-drum-brae-gyle-2017", "stv-dee-and-glenkens-2017"])
def test_a_scottish_ward_is_counted_to_five_decimals_at_every_stage(ward: str) -> None:
    official = expected(BALLOTS / ward)
    told = run(BALLOTS / ward / "ballots.blt", "stv")
    assert told["ballots"] == official["valid_ballots"]
    assert told["quota"] == official["official"]["quota"]
    assert len(told["stages"]) == official["stages"]
    for result in official["results"]:
        name = result["name_on_ballot_file"]
        assert [stage["totals"][name] for stage in told["stages"]] == [f"{n:.5f}" for n in result["stage_totals"]]
    elected = {result["name_on_ballot_file"] for result in official["results"] if result["elected"]}
    assert set(told["winners"]) == elected
    assert list(told) == ["method", "ballots", "blank", "winners", "quota", "stages"]


@pytest.mark.needs("public-data")
def test_debians_leader_of_2013_has_every_cell_and_both_checks() -> None:
    official = expected(BALLOTS / "condorcet-debian-leader-2013")
    quorum = official["quorum"][0]["needed"]
    told = run(BALLOTS / "condorcet-debian-leader-2013" / "tally.txt", "schulze", default="4", quorum=str(quorum))
    assert told["ballots"] == official["ballots"]
    assert told["options"] == official["options"]
    assert told["pairwise"] == official["official_pairwise"]
    assert told["winners"] == [official["options"][official["official_winner"] - 1]]
    assert [{**check, "reached": True} for check in official["quorum"]] == told["quorum"]
    assert [{**check, "reached": True} for check in official["majority"]] == told["majority"]


@pytest.mark.needs("public-data")
def test_burlington_gives_three_winners_by_three_rules() -> None:
    official = expected(BALLOTS / "irv-burlington-2009")
    path = BALLOTS / "irv-burlington-2009" / "ballots.blt"
    told = run(path, "irv")
    assert told["winners"] == [official["official"]["winner"]]
    assert told["stages"] == official["recomputed_rounds"]
    assert told["ballots"] + told["blank"] == official["ballots"]
    assert told["blank"] == official["empty_ballots"]
    pairs = run(path, "schulze")
    assert pairs["winners"] == [official["condorcet_winner"]]
    for name, row in official["pairwise"].items():
        counted = dict(zip(pairs["options"], pairs["pairwise"][pairs["options"].index(name)], strict=True))
        assert {other: counted[other] for other in row} == row
    first = told["stages"][0]["totals"]
    assert max(first, key=first.__getitem__) == official["plurality_winner"]


@pytest.mark.needs("public-data")
def test_utahs_approvals_are_added_up() -> None:
    official = expected(BALLOTS / "approval-utah-sd11-2025")
    told = run(BALLOTS / "approval-utah-sd11-2025" / "ballots.csv", "approval")
    assert told["totals"] == official["official_approvals"]
    assert told["winners"] == [official["winner"]]
    assert told["ballots"] == official["ballots"]


RULES = {
    "Poland_Swiecie_2023": "equal-shares",
    "Poland_Warszawa_2017_Saska_Kepa": "greedy-skip",
    "Poland_Czestochowa_2025_Lisiniec": "greedy-minimum",
    "Poland_Gdynia_2020_Chwarzno-Wiczlino__small": "greedy-stop",
}
SAYS = {
    "greedy-skip": "greedy_skip_equals_official",
    "greedy-stop": "greedy_stop_at_first_unaffordable_equals_official",
    "equal-shares": "equal_shares_cost_utility_add1_equals_official",
}


@pytest.mark.needs("public-data")
@pytest.mark.parametrize("instance", RULES)
def test_a_citys_budget_is_spent_as_the_city_decided(instance: str) -> None:
    (official,) = (city for city in expected(BUDGETS) if city["instance"] == instance)
    path = BUDGETS / f"{instance.lower()}.pb"
    told = run(path, RULES[instance])
    assert told["winners"] == official["official_selected"]
    assert told["cost"] == official["official_selected_cost"]
    assert told["budget"] == official["budget"]
    assert told["ballots"] + told["blank"] == official["votes"]
    assert run(path, "greedy-skip", outcome=True)["outcome"]["totals"] == official["score_of_each_project"]
    for method, fact in SAYS.items():
        if fact in official:
            assert (run(path, method)["winners"] == official["official_selected"]) is official[fact]


def small(folder: Path, name: str = "small.blt", text: str = "") -> Path:
    path = folder / name
    path.write_text(text or '3 1\n4 1 2 0\n3 2 0\n2 3 2 0\n0\n"Ann"\n"Bo"\n"Cy"\n"Club"\n')
    return path


def test_no_database_is_needed(tmp_path: Path) -> None:
    assert run(small(tmp_path), "irv")["winners"] == ["Bo"]


def test_seats_can_be_given_by_hand(tmp_path: Path) -> None:
    assert len(run(small(tmp_path), "stv", seats="2")["winners"]) == 2


def test_one_seat_may_be_named_where_only_one_is_filled(tmp_path: Path) -> None:
    for method in ("irv", "schulze"):
        assert run(small(tmp_path), method, seats="1") == run(small(tmp_path), method)


def test_names_are_printed_even_where_the_terminal_cannot_write_them(tmp_path: Path) -> None:
    raw = BytesIO()
    with TextIOWrapper(raw, encoding="ascii") as terminal:
        call_command("count_ballots", str(small(tmp_path, text="1 1\n1 1 0\n0\n甲\n")), method="irv", stdout=terminal)
        terminal.flush()
        assert json.loads(raw.getvalue())["winners"] == ["甲"]


def test_the_whole_outcome_is_told_when_asked(tmp_path: Path) -> None:
    assert run(small(tmp_path), "irv", outcome=True)["outcome"]["stages"][0]["excluded"] == ["Cy"]


def test_a_tie_decided_by_the_files_order_is_said_aloud(tmp_path: Path) -> None:
    told, said = StringIO(), StringIO()
    path = small(tmp_path, text='2 1\n1 1 0\n1 2 0\n0\n"Ann"\n"Bo"\n')
    call_command("count_ballots", str(path), method="irv", stdout=told, stderr=said)
    assert json.loads(told.getvalue())["winners"] == ["Ann"]
    assert said.getvalue() == "Stage 1: Ann, Bo are equal; decided by order.\n"


@pytest.mark.parametrize(
    ("method", "options", "why"),
    [
        ("approval", {}, "small.blt holds rankings, which approval does not count"),
        ("irv", {"seats": "2"}, "--seats means nothing to irv"),
        ("stv", {"seats": "0"}, "--seats is a number from 1, not '0'"),
        ("irv", {"default": "1"}, "--default, --quorum and --majority belong to schulze"),
        ("schulze", {"default": "9"}, "--default: there are 3 options, not 9"),
        ("schulze", {"quorum": "3"}, "say which with --default"),
        ("schulze", {"default": "3", "majority": ["1=x"]}, "--majority is written as 2=3:1, not '1=x'"),
        ("irv", {"seed": "zz"}, "--seed is written in hexadecimal digits"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    tmp_path: Path, method: str, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadInput, match=why) as refusal:
        run(small(tmp_path), method, **options)
    assert "\n" not in str(refusal.value)
    assert refusal.value.returncode == 2


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        run(tmp_path / "none.blt", "irv")


def test_a_method_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="invalid choice"):
        call_command("count_ballots", str(small(tmp_path)), "--method", "guess")


def test_a_majority_of_three_to_one_drops_who_only_wins_in_pairs(tmp_path: Path) -> None:
    text = "Option 1->: Amend\nOption 2->: Keep\nOption 3->: Further discussion\n" + "V: 123 x\n" * 3 + "V: 312 y\n" * 2
    path = small(tmp_path, "tally.txt", text)
    assert run(path, "schulze", default="3")["winners"] == ["Amend"]
    told = run(path, "schulze", default="3", majority=["1=3:1"])
    assert told["winners"] == ["Keep"]
    assert told["majority"][0] == {
        "option": 1,
        "over_default": 3,
        "under_default": 2,
        "ratio_needed": 3,
        "reached": False,
    }
