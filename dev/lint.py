"""``make lint``: everything that can be told without running the site."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from dev.console import say
from dev.paths import ROOT, VENV

#: Name, and the command; a name says what is wrong when it fails.
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The longest first: the others fit beside it.
    ("types", ("mypy",)),
    ("import contracts", ("lint-imports", "--cache-dir", ".cache/imports")),
    ("migrations", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    ("settings", ("python", "manage.py", "check", "--fail-level", "WARNING")),
    ("translations", ("python", "-m", "dev.messages")),
    ("templates", ("djlint", "templates", "--lint", "--quiet")),
    ("style", ("ruff", "check", "--quiet", "--output-format", "concise")),
    ("format", ("ruff", "format", "--check", "--quiet", "--output-format", "concise")),
)


def main(_args: list[str]) -> int:
    """Run every check, show what each found; return 1 when one failed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(max_workers=2) as pool:
        env = {**os.environ, "GONGYI_ENV": "test", "GONGYI_HOME": home, "PYTHONUNBUFFERED": "1"}
        env.pop("DATABASE_URL", None)
        runs = [(name, pool.submit(_run, command, env)) for name, command in CHECKS]
        failed = []
        for name, run in runs:
            code, output, seconds = run.result()
            say(f"{'ok   ' if code == 0 else 'FAIL '} {name:<18}{seconds:5.1f} s")
            if code != 0:
                failed.append(name)
                say(output.rstrip())
    say(f"{'Failed: ' + ', '.join(failed) if failed else 'All well'} ({time.monotonic() - started:.0f} s)")
    return 1 if failed else 0


def _run(command: tuple[str, ...], env: dict[str, str]) -> tuple[int, str, float]:
    started = time.monotonic()
    program = sys.executable if command[0] == "python" else str(VENV / "bin" / command[0])
    done = subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, time.monotonic() - started
