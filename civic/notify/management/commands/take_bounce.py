"""``take_bounce``: note what a mail server reports as undeliverable."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from civic.core import clock, commands
from civic.core.commands import BadInput
from civic.notify import bounces


class Command(commands.Command):
    help = "Note what a delivery status notification (RFC 3464) reports: from a file, or from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="The mail as it came (default: standard input).")

    def handle(self, *args: Any, file: str | None, **options: Any) -> None:
        """Read one mail and say how many bounces were news."""
        try:
            raw = Path(file).read_bytes() if file else sys.stdin.buffer.read(bounces.LARGEST + 1)
        except OSError as error:
            raise BadInput(f"take_bounce: {file} cannot be read: {error.strerror}.") from None
        if len(raw) > bounces.LARGEST:
            raise BadInput("take_bounce: this is more than a report.")
        try:
            noted = bounces.take(bounces.read_dsn(raw), at=clock.now())
        except bounces.Unreadable as error:
            raise BadInput(f"take_bounce: {error}") from None
        self.stdout.write(f"{noted} noted.")
