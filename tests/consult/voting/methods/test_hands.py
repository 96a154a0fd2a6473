"""A show of hands: who must have come, and what more than half of them decide."""

from fractions import Fraction

import pytest

from consult.voting.methods.hands import Hall, Needs, fewest, outcome, verdict

HALF, TWO_THIRDS = Fraction(1, 2), Fraction(2, 3)
VILLAGERS = Needs(HALF, households=TWO_THIRDS)
DELEGATES = Needs(TWO_THIRDS, strictly=False)


def question(yes: int, no: int = 0, abstain: int = 0) -> dict[str, int]:
    return {"yes": yes, "no": no, "abstain": abstain}


@pytest.mark.parametrize(
    ("hall", "needs", "valid"),
    [
        (Hall(150, 75), VILLAGERS, False),
        (Hall(150, 76), VILLAGERS, True),
        (Hall(150, 60), VILLAGERS, False),
        (Hall(150, 60, 90, 60), VILLAGERS, True),
        (Hall(150, 60, 90, 59), VILLAGERS, False),
        (Hall(150, 60, 90, None), VILLAGERS, False),
        (Hall(30, 20), DELEGATES, True),
        (Hall(30, 19), DELEGATES, False),
        (Hall(150, 1), None, True),
    ],
)
def test_a_meeting_decides_when_enough_came(hall: Hall, needs: Needs | None, valid: bool) -> None:
    hands = question(hall.present)
    assert verdict(outcome("yes-no", hands, hall), hall, needs).binding is valid


@pytest.mark.parametrize(
    ("hands", "winners"),
    [(question(41, 30, 9), ("yes",)), (question(40, 30, 10), ("no",)), (question(40, 0, 0), ("no",))],
)
def test_a_question_is_carried_by_more_than_half_of_those_present(hands: dict[str, int], winners: tuple[str]) -> None:
    hall = Hall(150, 80)
    found = outcome("yes-no", hands, hall)
    assert found.winners == winners
    assert verdict(found, hall, VILLAGERS).carried is (winners == ("yes",))


def test_one_of_several_needs_more_than_half_of_those_present() -> None:
    hall = Hall(150, 80)
    most = outcome("choose", {"a": 40, "b": 30, "c": 10}, hall)
    assert most.winners == ()
    assert verdict(most, hall, VILLAGERS).carried is False
    assert outcome("choose", {"a": 41, "b": 30, "c": 9}, hall).winners == ("a",)


def test_two_that_get_there_alike_are_decided_by_no_lot() -> None:
    found = outcome("approval", {"a": 50, "b": 50}, Hall(150, 80))
    assert found.winners == ()
    assert found.ties == ()


def test_everybody_has_one_hand_and_under_approval_one_for_each_choice() -> None:
    assert fewest("choose", {"a": 40, "b": 30}) == 70
    assert fewest("approval", {"a": 40, "b": 30}) == 40
    assert outcome("approval", {"a": 40, "b": 30}, Hall(150, 80)).blank == 40


def test_every_number_has_its_base() -> None:
    hall = Hall(150, 80, 90, 50)
    checks = verdict(outcome("yes-no", question(70), hall), hall, VILLAGERS).to_json()["checks"]
    assert [(each["name"], each["have"], each["base"]) for each in checks] == [
        ("present", 80, 150), ("households", 50, 90), ("hands", 70, 80),
    ]  # fmt: skip


@pytest.mark.parametrize("needs", [VILLAGERS, DELEGATES, None])
def test_needs_are_frozen_as_data(needs: Needs | None) -> None:
    assert Needs.from_json(needs.to_json() if needs else None) == needs
