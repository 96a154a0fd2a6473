from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationsConfig(AppConfig):
    name = "consult.consultations"
    label = "consult_consultations"
    verbose_name = _("Consultations")

    def ready(self) -> None:
        from civic.core.pages import changes_by_the_clock  # noqa: PLC0415 - models are loaded only now
        from civic.policies.consultations import plug_in  # noqa: PLC0415
        from consult.consultations import actions, finding, home, personal, proofs, subscribers  # noqa: F401, PLC0415
        from consult.consultations.provider import ConsultationProvider  # noqa: PLC0415
        from consult.consultations.queries import next_edge  # noqa: PLC0415

        changes_by_the_clock(next_edge)
        plug_in(ConsultationProvider())
