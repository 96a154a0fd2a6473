"""``import_polis``: a Polis export becomes a consultation to read."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.core.validators import validate_slug

from civic.audit.commands import RecordingCommand
from civic.core import clock
from civic.core.commands import BadInput
from consult.opinions import domain, reading

MAX_SLUG = 80


class Command(RecordingCommand):
    help = (
        "Bring a Polis conversation in from a folder with comments.csv and votes.csv. "
        "Bad rows are told by file and line and passed over; run again, it changes nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="the folder that holds the export")
        parser.add_argument("--consultation", metavar="SLUG", required=True, help="its address; created when new")

    def handle(self, *args: Any, folder: str, consultation: str, **options: Any) -> None:
        try:
            validate_slug(consultation)
        except ValidationError:
            raise BadInput(f"import_polis: {consultation!r} is no address: use letters, digits and hyphens.") from None
        if len(consultation) > MAX_SLUG:
            raise BadInput(f"import_polis: an address has at most {MAX_SLUG} characters.")
        path = Path(folder)
        try:
            reading.check(path)
        except (reading.WrongFile, OSError) as fault:
            raise BadInput(f"import_polis: {fault}") from None
        self.rejected = 0
        found = domain.read(path, self.complain, self.progress)
        if not found.statements:
            raise BadInput(f"import_polis: {path / reading.COMMENTS} holds no usable statement; nothing was stored.")
        totals = domain.store(found, slug=consultation, at=clock.now(), complain=self.complain, progress=self.progress)
        self.progress("")
        self.stdout.write(json.dumps(asdict(totals) | {"rejected_rows": self.rejected}))

    def complain(self, file: str, line: int, fault: str) -> None:
        """Tell a row that was passed over."""
        self.rejected += 1
        where = f"{file}:{line}" if line else file
        self.progress("")
        self.stderr.write(f"{where}: {fault}")
