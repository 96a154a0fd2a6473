"""SIGKILL of web processes and of PostgreSQL while people speak and vote: what was answered with success is kept, once.

The worker's death is in ``test_killed``.  What no answer told may have happened or not, but never by half, and
whoever tries again gets what they wanted.  Three minutes and the whole machine: run by
``FAULTS=whole make test ARGS=tests/faults``, before a release and after every change of what is written when.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consult.voting.bundle import VERIFIER
from dev.paths import ROOT
from tests.faults.inside import ASKED, CHOICES, POLL
from tests.faults.town import Crowd, Errand, Link, Town, receipt_on, town

pytestmark = pytest.mark.needs("postgresql", "FAULTS=whole")
POSTS, VOTERS = 500, 2_000
SPEAKERS = 40
SAID = "SELECT text, count(*), min(id) FROM consult_discussion_contribution WHERE text LIKE %s GROUP BY text"
TOLD = "SELECT count(*), count(DISTINCT person_id) FROM civic_notify_notice WHERE kind = %s AND url = %s"


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, list[str]]]:
    """A town in which all voters are signed in, and their sessions."""
    folder, shared = tmp_path_factory.mktemp("killed"), Path(os.environ["GONGYI_HOME"]) / "journeys"
    with town(folder, shared) as here:
        yield here, here.ask("settle", str(VOTERS))["sessions"]


# --- speaking ------------------------------------------------------------------------------------------------------


class Speeches:
    """Comments; every second speaker sends theirs again until it is taken, the others walk away."""

    def __init__(self, name: str, sessions: list[str]) -> None:
        self.name = name
        self.sessions = sessions[:SPEAKERS]
        self.taken: dict[int, str] = {}
        self.unanswered: Counter[int] = Counter()

    def errands(self) -> list[Errand]:
        """Return what the crowd does."""
        return [self._saying(number) for number in range(POSTS)]

    def words(self, number: int) -> str:
        """Return the words of one comment."""
        return f"{self.name}说的第{number}句话"

    def _saying(self, number: int) -> Errand:
        fields = {"kind": "comment", "text": self.words(number), "submission": str(uuid.uuid4())}
        session = self.sessions[number % SPEAKERS]

        def say(link: Link) -> None:
            for _time in range(400):
                answer = link.post(f"/consultations/{ASKED}/say/", fields, session)
                if answer is not None and answer.status == 302 and "/contributions/" in answer.location:
                    self.taken[number] = answer.location
                    return
                assert answer is None or answer.status >= 500, answer.text
                self.unanswered[number] += 1
                if number % 2:
                    return
                time.sleep(0.05)

        return say


def everything_said_is_there_once(here: Town, speeches: Speeches) -> None:
    rows = {text: (count, pk) for text, count, pk in here.rows(SAID, f"{speeches.name}说的第%")}
    assert {count for count, _pk in rows.values()} == {1}
    for number in range(0, POSTS, 2):
        assert number in speeches.taken, number
    for number, location in speeches.taken.items():
        assert f"/contributions/{rows[speeches.words(number)][1]}/" in location
    # What was not answered is there once or not at all, and it is no more than what was in hand.
    unknown = len(rows) - len(speeches.taken)
    assert 0 <= unknown <= len([number for number in speeches.unanswered if number % 2])


def test_the_web_killed_amid_posts_keeps_each_that_was_answered_once(
    killed: tuple[Town, list[str]],
) -> None:
    here, sessions = killed
    speeches = Speeches("甲", sessions)
    crowd = Crowd(here, speeches.errands())
    for part, kill in ((0.16, here.kill_a_web_process), (0.4, here.kill_the_web), (0.7, here.kill_a_web_process)):
        crowd.wait_until_done(int(part * POSTS))
        kill()
    crowd.wait()

    assert sum(speeches.unanswered.values()) > 0
    here.ask("deliver")
    everything_said_is_there_once(here, speeches)
    here.prove()


def test_postgresql_killed_amid_posts_keeps_each_that_was_answered_once(
    killed: tuple[Town, list[str]],
) -> None:
    here, sessions = killed
    speeches = Speeches("乙", sessions)
    participants = here.ask("extend")
    crowd = Crowd(here, speeches.errands())
    here.kill_postgresql()  # while the worker tells them
    crowd.wait_until_done(min(crowd.done + POSTS // 5, POSTS))
    here.kill_postgresql()
    crowd.wait()

    assert sum(speeches.unanswered.values()) > 0
    here.site.check()
    here.ask("deliver")
    everything_said_is_there_once(here, speeches)
    [(notices, told)] = here.rows(TOLD, "consult:extended", f"/consultations/{ASKED}/")
    assert notices == told >= participants
    here.prove()


# --- voting --------------------------------------------------------------------------------------------------------


class Votes:
    """Voters, each with one ballot, and what each of them saw."""

    def __init__(self, sessions: list[str]) -> None:
        self.sessions = sessions
        self.receipts: dict[int, str] = {}
        self.refused: set[int] = set()

    def errands(self, voters: list[int]) -> list[Errand]:
        """Return what the crowd does: each casts once and goes home, whatever happens."""
        return [self._casting(voter) for voter in voters]

    def _casting(self, voter: int) -> Callable[[Link], object]:
        fields = {"choice": CHOICES[voter % len(CHOICES)].key, "cast": "1"}

        def cast(link: Link) -> None:
            answer = link.post(f"/polls/{POLL}/check/", fields, self.sessions[voter])
            if answer is None or answer.status >= 500:
                time.sleep(0.25)  # so that a moment without a site is not everybody's turn
            elif answer.status == 200:
                self.receipts[voter] = receipt_on(answer.text)
            else:
                assert answer.status == 409, answer.text
                self.refused.add(voter)

        return cast


def marked(here: Town) -> set[str]:
    """Return whom the roll has marked, by address."""
    statement = (
        "SELECT p.email FROM ballot_roll.mark m JOIN civic_people_person p ON p.id = m.person_id"
        " JOIN consult_voting_poll q ON q.id = m.poll_id WHERE q.slug = %s"
    )
    return {email for (email,) in here.rows(statement, POLL)}


def test_web_and_postgresql_killed_amid_casts_count_every_voter_once(
    killed: tuple[Town, list[str]], tmp_path: Path
) -> None:
    here, sessions = killed
    votes = Votes(sessions)
    crowd = Crowd(here, votes.errands(list(range(VOTERS))))
    kills: list[tuple[float, Callable[[], None]]] = [
        (0.15, here.kill_a_web_process), (0.35, here.kill_postgresql), (0.55, here.kill_the_web),
        (0.75, here.kill_postgresql),
    ]  # fmt: skip
    for part, kill in kills:
        crowd.wait_until_done(int(part * VOTERS))
        kill()
    crowd.wait()

    # Whoever saw a receipt is marked; of those who saw none, some may be: their answer was lost, not their ballot.
    on_roll = {int(email.split("@")[0][1:]) for email in marked(here)}
    unanswered = set(range(VOTERS)) - set(votes.receipts)
    assert votes.refused == set()
    assert on_roll.issuperset(votes.receipts)
    assert len(on_roll & unanswered) <= crowd.people * len(kills)
    assert unanswered - on_roll

    # Everybody else votes now, and nobody a second time.
    Crowd(here, votes.errands(sorted(unanswered))).wait()
    assert votes.refused == on_roll & unanswered
    assert len(votes.receipts) + len(votes.refused) == VOTERS
    assert len(set(votes.receipts.values())) == len(votes.receipts)

    counted = here.ask("end_the_vote")
    kill_while_people_are_told(here)
    assert counted["ballots"] == counted["marks"] == VOTERS
    totals = Counter(CHOICES[voter % len(CHOICES)].key for voter in range(VOTERS))
    assert counted["outcome"]["totals"] == dict(totals)
    receipts = tmp_path / "receipts.json"
    receipts.write_text(json.dumps(list(votes.receipts.values())))
    assert here.ask("look_up", str(receipts)) == {"counted": len(votes.receipts)}
    verified = verify(here, tmp_path / "bundle.zip")
    assert verified.returncode == 0, verified.stdout + verified.stderr

    here.ask("deliver")
    assert here.rows(TOLD, "consult:poll-counted", f"/polls/{POLL}/") == [(on_the_roll(here), on_the_roll(here))]
    here.prove()


def on_the_roll(here: Town) -> int:
    [(size,)] = here.rows("SELECT roll_size FROM consult_voting_poll WHERE slug = %s", POLL)
    return int(size)


def kill_while_people_are_told(here: Town) -> None:
    """End the database server while the worker writes down the notices."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE 'INSERT INTO \"civic_notify_%'"
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and here.rows(busy) == [(0,)]:
        time.sleep(0.005)
    here.kill_postgresql(away=0)


def verify(here: Town, bundle: Path) -> "subprocess.CompletedProcess[str]":
    here.ask("write_bundle", str(bundle))
    return subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(bundle)], capture_output=True, text=True, check=False
    )


# --- bringing in ---------------------------------------------------------------------------------------------------

PARTICIPANTS, STATEMENTS = 3_000, 40


def conversation(folder: Path) -> Path:
    """Write an export: every participant on every statement."""
    folder.mkdir()
    moment = 1_403_067_224_363
    lines = ["timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body"]
    lines += [f"{moment + n},-,{n},{n},0,0,1,第{n}句话" for n in range(STATEMENTS)]
    (folder / "comments.csv").write_text("\n".join(lines) + "\n")
    votes = ["timestamp,datetime,comment-id,voter-id,vote"]
    votes += [
        f"{moment + n},-,{statement},{n},{n % 3 - 1}" for statement in range(STATEMENTS) for n in range(PARTICIPANTS)
    ]
    (folder / "votes.csv").write_text("\n".join(votes) + "\n")
    return folder


def test_an_import_killed_twice_leaves_nothing_half_done_and_is_finished_by_the_third_run(
    killed: tuple[Town, list[str]], tmp_path: Path
) -> None:
    here, _sessions = killed
    command = ["import_polis", str(conversation(tmp_path / "export")), "--consultation", "brought-in"]
    opinions = (
        "SELECT count(*) FROM consult_opinions_opinion o JOIN consult_opinions_importedstatement s"
        " ON s.contribution_id = o.statement_id JOIN consult_consultations_consultation c"
        " ON c.id = s.consultation_id WHERE c.slug = 'brought-in'"
    )
    people = "SELECT count(*) FROM civic_people_person WHERE is_imported"
    [(before,)] = here.rows(people)

    # First while the people and statements are being written, which is one transaction …
    written = "SELECT count(*) FROM pg_locks WHERE mode = 'RowExclusiveLock' AND relation = %s::regclass"
    kill_import(here, command, lambda: here.rows(written, "consult_opinions_importedparticipant") != [(0,)])
    assert here.rows(opinions) == [(0,)]
    assert here.rows(people) == [(before,)]

    # … then between the opinions, of which each batch is one.
    kill_import(here, command, lambda: here.rows(opinions) != [(0,)])
    [(stored,)] = here.rows(opinions)
    assert 0 < stored < PARTICIPANTS * STATEMENTS
    assert stored % PARTICIPANTS == 0
    assert here.rows(people) == [(before + PARTICIPANTS,)]
    here.prove()

    done = here.where.manage(*command)
    assert (done.returncode, json.loads(done.stdout.splitlines()[-1])) == (
        0,
        {
            "participants": PARTICIPANTS,
            "statements": STATEMENTS,
            "votes": PARTICIPANTS * STATEMENTS,
            "rejected_rows": 0,
        },
    )
    here.prove()


def kill_import(here: Town, command: list[str], when: Callable[[], Any]) -> None:
    """Start the import, and end it as soon as the database says so."""
    arguments = [sys.executable, "manage.py", *command]
    process = subprocess.Popen(
        arguments, cwd=ROOT, env=here.where.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not when():
        assert process.poll() is None, "the import was too quick"
        assert time.monotonic() < deadline
    process.kill()
    process.wait()
    # The server learns of it when it next talks to the dead.
    alive = "SELECT count(*) FROM pg_locks WHERE mode = 'RowExclusiveLock' AND relation = %s::regclass"
    while here.rows(alive, "consult_opinions_importedstatement") != [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
