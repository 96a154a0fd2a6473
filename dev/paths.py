"""Where things are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = Path(os.environ.get("UV_PROJECT_ENVIRONMENT") or ROOT / ".venv").absolute()
VENV_PYTHON = VENV / "bin" / "python"
CACHE = ROOT / ".cache"


def home() -> Path:
    """Return the folder that holds the database, media, search index and outgoing mail."""
    return Path(os.environ.get("GONGYI_HOME") or ROOT / ".gongyi").expanduser().resolve()
