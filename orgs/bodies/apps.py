from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BodiesConfig(AppConfig):
    name = "orgs.bodies"
    label = "orgs_bodies"
    verbose_name = _("Organisations")

    def ready(self) -> None:
        from orgs.bodies import actions, bearings, personal  # noqa: F401, PLC0415 - models are loaded only now
