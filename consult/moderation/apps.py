from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "consult.moderation"
    label = "consult_moderation"
    verbose_name = _("Moderation")

    def ready(self) -> None:
        from consult.consultations import concluding  # noqa: PLC0415 - models are loaded only now
        from consult.discussion import gates, panels, withheld  # noqa: PLC0415
        from consult.moderation import (  # noqa: F401, PLC0415
            actions,
            forgetting,
            personal,
            proofs,
            queries,
            slow,
            subscribers,
        )
        from consult.moderation.panel import slow_panel  # noqa: PLC0415

        gates.plug_in(slow.SlowGate())
        withheld.plug_in(queries.why_withheld)
        concluding.plug_in(queries.why_not_final)
        panels.add_notice(slow_panel)
