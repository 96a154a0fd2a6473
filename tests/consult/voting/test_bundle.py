"""What is downloaded from a result page is what an outsider can verify, at home and years later."""

import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from civic.core import clock, limits
from civic.people.models import Person
from consult.voting import bundle, paper
from consult.voting.casting import cast
from tests.consult.conftest import AT, DAY
from tests.consult.voting.conftest import CLOSES, finish
from tests.consult.voting.test_points import POINTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(open_poll: Any, voters: Any) -> Any:
    people = voters(25)
    poll = open_poll()
    for n, each in enumerate(people):
        cast(poll=poll, person=each, content={"choices": ["park" if n % 3 else "road"]}, at=AT)
    return finish(poll)


def test_the_program_and_the_bundle_of_the_site_verify(counted: Any, client: Client, tmp_path: Path) -> None:
    for name, path in (("b.zip", f"/polls/{counted.slug}/bundle.zip"), ("v.py", "/polls/gongyi_verify.py")):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
        (tmp_path / name).write_bytes(answer.content)
    said = subprocess.run(
        [sys.executable, "-I", "v.py", "b.zip"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (said.returncode, said.stderr) == (0, ""), said.stdout


def test_a_poll_with_paper_ballots_verifies_too(
    open_poll: Any, voters: Any, clerk: Person, keyers: list[Person], tmp_path: Path
) -> None:
    people = voters(25)
    poll = open_poll(paper_until=CLOSES + DAY)
    slips = paper.make_pack(poll=poll, actor=clerk, slips=14, submission=uuid.uuid4(), at=AT).slips
    for each in people[12:]:
        cast(poll=poll, person=each, content={"choices": ["road"]}, at=AT)
    for each, slip in zip(people[:12], slips, strict=False):
        paper.hand_out(poll=poll, person=each, actor=clerk, at=AT)
        for keyer in keyers[:2]:
            paper.key(poll=poll, actor=keyer, code=slip.code, content={"choices": ["park"]}, at=CLOSES)
    (tmp_path / "b.zip").write_bytes(bundle.of(finish(poll, at=CLOSES + DAY)))
    said = subprocess.run(
        [sys.executable, "-I", bundle.VERIFIER, "b.zip"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (said.returncode, said.stderr) == (0, ""), said.stdout
    assert poll.ballot_count == 25


def test_a_budget_in_points_verifies_too(open_poll: Any, voters: Any, tmp_path: Path) -> None:
    people = voters(25)
    poll = open_poll(**POINTS | {"method": "equal-shares"})
    for n, each in enumerate(people):
        given = {"park": 7, "bus": 3} if n % 3 else {"road": 9}
        cast(poll=poll, person=each, content={"scores": given}, at=AT)
    (tmp_path / "b.zip").write_bytes(bundle.of(finish(poll)))
    said = subprocess.run(
        [sys.executable, "-I", bundle.VERIFIER, "b.zip"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (said.returncode, said.stderr) == (0, ""), said.stdout


def test_the_same_poll_gives_the_same_bytes(counted: Any) -> None:
    assert bundle.of(counted) == bundle.of(counted)


def test_nobody_downloads_the_ballots_of_a_poll_that_is_not_counted(open_poll: Any, client: Client) -> None:
    assert client.get(f"/polls/{open_poll().slug}/bundle.zip").status_code == 404


@pytest.mark.parametrize("path", ["/polls/what-first/bundle.zip", "/polls/gongyi_verify.py"])
def test_what_is_packed_anew_for_everybody_who_asks_is_not_asked_for_without_end(
    counted: Any, client: Client, settings: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)  # all of it within one window
    settings.RATE_LIMIT_FACTOR = 1
    monkeypatch.setitem(limits.LIMITS, "download", limits.Limit(network="2/m"))
    asks = [client.get, client.head, client.get]
    assert [ask(path).status_code for ask in asks] == [200, 200, 429]
