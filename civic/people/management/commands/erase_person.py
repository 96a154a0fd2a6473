"""``erase_person``: forget somebody at once, as the law or a court asks."""

from typing import Any

from django.core.management.base import CommandParser

from civic.audit.commands import RecordingCommand
from civic.core import clock
from civic.core.commands import BadInput
from civic.people import erasing

LARGEST = 2**63 - 1


class Command(RecordingCommand):
    help = "Forget a person: words, addresses and everything else of theirs. Run again, it changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", metavar="ID", help="The person's id, a number.")

    def handle(self, *args: Any, **options: Any) -> None:
        given = str(options["id"])
        if not (given.isascii() and given.isdigit() and 0 < int(given[:30]) <= LARGEST):
            raise BadInput(f"erase_person: {given!r} is no person's id; give its number, such as 42.")
        try:
            erased = erasing.erase(person_id=int(given), at=clock.now())
        except LookupError:
            raise BadInput(f"erase_person: there is no person {given}.") from None
        if erased:
            self.stdout.write(f"Person {given} is erased.")
        else:
            self.stdout.write(f"Person {given} was erased before; nothing has changed.")
