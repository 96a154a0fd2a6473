from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    name = "civic.places"
    label = "civic_places"
    verbose_name = _("Places")

    def ready(self) -> None:
        from civic.places import actions  # noqa: F401, PLC0415 - declared by being read
