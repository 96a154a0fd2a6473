from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "civic.core"
    label = "civic_core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from civic.core import attached, changes, following, measures  # noqa: F401, PLC0415 - connected and declared by being read

        post_migrate.connect(make_cache_table, dispatch_uid="core-cache-table")
        connection_created.connect(attached.attach, dispatch_uid="core-rooms")
        connection_created.connect(changes.watch_connection, dispatch_uid="core-changes")
        pre_migrate.connect(changes.pause, dispatch_uid="core-changes-pause")
        post_migrate.connect(changes.go_on, dispatch_uid="core-changes-go-on")


def make_cache_table(app_config: AppConfig, using: str, **_signal: Any) -> None:
    """Create the embedded cache's table, once per run (nothing to do when the cache is elsewhere)."""
    if app_config.label == "contenttypes":
        call_command("createcachetable", verbosity=0, database=using)
