"""``seal_record``: bind what waits into the chain now, where no worker does."""

from typing import Any

from civic.audit import sealing
from civic.core import clock
from civic.core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Seal every entry of the record that waits. The worker does this all the time; run it where there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal; say how many entries that were."""
        self.stdout.write(f"Sealed {sealing.seal_waiting(at=clock.now(), wait=True)} entries.")
