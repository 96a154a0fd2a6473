import pytest
from django.core.exceptions import ImproperlyConfigured

from civic.settings import env


@pytest.mark.parametrize(("value", "hours"), [("", (21, 8)), ("22-7", (22, 7)), ("0-5", (0, 5)), ("none", None)])
def test_quiet_hours_are_two_hours_or_none(
    monkeypatch: pytest.MonkeyPatch, value: str, hours: tuple[int, int] | None
) -> None:
    monkeypatch.setenv("QUIET_HOURS", value)
    assert env.hours("QUIET_HOURS", default="21-8") == hours


@pytest.mark.parametrize("value", ["21", "21-24", "8-8", "9pm-8am", "-8", "21-", "２１-8x"])
def test_anything_else_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("QUIET_HOURS", value)
    with pytest.raises(ImproperlyConfigured, match="QUIET_HOURS"):
        env.hours("QUIET_HOURS", default="21-8")
