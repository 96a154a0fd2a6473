"""A backup taken while people write, restored elsewhere: everything fits together."""

import json
import signal
from pathlib import Path

import pytest

from tests.operation.installations import installation

#: Writes contributions and documents until told to stop; says each that is committed.
WRITER = """
import sys, time, uuid
from pathlib import Path
from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.documents.models import Document
from civic.core import clock
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import domain
stop, name = Path(sys.argv[1]), sys.argv[2]
person = Person.objects.get(email="resident@demo.example")
asked = [c for c in Consultation.objects.for_pages() if c.opens_at < clock.now()]
number = 0
while not stop.exists():
    try:
        domain.contribute(
            person=person, consultation=asked[number % len(asked)], kind="comment", submission=uuid.uuid4(),
            text=f"备份时写的第{number}条，{name}。", at=clock.now(),
        )
    except Exception as error:
        if type(error).__name__ != "Refused":
            raise
    with transaction.atomic():
        Document.objects.create(title=f"{name} {number}", file=ContentFile(b"%PDF " * 2000, f"{name}-{number}.pdf"))
    number += 1
    print(number, flush=True)
    time.sleep(0.03)  # some twenty a second are load enough, and leave the machine to the backup
"""
#: What must be the same on both sides of the seam between rows and files.
LOOK = """
import json
from pathlib import Path
from django.contrib.sessions.models import Session
from wagtail.documents.models import Document
from civic.audit.models import Entry, Unsealed
from civic.people.models import Person
from consult.discussion.models import Contribution
from search.models import StoredDocument
print(json.dumps({
    "documents": Document.objects.count(), "entries": Entry.objects.count(),
    "words": Contribution.objects.count(), "people": Person.objects.count(), "found": StoredDocument.objects.count(),
    "sessions": Session.objects.count(), "unsealed": Unsealed.objects.count(),
    "lost": [d.title for d in Document.objects.all() if not Path(d.file.path).exists()],
}))
"""


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def test_a_backup_taken_under_load_restores_to_a_state_that_proves(kind: str, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    with (
        installation(kind, tmp_path / "old", seeded=True) as old,
        installation(kind, tmp_path / "new", seeded=False) as new,
    ):
        stop, backup = tmp_path / "stop", tmp_path / "backup"
        writers = [old.python(WRITER, str(stop), name) for name in ("wang", "li")]
        for writer in writers:
            writer.wait_until_it_says("1")
        taken = old.manage("backup", str(backup))
        stop.touch()
        for writer in writers:
            assert writer.wait() == 0, writer.told()
        assert taken.returncode == 0, taken.stderr

        given = new.manage("restore", str(backup))
        assert (given.returncode, given.stderr) == (0, "")
        proved = new.manage("prove")
        assert proved.returncode == 0, proved.stdout
        before, after = json.loads(old.ask(LOOK)), json.loads(new.ask(LOOK))
        # Writers went on: the backup is of one moment in between.
        assert 1 < after["documents"] < before["documents"]
        assert after["entries"] <= before["entries"]
        assert (after["people"], after["lost"], after["sessions"]) == (before["people"], [], 0)
        assert after["found"] > 0
        # No worker runs on either side; what waited for its seal has it.
        assert (before["unsealed"] > 0, after["unsealed"]) == (True, 0)

        again = new.manage("restore", str(backup))
        assert (again.returncode, again.stderr.count("\n")) == (2, 1)
        assert "already" in again.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "new", "old", "stop"]


@pytest.mark.needs("postgresql")
def test_a_dump_that_breaks_off_leaves_the_database_empty(tmp_path: Path) -> None:
    """Sealed and yet not readable: PostgreSQL itself refuses, in one transaction."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    with (
        installation("postgresql", tmp_path / "old", seeded=True) as old,
        installation("postgresql", tmp_path / "new", seeded=False) as new,
    ):
        assert old.manage("backup", str(tmp_path / "backup")).returncode == 0
        reseal = """
import json, sys
from pathlib import Path
from civic.core import backups
folder = Path(sys.argv[1]); dump = folder / "database.dump"
dump.write_bytes(dump.read_bytes()[:-len(dump.read_bytes()) // 3])
manifest = backups.read(folder)
manifest["files"]["database.dump"] = backups._told(dump)
manifest["seal"] = backups._seal(manifest)
(folder / "manifest.json").write_text(json.dumps(manifest))
"""
        assert old.python(reseal, str(tmp_path / "backup")).wait() == 0

        refused = new.manage("restore", str(tmp_path / "backup"))

        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "pg_restore failed" in refused.stderr
        tables = new.ask("from django.db import connection; print(len(connection.introspection.table_names()))")
        assert tables == "0"
        assert not (new.home / "media").exists()
        assert not list(new.home.glob(".media-*"))


def test_a_backup_that_is_stopped_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with installation("sqlite", tmp_path / "old", seeded=True) as old:
        slow = """
import os, signal, sys, time
from django.core.management import call_command
from civic.core import backups
backups._copy_media = lambda *_a: (print("now", flush=True), time.sleep(30))
call_command("backup", sys.argv[1])
"""
        script = old.python(slow, str(tmp_path / "backup"))
        script.wait_until_it_says("now")
        script.process.send_signal(signal.SIGTERM)

        assert script.wait() == 143
        assert [path.name for path in tmp_path.iterdir()] == ["old"]
