from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "civic.notify"
    label = "civic_notify"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from civic.access.sessions import ask_along  # noqa: PLC0415 - models are loaded only now
        from civic.notify import actions, metrics, personal, proofs, queries  # noqa: F401, PLC0415

        ask_along(queries.UNREAD, queries.unread_of_each)
