"""How these commands speak, and how they refuse."""

import sys
from typing import NoReturn


def say(message: str) -> None:
    """Tell the person what is happening now."""
    print(message, flush=True)


def refuse(message: str) -> NoReturn:
    """Stop with one line on standard error, exit 2: the command cannot start like this."""
    print(message, file=sys.stderr)
    sys.exit(2)
