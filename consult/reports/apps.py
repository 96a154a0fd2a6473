from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "consult.reports"
    label = "consult_reports"
    verbose_name = _("Results")

    def ready(self) -> None:
        from civic.policies.citations import register  # noqa: PLC0415 - models are loaded only now
        from consult.reports import (  # noqa: F401, PLC0415
            actions,
            home,
            kinds,
            personal,
            proofs,
            subscribers,
            webhooks,
        )
        from consult.reports.citing import Citations  # noqa: PLC0415

        register(Citations())
