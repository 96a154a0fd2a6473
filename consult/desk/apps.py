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

        add_desk(
            _("What waits"), "desk", actions=queries.WORK | {PUBLISH}, waiting=queries.waiting_count, place=10,
            within="/desk/answers/",
        )  # fmt: skip
        add_desk(
            _("Moderation"), "desk-moderation", actions={JUDGE}, waiting=moderation.waiting_count, place=20,
            about=_("Read what was reported, and decide by the house rules."),
        )  # fmt: skip
        add_desk(_("Consultations"), "desk-consultations", actions={MANAGE}, place=30, within="/desk/open/")
        add_desk(
            _("Edit policies"), "wagtailadmin_home", actions={EDIT, PUBLISH},
            about=_("Policies are written in their own editor."),
        )  # fmt: skip
        add_desk(
            _("Webhooks"), "desk-webhooks", actions={WEBHOOKS}, place=80,
            about=_("Tell other systems what becomes public here."),
        )  # fmt: skip
        add_desk(
            _("Deliveries"), "desk-deliveries", actions={OPERATE}, place=85,
            about=_("Mails and messages that did not arrive, to be sent again."),
        )  # fmt: skip
