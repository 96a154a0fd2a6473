from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "civic.people"
    label = "civic_people"
    verbose_name = _("People")

    def ready(self) -> None:
        from civic.people import actions, proofs, sections, subscribers  # noqa: F401, PLC0415 - models are loaded only now
