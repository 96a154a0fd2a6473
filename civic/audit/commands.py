"""Commands that leave entries in the record."""

from typing import Any

from civic.audit import sealing
from civic.core import clock
from civic.core.commands import Command


class RecordingCommand(Command):
    """A command that seals at its end what waits, since no worker need be running beside it.

    Without that, ``prove`` would call the sealing stopped five minutes after
    a county was filled by commands alone.
    """

    def _execute(self, *args: Any, **options: Any) -> str | None:
        answer = super()._execute(*args, **options)
        sealing.seal_waiting(at=clock.now(), wait=True)
        return answer
