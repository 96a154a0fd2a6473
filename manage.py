#!/usr/bin/env python
"""Run a management command: ``python manage.py <command>``."""

import gc
import os
import sys


def main() -> None:
    # Migrating makes models by the ten thousand: with the usual threshold a quarter of it is looking for garbage.
    gc.set_threshold(20_000, 20, 20)
    read_settings()
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - Django's own order

    execute_from_command_line(sys.argv)


def read_settings() -> None:
    """End with what is missing or wrong in the settings, a line each and no traceback; deploy/ asks this, too."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
    from django.conf import settings  # noqa: PLC0415
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    try:
        settings.DEBUG  # noqa: B018 - the first question reads them
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
