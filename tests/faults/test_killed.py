"""Processes killed in the middle of their work: what was promised is kept when they come back."""

import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from dev.paths import ROOT, VENV_PYTHON
from dev.processes import Child, stop
from tests.operation.installations import Installation, installation
from tests.operation.mail_server import MailServer

pytestmark = pytest.mark.needs("postgresql")
PEOPLE = 200
#: Owes two hundred people a notice, as something that was recorded does.
TELL = """
from django.db import transaction
from civic.audit.models import Entry
from civic.core import clock
from civic.notify.domain import tell
from civic.people.models import Level, Person
people = [Person(email=f"p{n}@mail.test", level=Level.CONTACT) for n in range(200)]
Person.objects.bulk_create(people)
with transaction.atomic():
    told = tell(kind="consult:outcome", entry=Entry.objects.latest("pk"), at=clock.now(),
                recipients=[(person, {"title": "x"}, "/") for person in people])
print(told)
"""
#: Five minutes pass for the mails whose sender died, and the sweeper looks for them.
SWEEP = """
from datetime import timedelta
from django.db.models import F
from civic.notify import tasks
from civic.notify.models import Message
mine = Message.objects.filter(notice__person__email__endswith="@mail.test")
mine.filter(status="sending").update(due_at=F("due_at") - timedelta(minutes=5))
tasks.sweep()
print(mine.count(), mine.filter(status="sent").count(), mine.values("notice__person").distinct().count())
"""
IN_HAND = """
from civic.notify.models import Message
print(Message.objects.filter(notice__person__email__endswith="@mail.test", status="sending").count())
"""


def worker(where: Installation) -> Child:
    """Start a worker that has two mails in hand at most."""
    command = [str(VENV_PYTHON), "-m", "celery", "--quiet", "-A", "civic", "worker", "-P", "threads", "-c", "2"]
    command += ["-l", "WARNING", "--without-gossip", "--without-mingle"]
    return Child("worker", command, env=where.env, cwd=ROOT, log=where.home / "log" / "worker.log")


def wait_for_mails(mail: MailServer, count: int) -> None:
    deadline = time.monotonic() + 180
    while len(mail.mails) < count:
        assert time.monotonic() < deadline, len(mail.mails)
        time.sleep(0.01)


def test_a_worker_killed_amid_two_hundred_notices_leaves_nobody_out(tmp_path: Path) -> None:
    """Each notice exists once; each mail leaves, and only one in hand at the kill may leave again, under its own key.

    Exactly once ends at the mail server's door (docs/decisions/0005-sending-once.md):
    the second copy has the first one's Message-ID, by which receivers drop it.
    """
    mail = MailServer()
    mail.pauses_at = 40  # so that however slow we are, the kill comes in the middle, with mails in hand
    with installation("postgresql", tmp_path, seeded=True) as made:
        where = Installation(made.home, made.env | {"EMAIL_URL": mail.url, "QUIET_HOURS": "none"})
        running = [worker(where)]
        try:
            assert where.ask(TELL).splitlines()[-1] == str(PEOPLE)
            wait_for_mails(mail, mail.pauses_at)
            running[0].signal_group(signal.SIGKILL)
            running[0].process.wait()
            mail.open.set()
            in_hand = int(where.ask(IN_HAND).splitlines()[-1])
            before = len([each for each in mail.mails if str(each["To"]).endswith("@mail.test")])
            assert before < PEOPLE
            assert in_hand <= 2

            running.append(worker(where))
            counts = where.ask(SWEEP).splitlines()[-1]
        finally:
            stop(running)
            mail.shutdown()
            mail.server_close()
        # What the town was made from may have waited for its seal since before this test.
        where.manage("seal_record")
        proved = where.manage("prove")

    sent = Counter((each["To"], each["Message-ID"]) for each in mail.mails if str(each["To"]).endswith("@mail.test"))
    people = Counter(to for to, _key in sent)
    assert counts == f"{PEOPLE} {PEOPLE} {PEOPLE}"
    assert len(people) == PEOPLE
    assert set(people.values()) == {1}
    assert sum(sent.values()) - PEOPLE <= in_hand
    assert (proved.returncode, proved.stderr) == (0, "")
