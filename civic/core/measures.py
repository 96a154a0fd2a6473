"""What an operator watches of the database and of the backups."""

from pathlib import Path

from django.conf import settings
from django.db import connection

from civic.core import clock, metrics

BACKUP_MARK = "last-backup"


def note_backup() -> None:
    """Remember that a backup was finished just now."""
    mark = Path(settings.HOME) / "run" / BACKUP_MARK
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _backup_age() -> metrics.Reading:
    mark = Path(settings.HOME) / "run" / BACKUP_MARK
    return [((), clock.now().timestamp() - mark.stat().st_mtime)] if mark.exists() else []


def _connections() -> metrics.Reading:
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() GROUP BY 1"
        )
        return [((str(state),), float(number)) for state, number in cursor.fetchall()]


def _most_connections() -> metrics.Reading:
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'max_connections'")
        return [((), float(cursor.fetchone()[0]))]


metrics.gauge("gongyi_backup_age_seconds", "Since the last backup of this GONGYI_HOME", _backup_age)
metrics.gauge("gongyi_database_connections", "Connections to our database", _connections, labels=("state",))
metrics.gauge("gongyi_database_connections_most", "Connections the database server takes", _most_connections)
