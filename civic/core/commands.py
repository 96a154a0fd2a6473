"""A management command that refuses bad input in one line, exit 2."""

import signal
import sys
import threading
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class BadInput(CommandError):
    """What the user gave cannot be used; the message says why, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()), returncode=2)


class Command(BaseCommand):
    """Base of our commands: progress goes to standard error, only on a terminal."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return a parser whose complaint is one line, without the usage text."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)

        def complain(message: str) -> None:
            raise BadInput(f"{subcommand}: {message}")

        parser.error = complain  # type: ignore[method-assign]  # argparse offers no other way
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Run, turning ``BadInput`` raised while parsing into the same one line."""
        try:
            super().run_from_argv(argv)
        except BadInput as error:
            self._refuse(error)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run; on a command line ``BadInput`` becomes its sentence and exit 2, for callers it stays an exception."""
        try:
            return self._execute(*args, **options)
        except BadInput as error:
            if getattr(self, "_called_from_command_line", False):
                self._refuse(error)
            raise

    def _execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if _is_prepared():
                raise
            raise BadInput(
                "The database is not prepared for this version: run `python manage.py migrate` first."
            ) from error

    def _refuse(self, error: BadInput) -> NoReturn:
        self.stderr.write(str(error))
        sys.exit(error.returncode)

    def progress(self, message: str) -> None:
        """Show how far a long command is, when somebody is watching."""
        if self.stderr.isatty():
            self.stderr.write(f"\r\033[K{message}", ending="")


def _is_prepared() -> bool:
    """Tell whether the database answers and every migration has run; a database that is away is another matter."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return True
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def stop_tidily() -> None:
    """Let SIGTERM end this command as an exception, so that what it began is tidied up."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))
