import pytest

from civic.core.states import Machine, Transition

STATES = frozenset({"draft", "open", "closed"})
OPEN = Transition("open", frozenset({"draft"}), "open", action="t:open", entry="t:opened")


def test_a_machine_finds_its_moves_by_name() -> None:
    assert Machine("thing", STATES, (OPEN,)).transition("open") is OPEN


def test_an_unlisted_move_does_not_exist() -> None:
    with pytest.raises(KeyError, match="no transition close"):
        Machine("thing", STATES, (OPEN,)).transition("close")


@pytest.mark.parametrize(
    "wrong",
    [
        Transition("lose", frozenset({"open"}), "lost", action="t:open", entry="t:opened"),
        Transition("find", frozenset({"lost"}), "open", action="t:open", entry="t:opened"),
    ],
)
def test_a_move_from_or_to_an_unknown_state_is_refused(wrong: Transition) -> None:
    with pytest.raises(ValueError, match="unknown state"):
        Machine("thing", STATES, (OPEN, wrong))


def test_two_moves_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="share a name"):
        Machine("thing", STATES, (OPEN, OPEN))
