"""Which migrations let the previous release go on working beside the new one.

During an upgrade the database is migrated first, then the web servers are
replaced one by one: for some minutes the old code reads and writes the new
tables.  So a release only adds; what it no longer needs goes with the next one
(docs/operations.md, "Two releases side by side").

``python -m tests.architecture.migration_safety`` writes the list of what is
released: part of making a release.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import migrations
from django.db.models import NOT_PROVIDED
from django.db.models.fields.related import ManyToManyField

from civic.core.statements import EachDatabase

OURS = ("civic_", "orgs_", "consult_", "search")
RELEASED = Path(__file__).with_name("released_migrations.txt")
#: A line of a migration that says why it is safe all the same; a person has thought about it.
ALLOWED = re.compile(r"^# safe beside the previous release: \S.{10,}$", re.MULTILINE)
GONE = {
    migrations.DeleteModel: "drops a table the previous release reads",
    migrations.RemoveField: "drops a column the previous release reads",
    migrations.RenameField: "renames a column the previous release reads",
    migrations.RenameModel: "renames a table the previous release reads",
    migrations.AlterModelTable: "renames a table the previous release reads",
    migrations.AlterUniqueTogether: "adds a rule the previous release may break",
    migrations.AddConstraint: "adds a rule the previous release may break",
    migrations.RunSQL: "runs statements nobody but a reader can judge",
    EachDatabase: "runs statements nobody but a reader can judge",
    migrations.RunPython: "runs code nobody but a reader can judge",
}


def released(path: Path) -> set[str]:
    """Return the migrations of the last release: ``app.name`` a line, comments aside."""
    return {line.strip() for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")}


def dangers(migration: Any, *, new_tables: set[tuple[str, str]], text: str) -> Iterator[str]:
    """Yield what of one migration the previous release could not live with.

    ``new_tables`` are (app, model) the previous release does not know: nothing
    done to them harms it.
    """
    if ALLOWED.search(text):
        return
    for operation in migration.operations:
        if (migration.app_label, _model(operation)) in new_tables:
            continue
        why = next((why for kind, why in GONE.items() if isinstance(operation, kind)), None) or _column(operation)
        if why:
            yield f"{migration.app_label}.{migration.name}: {operation.describe()} ({why})"


def created(found: Iterable[Any]) -> set[tuple[str, str]]:
    """Return the tables these migrations create."""
    return {
        (migration.app_label, operation.name.lower())
        for migration in found
        for operation in migration.operations
        if isinstance(operation, migrations.CreateModel)
    }


def _model(operation: Any) -> str:
    name = getattr(operation, "model_name", None) or getattr(operation, "name", None) or ""
    return str(name).lower()


def _column(operation: Any) -> str:
    """Say what is wrong with a column that is added or changed; nothing when the old code may leave it out."""
    if not isinstance(operation, migrations.AddField | migrations.AlterField):
        return ""
    column = operation.field
    if column.null or isinstance(column, ManyToManyField) or column.db_default is not NOT_PROVIDED:
        return ""
    if isinstance(operation, migrations.AddField):
        # Django takes a default away again once the column stands.
        return "adds a column the previous release does not fill: give it null=True or a db_default"
    return "changes a column the previous release writes: say why it still can"


def write_released() -> None:
    """Write down that every migration there is now has been released."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
    django.setup()
    from django.db.migrations.loader import MigrationLoader

    names = sorted(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or () if app.startswith(OURS))
    head = "# What is released, against which newer migrations are checked (migration_safety.py writes this list).\n"
    RELEASED.write_text(head + "\n".join(names) + "\n")


if __name__ == "__main__":
    write_released()
