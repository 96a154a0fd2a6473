"""Some hundred hostile inputs into the real site; ``make fuzz`` sends ten thousand."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import fuzz
from dev.site import Site
from tests.journeys import site as sites

pytestmark = pytest.mark.needs("browser")
COUNT, SEED, PAGES = 300, 4, 6
SHARED = Path(os.environ["GONGYI_HOME"]) / "journeys"


@pytest.fixture
def roomy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose limits stop nobody: they would hide what lies behind them."""
    monkeypatch.setenv("RATE_LIMIT_FACTOR", "1000000")
    with sites.running("sqlite", tmp_path, SHARED, walked=True) as running:
        yield running


def test_hostile_inputs_break_nothing_and_leave_no_script(roomy: Site, browser: Any) -> None:
    known = sites.pages_of(SHARED)
    report = fuzz.run(roomy, dict(roomy._env), count=COUNT, seed=SEED, browser=browser, pages=PAGES, known=known)
    assert (report.sent, report.faults) == (COUNT, [])
    # It must have been let in: a site that refused everything would prove nothing.
    assert report.statuses[200] > COUNT // 10
