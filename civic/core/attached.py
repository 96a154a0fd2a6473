"""Rooms of the database that are kept apart: schemas on PostgreSQL, files beside the main one on SQLite.

``settings.ROOMS`` names them.  Tables in them are written as ``db_table = 'room"."table'``.  On SQLite
every connection attaches the files in the order of the setting, which is the order they are committed in: a
crash of the machine between two of them leaves the earlier written and the later not.
"""

from pathlib import Path
from typing import Any

from django.conf import settings


def attach(connection: Any, **_signal: Any) -> None:
    """Attach the rooms to a new SQLite connection; elsewhere they are schemas."""
    if connection.vendor != "sqlite":
        return
    with connection.connection as raw:
        there = {name for _number, name, _file in raw.execute("PRAGMA database_list")}
        for room in settings.ROOMS:
            if room not in there:
                raw.execute(f'ATTACH DATABASE ? AS "{room}"', [address(connection, room)])
                raw.execute(f'PRAGMA "{room}".journal_mode=WAL')
                # A voter who saw a receipt is in the files, whatever happens to the machine.
                raw.execute(f'PRAGMA "{room}".synchronous=FULL')


def address(connection: Any, room: str) -> str:
    """Return what SQLite is told to attach for a room: a file, or memory where the main one is memory."""
    main = str(connection.settings_dict["NAME"])
    if connection.is_in_memory_db():
        return f"file:{room}_of_{abs(hash(main))}?mode=memory&cache=shared"
    return str(path(Path(main), room))


def path(main: Path, room: str) -> Path:
    """Return where a room's file lies: beside the main one."""
    return main.with_name(f"{main.stem}.{room}{main.suffix}")
