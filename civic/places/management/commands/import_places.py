"""``import_places FILE``: the county, its townships, communities and grids, from a table."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from civic.audit.commands import RecordingCommand
from civic.core import clock, tables
from civic.core.commands import BadInput
from civic.places import domain


class Command(RecordingCommand):
    help = (
        "Add places, or change their names, from a CSV file with the columns code, name, name_en, parent: "
        "parent is the code of the place around it, empty for the county, and stands in an earlier line or is "
        "there already. All or nothing; run again, it changes nothing; no place is moved or removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV in UTF-8 or GB 18030")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        """Bring them in; say how many were added or renamed."""
        path, at, changed = Path(file), clock.now(), 0
        try:
            rows = tables.read(path, needed=("code", "name"), optional=("name_en", "parent"))
        except tables.WrongTable as fault:
            raise BadInput(f"import_places: {fault}") from None
        with transaction.atomic():
            for line, row in rows:
                try:
                    changed += domain.put(
                        code=row["code"], name=row["name"], name_en=row.get("name_en", ""),
                        parent=row.get("parent", ""), at=at,
                    )  # fmt: skip
                except ValueError as fault:
                    raise BadInput(f"import_places: {path}:{line}: {fault} Nothing was changed.") from None
        self.stdout.write(f"{len(rows)} places read, {changed} added or renamed.")
