from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "consult.desk"
    label = "consult_desk"
    verbose_name = _("Desk")

    def ready(self) -> None:
        from civic.notify.actions import OPERATE, WEBHOOKS  # noqa: PLC0415
        from civic.policies.actions import EDIT, PUBLISH  # noqa: PLC0415 - models are loaded only now
        from civic.ui.shell import add_desk  # noqa: PLC0415
        from consult.consultations.actions import MANAGE  # noqa: PLC0415
        from consult.desk import panels, queries  # noqa: F401, PLC0415
        from consult.moderation import queries as moderation  # noqa: PLC0415
        from consult.moderation.actions import JUDGE  # noqa: PLC0415

        add_desk(_("What waits"), "desk", actions=queries.WORK | {PUBLISH}, waiting=queries.waiting_count, place=10)
        add_desk(_("Moderation"), "desk-moderation", actions={JUDGE}, waiting=moderation.waiting_count, place=20)
        add_desk(_("Consultations"), "desk-consultations", actions={MANAGE}, place=30)
        add_desk(_("Edit policies"), "wagtailadmin_home", actions={EDIT, PUBLISH})
        add_desk(_("Webhooks"), "desk-webhooks", actions={WEBHOOKS}, place=80)
        add_desk(_("Deliveries"), "desk-deliveries", actions={OPERATE}, place=85)
