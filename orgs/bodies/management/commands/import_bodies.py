"""``import_bodies FILE``: departments and societies, from a table."""

from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone, translation

from civic.audit.commands import RecordingCommand
from civic.core import clock, tables
from civic.core.commands import BadInput
from orgs.bodies import domain
from orgs.bodies.models import Organisation

NEEDED = ("slug", "kind", "name", "place")
OPTIONAL = ("name_en", "about", "about_en", "phone", "admitted_until")


class Command(RecordingCommand):
    help = (
        f"Add organisations, or change what is known of them, from a CSV file with the columns {', '.join(NEEDED)} "
        f"and, as you like, {', '.join(OPTIONAL)}. Kinds: {', '.join(Organisation.Kind.values)}. "
        "All or nothing; run again, it changes nothing; no body is moved or removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV in UTF-8 or GB 18030")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        """Bring them in; say how many were added or changed."""
        path, at, changed = Path(file), clock.now(), 0
        try:
            rows = tables.read(path, needed=NEEDED, optional=OPTIONAL)
        except tables.WrongTable as fault:
            raise BadInput(f"import_bodies: {fault}") from None
        with transaction.atomic(), translation.override("en"):
            for line, row in rows:
                try:
                    fields: dict[str, Any] = dict(row)
                    if "admitted_until" in fields:
                        fields["admitted_until"] = _end_of(fields["admitted_until"])
                    changed += domain.put(slug=fields.pop("slug"), place=fields.pop("place"), at=at, **fields)
                except ValueError as fault:
                    raise BadInput(f"import_bodies: {path}:{line}: {fault} Nothing was changed.") from None
        self.stdout.write(f"{len(rows)} organisations read, {changed} added or changed.")


def _end_of(day: str) -> datetime | None:
    """Return the first instant of a day written as 2027-01-01, in the county's time; None for nothing."""
    return timezone.make_aware(datetime.combine(datetime.strptime(day, "%Y-%m-%d"), time.min)) if day else None  # noqa: DTZ007 - made aware here
