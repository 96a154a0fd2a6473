from datetime import timedelta

from civic.core.backoff import JITTER, pause


def test_pauses_grow_up_to_a_limit_give_or_take_a_fifth() -> None:
    for attempts, seconds in ((1, 10), (2, 40), (3, 160), (4, 300), (50, 300)):
        for _ in range(20):
            found = pause(attempts, first=10, factor=4, most=300)
            assert timedelta(seconds=seconds * (1 - JITTER)) <= found <= timedelta(seconds=seconds * (1 + JITTER))


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({pause(3, first=10, factor=4, most=300) for _ in range(20)}) > 10
