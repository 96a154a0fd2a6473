from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "civic.notify"
    label = "civic_notify"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from civic.notify import actions, metrics, personal, proofs  # noqa: F401, PLC0415 - models are loaded only now
