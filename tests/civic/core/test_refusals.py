from civic.core.refusals import SIGN_IN, Reason, Refused


def test_a_reason_fills_in_its_placeholders() -> None:
    reason = Reason("late", "Closed on %(day)s.").with_(day="Friday")

    assert str(reason) == "Closed on Friday."


def test_a_reason_is_the_same_whatever_fills_it() -> None:
    reason = Reason("late", "Closed on %(day)s.")

    assert reason.with_(day="Friday") == reason.with_(day="Monday")


def test_a_reason_without_values_may_hold_a_percent_sign() -> None:
    assert str(Reason("half", "At least 50% is needed.")) == "At least 50% is needed."


def test_a_refusal_speaks_its_reason_and_knows_whether_the_world_moved() -> None:
    refused = Refused(SIGN_IN, conflict=True)

    assert str(refused) == str(SIGN_IN)
    assert refused.conflict
