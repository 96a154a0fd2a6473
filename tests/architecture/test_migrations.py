"""Two releases side by side: what is new since the last release only adds."""

import inspect
import sys

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now

from civic.core.statements import EachDatabase
from tests.architecture.migration_safety import OURS, RELEASED, created, dangers, released


def test_migrations_since_the_last_release_let_it_go_on_working() -> None:
    known = released(RELEASED)
    all_of_them = (MigrationLoader(None).disk_migrations or {}).items()
    new = [m for (app, name), m in all_of_them if app.startswith(OURS) and f"{app}.{name}" not in known]
    found = [
        danger for migration in new for danger in dangers(migration, new_tables=created(new), text=_text(migration))
    ]

    assert not found, (
        "Split it: add now, remove with the next release; or say in the migration"
        " '# safe beside the previous release: why':\n" + "\n".join(found)
    )


def test_the_list_of_released_migrations_names_existing_ones() -> None:
    on_disk = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or ()}

    assert released(RELEASED) - on_disk == set()


def _text(migration: migrations.Migration) -> str:
    return inspect.getsource(sys.modules[type(migration).__module__])


def migration(*operations: object) -> migrations.Migration:
    class Made(migrations.Migration):
        pass

    Made.operations = list(operations)
    return Made("0002_more", "civic_people")


UNSAFE = {
    "drop": migrations.RemoveField("person", "phone"),
    "rename": migrations.RenameField("person", "phone", "mobile"),
    "rename table": migrations.RenameModel("Person", "Human"),
    "drop table": migrations.DeleteModel("Person"),
    "not null": migrations.AddField("person", "age", models.IntegerField(default=0)),
    "narrower": migrations.AlterField("person", "phone", models.CharField(max_length=5)),
    "rule": migrations.AddConstraint("person", models.UniqueConstraint(fields=["phone"], name="one_phone")),
    "statements": migrations.RunSQL("DROP TABLE civic_people_person"),
    "statements of each database": EachDatabase({"sqlite": ["DROP TABLE civic_people_person"]}, undo={}),
    "code": migrations.RunPython(migrations.RunPython.noop),
}
SAFE = {
    "null": migrations.AddField("person", "age", models.IntegerField(null=True)),
    "default of the database": migrations.AddField("person", "age", models.IntegerField(db_default=0)),
    "moment": migrations.AddField("person", "seen_at", models.DateTimeField(db_default=Now())),
    "wider": migrations.AlterField("person", "phone", models.CharField(max_length=500, null=True)),
    "table": migrations.CreateModel("Pet", [("id", models.BigAutoField(primary_key=True))]),
    "many to many": migrations.AddField("person", "friends", models.ManyToManyField("civic_people.Person")),
    "index": migrations.AddIndex("person", models.Index(fields=["phone"], name="by_phone")),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_what_breaks_the_previous_release_is_found(name: str) -> None:
    assert len(list(dangers(migration(UNSAFE[name]), new_tables=set(), text=""))) == 1


@pytest.mark.parametrize("name", SAFE)
def test_what_only_adds_passes(name: str) -> None:
    assert list(dangers(migration(SAFE[name]), new_tables=set(), text="")) == []


def test_a_table_the_previous_release_does_not_know_may_change_as_it_likes() -> None:
    new = migration(migrations.CreateModel("Person", [("id", models.BigAutoField(primary_key=True))]), *UNSAFE.values())
    found = list(dangers(new, new_tables=created([new]), text=""))

    # Statements and code belong to no table.
    assert [danger for danger in found if "nobody but a reader" not in danger] == []
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("# safe beside the previous release: the column was never written\n", 0),
        ("# safe beside the previous release:\n", 1),
        ("x = 1  # safe beside the previous release: in the middle of a line\n", 1),
    ],
)
def test_a_person_may_say_why_it_is_safe_in_a_line_of_its_own(text: str, number: int) -> None:
    assert len(list(dangers(migration(UNSAFE["drop"]), new_tables=set(), text=text))) == number
