"""``restore DIR``: an empty installation becomes what it was when the backup was taken."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError

from civic.core import backups, commands
from civic.core.commands import BadInput
from civic.core.dumps import Unusable


class Command(commands.Command):
    help = "Fill the empty database and media folder from a backup, migrate it to this version, rebuild the index."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="what backup wrote")

    def handle(self, *args: Any, folder: str, **options: Any) -> None:
        """Restore; say what is there now and what to run next."""
        commands.stop_tidily()
        try:
            manifest = backups.restore(Path(folder).absolute(), progress=self.progress)
        except (Unusable, OSError, ValueError, KeyError, TypeError, DatabaseError) as fault:
            raise BadInput(f"restore: {fault}") from None
        self.progress("")
        self.stdout.write(f"Restored the state of {manifest['at']}. Now run: python manage.py prove")
