from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiscussionConfig(AppConfig):
    name = "consult.discussion"
    label = "consult_discussion"
    verbose_name = _("Discussion")

    def ready(self) -> None:
        from consult.discussion import (  # noqa: F401, PLC0415 - models are loaded only now
            actions,
            finding,
            personal,
            proofs,
            subscribers,
        )
