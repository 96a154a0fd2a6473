"""The commands, and what each needs installed before it can run."""

import importlib
import os
import sys
from dataclasses import dataclass

from dev import install
from dev.console import say
from dev.paths import ROOT, VENV, VENV_PYTHON


@dataclass(frozen=True)
class Command:
    """One command: its module (with a ``main``), the line of help, and whether it needs the tools of development."""

    module: str
    help: str
    needs_tools: bool = True


COMMANDS = {
    "demo": Command("dev.demo", "install what is missing and start the demo county", needs_tools=False),
    "test": Command("dev.suite", 'run the whole suite on real servers (ARGS="tests/civic -k window")'),
    "lint": Command("dev.lint", "format, ruff, types, import contracts, templates, migrations, translations"),
    "bench": Command("bench.measure", "measure the site beside two limits (BENCH=name runs one row)"),
    "fuzz": Command("dev.fuzz", "send hostile inputs into every form and address (FUZZ_COUNT=10000 FUZZ_SEED=n)"),
    "look": Command("dev.look", "take a picture of every page into look/ (LOOK=part-of-a-path)"),
    "messages": Command("dev.messages", "collect the texts to translate into locale/"),
}


def main(args: list[str]) -> int:
    """Install what the command needs, then run it inside ``.venv``."""
    if not args or args[0] not in COMMANDS:
        for name, command in COMMANDS.items():
            say(f"  make {name:<10}{command.help}")
        return 0 if not args else 2
    command = COMMANDS[args[0]]
    module = importlib.import_module(command.module) if _inside_venv() else None
    if not _inside_venv():
        _check_early(args[0])
        install.ensure(with_tools=command.needs_tools)
        os.chdir(ROOT)
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", "dev", *args])
    install.ensure(with_tools=command.needs_tools)
    assert module is not None
    return int(module.main(args[1:]))


def _check_early(name: str) -> None:
    """Refuse what can be refused before an installation takes a minute."""
    if name == "demo":
        from dev import demo  # noqa: PLC0415 - only this command has something to check

        demo.settings_from_environment()


def _inside_venv() -> bool:
    return os.path.realpath(sys.prefix) == os.path.realpath(VENV)
