from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpinionsConfig(AppConfig):
    name = "consult.opinions"
    label = "consult_opinions"
    verbose_name = _("Opinions")

    def ready(self) -> None:
        from consult.discussion.panels import add_panel  # noqa: PLC0415 - models are loaded only now
        from consult.opinions import actions, personal, proofs  # noqa: F401, PLC0415
        from consult.opinions.panel import statements_panel  # noqa: PLC0415

        add_panel(statements_panel)
