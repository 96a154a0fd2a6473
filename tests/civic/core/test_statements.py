import pytest
from django.db import connection

from civic.core.statements import EachDatabase

pytestmark = pytest.mark.django_db(transaction=True)
MADE = ["CREATE TABLE made_here (word text)", "INSERT INTO made_here VALUES ('100 %s')"]


def words() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM made_here")
        return [word for (word,) in cursor.fetchall()]


def test_statements_run_as_they_stand_and_are_taken_back() -> None:
    step = EachDatabase({connection.vendor: MADE}, undo={connection.vendor: ["DROP TABLE made_here"]})
    with connection.schema_editor() as editor:
        step.database_forwards("civic_core", editor, None, None)
    assert words() == ["100 %s"]

    with connection.schema_editor() as editor:
        step.database_backwards("civic_core", editor, None, None)
    assert "made_here" not in connection.introspection.table_names()


def test_another_databases_statements_are_left_alone() -> None:
    step = EachDatabase({"another": MADE}, undo={})
    with connection.schema_editor() as editor:
        step.database_forwards("civic_core", editor, None, None)

    assert "made_here" not in connection.introspection.table_names()
