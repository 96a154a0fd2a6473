from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordConfig(AppConfig):
    name = "consult.record"
    label = "consult_record"
    verbose_name = _("The record")

    def ready(self) -> None:
        from civic.access.verifying import VERIFY  # noqa: PLC0415 - models are loaded only now
        from civic.ui.shell import add_desk  # noqa: PLC0415
        from consult.record import actions  # noqa: PLC0415

        add_desk(
            _("Verify residents"), "desk-people", actions={VERIFY}, place=55,
            about=_("Look at somebody's papers at the counter, and confirm who they are."),
        )  # fmt: skip
        add_desk(
            _("The record"), "desk-record", actions={actions.READ}, place=60,
            about=_("Everything that happened here, sealed so that nothing can be changed unseen."),
        )  # fmt: skip
