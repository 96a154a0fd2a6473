from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GrantsConfig(AppConfig):
    name = "orgs.grants"
    label = "orgs_grants"
    verbose_name = _("Grants")

    def ready(self) -> None:
        from civic.access.mandates import plug_in  # noqa: PLC0415 - models are loaded only now
        from civic.ui.shell import add_desk  # noqa: PLC0415
        from orgs.grants import actions, forgetting, personal, subscribers  # noqa: F401, PLC0415
        from orgs.grants.provider import GrantProvider  # noqa: PLC0415

        plug_in(GrantProvider())
        add_desk(
            _("Powers given"), "desk-grants", actions={actions.ISSUE}, place=70,
            about=_("Say who may do what, where and until when."),
        )  # fmt: skip
        add_desk(
            _("A power for an hour"), "desk-more", actions={actions.ELEVATE}, place=75,
            about=_("For what cannot wait. Each use is public."),
        )  # fmt: skip
