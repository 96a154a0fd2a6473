"""The embedded database beside the server: what a suite on PostgreSQL runs on SQLite as well."""

import os
import subprocess
import sys
from pathlib import Path

from tests import templated_database
from tests.journeys import site


def run_on_embedded(tests: str, *options: str, folder: Path) -> str:
    """Run a file of tests on a database of its own in a folder, by a pytest of its own; return what that said.

    Fails when one of them does.
    """
    migrated = templated_database.ready_sqlite(Path(os.environ["GONGYI_HOME"]) / "migrated")
    url = site._copy_sqlite(migrated, folder)
    environment = os.environ | {"DATABASE_URL": url, "GONGYI_HOME": str(folder), "DATABASE_IS_READY": "yes"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", tests, *options],
        cwd=templated_database.ROOT,
        env={name: value for name, value in environment.items() if not name.startswith("PYTEST_") and name != "CI"},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    return run.stdout
