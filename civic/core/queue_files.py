"""The queue of a machine without a broker: one file per message.

Kombu's own channel makes the file first and fills it afterwards; a worker that
looks in between takes an empty message, cannot read it, and dies.  Here a
message appears under its name only when all of it is there.
"""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A channel whose messages are whole from the moment they can be seen.

    It makes its folders itself: a command may be the first to ring in a new home.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override]  # as its parent has it
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        place = Path(self.data_folder_out) / name
        unseen = place.with_name(f".{name}.part")  # `_get` takes names that end in the queue's
        try:
            unseen.write_bytes(dumps(payload).encode())
            unseen.replace(place)
        except OSError as error:
            unseen.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add file {str(place)!r} to directory") from error


class Transport(filesystem.Transport):
    """What ``filesystem://`` means here."""

    Channel = Channel


def install() -> None:
    """Let ``filesystem://`` be this transport from now on."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
