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
        from civic.core import (  # noqa: PLC0415 - connected and declared by being read
            attached,
            changes,
            connections,
            following,  # noqa: F401
            measures,  # noqa: F401
        )

        post_migrate.connect(make_cache_table, dispatch_uid="core-cache-table")
        connection_created.connect(attached.attach, dispatch_uid="core-rooms")
        connection_created.connect(changes.watch_connection, dispatch_uid="core-changes")
        connection_created.connect(connections.look_before_asking, dispatch_uid="core-connections")
        pre_migrate.connect(changes.pause, dispatch_uid="core-changes-pause")
        post_migrate.connect(changes.go_on, dispatch_uid="core-changes-go-on")


def make_cache_table(app_config: AppConfig, using: str, **_signal: Any) -> None:
    """Create the embedded cache's table, once per run (nothing to do when the cache is elsewhere)."""
    if app_config.label == "contenttypes":
        call_command("createcachetable", verbosity=0, database=using)
