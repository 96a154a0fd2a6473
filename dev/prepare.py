"""Bringing a home folder and its database up to date: ``python -m dev.prepare``.

Runs inside ``.venv`` with the site's environment.  Safe to run again: it only
adds what is missing.
"""

import fcntl
import gc
import hashlib
import os
import sys
from pathlib import Path

import django
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from dev.console import refuse, say
from dev.paths import ROOT
from dev.site import make_home
from manage import read_settings

ACCOUNTS = "@demo.example"


def main() -> None:
    """Make folders, compile texts, collect static files, migrate, and fill a new database with the demo county."""
    read_settings()
    _compile_texts()
    django.setup()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # see manage.py
    from django.conf import settings  # noqa: PLC0415 - not configured until the line above
    from django.core.management import call_command, get_commands  # noqa: PLC0415

    make_home(settings.HOME)
    _collect_static(settings.STATIC_ROOT)
    say("Preparing the database …")
    try:
        connection.ensure_connection()
    except OperationalError as error:
        refuse(f"DATABASE_URL: {' '.join(str(error).split())}")
    call_command("migrate", interactive=False, verbosity=0)
    if _is_filled(settings.HOME):
        _keep_password()
        return
    if "seed_demo" not in get_commands():
        return  # an installation may leave the demo county out
    say("Filling it with the demo county …")
    call_command("seed_demo")
    _marker(settings.HOME).touch()


def _compile_texts() -> None:
    """Compile the translations before anything reads them: what this process read too early it never reads again."""
    from civic.core.management.commands.compile_po import compile_file  # noqa: PLC0415 - needs what .venv holds

    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        compile_file(source)


def _collect_static(target: Path) -> None:
    """Collect and compress, unless nothing changed since the last time; homes that share the folder take turns."""
    from django.core.management import call_command  # noqa: PLC0415

    digest = hashlib.sha256((ROOT / "uv.lock").read_bytes())
    # Ours; what libraries bring changes with the lock file.
    for path in sorted(ROOT.glob("[!.]*/**/static/**/*")):
        if path.is_file() and target not in path.parents:
            digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
    stamp = target / ".collected"
    with (target / ".collecting").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return
        say("Collecting static files …")
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(digest.hexdigest())


def _marker(home: Path) -> Path:
    """Return the file that says: the demo data of this database are complete."""
    where = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode()).hexdigest()[:12]
    return home / f"demo-{where}.complete"


def _is_filled(home: Path) -> bool:
    # Both: a file without a database, or a database whose filling was interrupted, is filled again.
    from civic.people.models import Person  # noqa: PLC0415 - models are loaded only now

    return _marker(home).exists() and Person.objects.filter(email__endswith=ACCOUNTS).exists()


def _keep_password() -> None:
    """Let the demo accounts have the password that is about to be printed."""
    from civic.people.models import Person  # noqa: PLC0415

    password = os.environ["GONGYI_DEMO_PASSWORD"]
    accounts = list(Person.objects.filter(email__endswith=ACCOUNTS))
    if accounts and not accounts[0].check_password(password):
        for person in accounts:
            person.set_password(password)
            person.save(update_fields=["password"])


if __name__ == "__main__":
    try:
        main()
    except CommandError as error:
        sys.exit(str(error))
