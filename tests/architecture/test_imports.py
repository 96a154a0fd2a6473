"""Dependencies point down, and the linter that says so would notice if they did not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("civic", "search", "orgs", "consult")

#: Contract → a file and a line that breaks it.
BREACHES = {
    "packages": ("civic/places/models.py", "from orgs.bodies import queries"),
    "civic": ("civic/core/states.py", "import civic.places.models"),
    "orgs": ("orgs/bodies/queries.py", "import orgs.grants.domain"),
    "consult": ("consult/consultations/rules.py", "import consult.discussion.rules"),
    "files": ("consult/consultations/models.py", "import consult.consultations.domain"),
    "grants": ("consult/consultations/queries.py", "import orgs.grants.models"),
    "engine": ("orgs/bodies/queries.py", "import elasticsearch"),
}


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's Python to break."""
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        if (ROOT / package).exists():
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("static", "data", "*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_holds() -> None:
    answer = lint(ROOT)

    assert answer.returncode == 0, answer.stdout


def test_every_contract_is_broken_once_below() -> None:
    import tomllib

    config = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert {contract["id"] for contract in config["tool"]["importlinter"]["contracts"]} == set(BREACHES)


@pytest.mark.parametrize("contract", BREACHES)
def test_the_linter_notices_a_breach(copy: Path, contract: str) -> None:
    name, line = BREACHES[contract]
    path = copy / name
    whole = path.read_text()
    path.write_text(f"{line}\n{whole}")
    try:
        answer = lint(copy, "--contract", contract)
    finally:
        path.write_text(whole)

    assert answer.returncode == 1, answer.stdout
    assert "BROKEN" in answer.stdout
