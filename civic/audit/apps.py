from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "civic.audit"
    label = "civic_audit"
    verbose_name = _("Audit record")

    def ready(self) -> None:
        from civic.audit import forgetting, metrics, proofs, reads, sealing  # noqa: F401, PLC0415 - models are loaded only now
