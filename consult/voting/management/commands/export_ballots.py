"""``export_ballots POLL DIR``: the evidence of a counted poll as files."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from civic.core.commands import BadInput
from civic.core.commands import Command as BaseCommand
from consult.voting import evidence
from consult.voting.models import Poll


class Command(BaseCommand):
    help = "Write a counted poll's rules, chain, ballots, turnout and result into an empty folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("poll", help="the poll's address, such as what-first")
        parser.add_argument("folder", type=Path, help="a folder that is new or empty")

    def handle(self, *args: Any, **options: Any) -> None:
        poll = Poll.objects.filter(slug=options["poll"]).first()
        if poll is None:
            raise BadInput(f"there is no poll {options['poll']}")
        if not poll.result_hash:
            raise BadInput(f"{poll.slug} has not been counted yet")
        folder: Path = options["folder"]
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput(f"{folder} holds something already: name a new or an empty folder")
        files = evidence.published(poll)
        try:
            folder.mkdir(exist_ok=True)
            for name, data in files.items():
                (folder / name).write_bytes(data)
        except OSError as error:
            raise BadInput(f"{folder} cannot be written: {error.strerror}") from None
        self.stdout.write(f"{poll.slug}: {', '.join(sorted(files))}")
