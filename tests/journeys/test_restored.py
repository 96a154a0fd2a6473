"""A site restored from a backup that was taken while people wrote: it proves, and the main road can be walked on it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.processes import free_port
from dev.site import Site
from tests.journeys.conftest import Face, NewPage
from tests.journeys.test_main_story import SignIn, walk_the_road
from tests.operation.installations import installation
from tests.operation.test_backups import WRITER

# That a backup taken under load restores and proves is shown in every run (tests/operation/test_backups.py).
pytestmark = pytest.mark.needs("postgresql", "browser", "FAULTS=whole")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The processes over the restored installation."""
    folder = tmp_path_factory.mktemp("restored")
    (folder / "old").mkdir()
    (folder / "new").mkdir()
    static = Path(os.environ["GONGYI_HOME"]) / "journeys" / "static"
    with (
        installation("postgresql", folder / "old", seeded=True) as old,
        installation("postgresql", folder / "new", seeded=False) as new,
    ):
        stop = folder / "stop"
        writers = [old.python(WRITER, str(stop), name) for name in ("wang", "li")]
        for writer in writers:
            writer.wait_until_it_says("1")
        taken = old.manage("backup", str(folder / "backup"))
        stop.touch()
        for writer in writers:
            assert writer.wait() == 0, writer.told()
        assert taken.returncode == 0, taken.stderr
        given = new.manage("restore", str(folder / "backup"))
        assert (given.returncode, given.stderr) == (0, "")
        proved = new.manage("prove")
        assert proved.returncode == 0, proved.stdout
        port = free_port()
        env = new.env | {"BASE_URL": f"http://localhost:{port}", "STATIC_ROOT": str(static)}
        with Site(home=new.home, port=port, env=env) as running:
            yield running


def test_on_a_restored_site_a_policy_travels_from_draft_to_everybody_knowing(
    site: Site, new_page: NewPage, sign_in: SignIn, axe: Callable[[Any], list[str]]
) -> None:
    walk_the_road(site, new_page, sign_in, axe, Face())
