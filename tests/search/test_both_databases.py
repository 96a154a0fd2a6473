"""The same questions get the same answers on both databases."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.needs("postgresql")
def test_the_contract_holds_on_sqlite_too(tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/search.sqlite3", "GONGYI_HOME": str(tmp_path)}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *("--ds", "tests.search.settings_without_migrations", "tests/search/test_contract.py"),
        ],
        cwd=Path(__file__).parents[2],
        env={name: value for name, value in environment.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
