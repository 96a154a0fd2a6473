"""``backup DIR``: the database and the media of this moment, while the site goes on."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError

from civic.core import backups, clock, commands, measures
from civic.core.commands import BadInput
from civic.core.dumps import Unusable


class Command(commands.Command):
    help = "Write the database, the media and a manifest of both into a new folder. The site may go on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="a new or an empty folder; its parent must exist")

    def handle(self, *args: Any, folder: str, **options: Any) -> None:
        """Write the backup; say where it is and how large."""
        commands.stop_tidily()
        try:
            manifest = backups.back_up(Path(folder).absolute(), at=clock.now(), progress=self.progress)
        except (Unusable, OSError, ValueError, DatabaseError) as fault:
            raise BadInput(f"backup: {fault}") from None
        measures.note_backup()
        self.progress("")
        size = sum(told["size"] for told in manifest["files"].values())
        files = len(manifest["files"])
        self.stdout.write(f"Backed up {files} {'file' if files == 1 else 'files'}, {size / 1e6:.1f} MB, to {folder}.")
