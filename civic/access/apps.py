from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "civic.access"
    label = "civic_access"
    verbose_name = _("Access")

    def ready(self) -> None:
        from civic.access import personal, scopes, sessions, verifying  # noqa: F401, PLC0415 - models are loaded only now
        from civic.access.mandates import entrusted_to  # noqa: PLC0415
        from civic.ui import shell  # noqa: PLC0415

        shell.plug_in_powers(lambda person, at: entrusted_to(person, at=at))
