"""``prove``: check every stored counter, hash and invariant against the rows."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from civic.core import commands, proofs
from civic.core.commands import BadInput


class Command(commands.Command):
    help = "Check every stored counter, hash and invariant against the rows; exit 1 and a line per fault."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="*", help="Only these proofs (default: all).")

    def handle(self, *args: Any, name: list[str], **options: Any) -> None:
        """Run the proofs; one line per fault, or one line saying that there is none."""
        known = proofs.names()
        chosen = name or known
        unknown = sorted(set(chosen) - set(known))
        if unknown:
            raise BadInput(f"prove: there is no proof called {unknown[0]}; there are: {', '.join(known)}.")
        found = 0
        for number, which in enumerate(chosen, start=1):
            self.progress(f"{number}/{len(chosen)} {which}")
            for fault in proofs.faults(which):
                found += 1
                self.stdout.write(f"{which}: {fault}")
        self.progress("")
        if found:
            sys.exit(1)
        self.stdout.write(f"{len(chosen)} proof{'s' if len(chosen) != 1 else ''}, no fault.")
