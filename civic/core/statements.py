"""A migration step in each database's own words: triggers, functions and tables Django has no word for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db.migrations.operations.base import Operation

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

Statements = Sequence[str]


class EachDatabase(Operation):
    """Run statements by the kind of database, "postgresql" or "sqlite"; a kind that is not named gets none.

    ``undo`` takes them back in its own order.  Per cent signs stand for themselves.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, do: Mapping[str, Statements], *, undo: Mapping[str, Statements]) -> None:
        self.do, self.undo = do, undo

    def state_forwards(self, app_label: str, state: "ProjectState") -> None:
        """Change nothing of what Django knows about its models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: "BaseDatabaseSchemaEditor",
        from_state: "ProjectState",
        to_state: "ProjectState",
    ) -> None:
        """Run what is to be done."""
        _run(self.do, schema_editor)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: "BaseDatabaseSchemaEditor",
        from_state: "ProjectState",
        to_state: "ProjectState",
    ) -> None:
        """Run what takes it back."""
        _run(self.undo, schema_editor)

    def describe(self) -> str:
        """Say what ``migrate --plan`` shows."""
        return "Statements of the database's own"


def _run(statements: Mapping[str, Statements], schema_editor: "BaseDatabaseSchemaEditor") -> None:
    for statement in statements.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement, params=None)
