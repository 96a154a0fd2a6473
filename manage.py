#!/usr/bin/env python
"""Run a management command: ``python manage.py <command>``."""

import gc
import os
import sys


def main() -> None:
    # Migrating makes models by the ten thousand: with the usual threshold a quarter of it is looking for garbage.
    gc.set_threshold(20_000, 20, 20)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
    from django.conf import settings  # noqa: PLC0415 - Django's own order
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        settings.DEBUG  # noqa: B018 - reads the settings, so that what is missing is told without a traceback
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
