from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "civic.events"
    label = "civic_events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from civic.events import metrics, proofs  # noqa: F401, PLC0415 - models are loaded only now
