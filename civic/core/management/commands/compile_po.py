"""Compile the translations, without gettext installed."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings

from civic.core import commands


class Command(commands.Command):
    help = "Compile every .po file of the project into the .mo file Django reads."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile what is newer than its compiled form."""
        compiled = 0
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                compiled += compile_file(source)
        if options["verbosity"] > 0:
            self.stdout.write(f"{compiled} compiled")


def compile_file(source: Path) -> bool:
    """Compile one file unless that has been done; return whether it was needed."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    try:
        catalogue = polib.pofile(str(source), encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise commands.BadInput(f"{source} cannot be read: {error}") from None
    # Written beside and moved: a running site must never read half a file.
    fresh = target.with_suffix(".mo.new")
    catalogue.save_as_mofile(str(fresh))
    fresh.replace(target)
    return True
